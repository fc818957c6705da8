package watch_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"mlops.dev/notebook-validator-operator/internal/testing/builders"
	"mlops.dev/notebook-validator-operator/internal/watch"
)

func event(kind, namespace, name string) *corev1.Event {
	return &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Name: "e", Namespace: namespace},
		InvolvedObject: corev1.ObjectReference{Kind: kind, Namespace: namespace, Name: name},
	}
}

func kind(apiVersion, kind string) schema.GroupVersionKind {
	return schema.FromAPIVersionAndKind(apiVersion, kind)
}

func TestJobOwner(t *testing.T) {
	job, build := builders.MakeJob("iris", "team").Obj(), builders.MakeBuild("image", "team").Obj()
	ofJob := builders.MakeRunJob("run", "team").ControlledBy("NotebookValidationJob", job).Obj()
	ofBuild := builders.MakeRunJob("builder", "team").ControlledBy("NotebookBuild", build).Obj()
	ofNobody := builders.MakeRunJob("lonely", "team").Obj()
	ofNamesake := builders.MakeRunJob("namesake", "team").Obj()
	ofNamesake.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(job, kind("other.example.com/v1", "NotebookValidationJob"))}
	otherKind := builders.MakePod("p", "team").Obj()
	otherKind.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(ofJob, kind("apps/v1", "ReplicaSet"))}
	gone := builders.MakeRunJob("gone", "team").Obj()

	tests := map[string]struct {
		obj  client.Object
		want string
	}{
		"a pod of a job's run":                  {builders.MakePod("p", "team").Of(ofJob).Obj(), "iris"},
		"an event about a job's run":            {event("Job", "team", "run"), "iris"},
		"a pod of a build":                      {builders.MakePod("p", "team").Of(ofBuild).Obj(), ""},
		"a pod of a Job that nobody owns":       {builders.MakePod("p", "team").Of(ofNobody).Obj(), ""},
		"a pod of a Job of another API":         {builders.MakePod("p", "team").Of(ofNamesake).Obj(), ""},
		"a pod whose Job is gone":               {builders.MakePod("p", "team").Of(gone).Obj(), ""},
		"a pod that nobody owns":                {builders.MakePod("p", "team").Obj(), ""},
		"a pod of something else":               {otherKind, ""},
		"an event about a pod":                  {event("Pod", "team", "run"), ""},
		"an event about a run elsewhere":        {event("Job", "other", "run"), ""},
		"a pod of a run of that name elsewhere": {builders.MakePod("p", "other").Of(ofJob).Obj(), ""},
	}
	scheme := runtime.NewScheme()
	require.NoError(t, clientgoscheme.AddToScheme(scheme))
	reader := fake.NewClientBuilder().WithScheme(scheme).WithObjects(ofJob, ofBuild, ofNobody, ofNamesake).Build()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var want []reconcile.Request
			if test.want != "" {
				want = []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: "team", Name: test.want}}}
			}
			assert.Equal(t, want, watch.JobOwner(reader, "NotebookValidationJob")(t.Context(), test.obj))
		})
	}
	t.Run("the same pod asked for by the build controller", func(t *testing.T) {
		got := watch.JobOwner(reader, "NotebookBuild")(t.Context(), builders.MakePod("p", "team").Of(ofBuild).Obj())
		require.Len(t, got, 1)
		assert.Equal(t, "image", got[0].Name)
	})
}
