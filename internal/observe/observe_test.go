package observe_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"mlops.dev/notebook-validator-operator/internal/observe"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

func reader(t *testing.T, funcs interceptor.Funcs, objects ...client.Object) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	require.NoError(t, clientgoscheme.AddToScheme(scheme))
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithInterceptorFuncs(funcs).
		WithIndex(&corev1.Event{}, observe.RefusalIndex, observe.IndexRefusals).Build()
}

func run() *batchv1.Job { return builders.MakeRunJob("run", "team").Obj() }

func TestPodsAreThoseThatTheChildControls(t *testing.T) {
	earlier := builders.MakeRunJob("run", "team").UID("earlier").Obj()
	labelled := builders.MakePod("labelled", "team").Obj()
	labelled.Labels = map[string]string{batchv1.ControllerUidLabel: string(run().UID)}
	elsewhere := builders.MakePod("elsewhere", "other").Of(run()).Obj()
	c := reader(t, interceptor.Funcs{},
		builders.MakePod("a", "team").Of(run()).Obj(), builders.MakePod("b", "team").Of(run()).Obj(),
		builders.MakePod("old", "team").Of(earlier).Obj(), labelled, elsewhere)
	pods, err := observe.JobPods(t.Context(), c, c, run(), false)
	require.NoError(t, err)
	var names []string
	for _, pod := range pods {
		names = append(names, pod.Name)
	}
	assert.ElementsMatch(t, []string{"a", "b"}, names, "a label alone is only a claim")
}

func TestPodsOfAChildThatEndedAreReadFromTheServer(t *testing.T) {
	stale := builders.MakePod("a", "team").Of(run()).Phase(corev1.PodRunning).Obj()
	fresh := builders.MakePod("a", "team").Of(run()).Phase(corev1.PodSucceeded).Obj()
	cached, live := reader(t, interceptor.Funcs{}, stale), reader(t, interceptor.Funcs{}, fresh)
	for name, test := range map[string]struct {
		ended bool
		want  corev1.PodPhase
	}{"not ended": {false, corev1.PodRunning}, "ended": {true, corev1.PodSucceeded}} {
		t.Run(name, func(t *testing.T) {
			pods, err := observe.JobPods(t.Context(), cached, live, run(), test.ended)
			require.NoError(t, err)
			require.Len(t, pods, 1)
			assert.Equal(t, test.want, pods[0].Status.Phase)
		})
	}
}

func refusal(name string, about types.UID, after time.Duration, message string) *corev1.Event {
	return &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Name: name, Namespace: "team"},
		InvolvedObject: corev1.ObjectReference{Kind: "Job", Name: "run", Namespace: "team", UID: about},
		Reason:         observe.RefusalReason, Message: message, LastTimestamp: builders.At(after),
	}
}

func TestRefusal(t *testing.T) {
	mine := run().UID
	tests := map[string]struct {
		events []client.Object
		want   string
	}{
		"none":                             {nil, ""},
		"the newest":                       {[]client.Object{refusal("a", mine, time.Hour, "new"), refusal("b", mine, time.Minute, "old")}, "new"},
		"the newest, in another order":     {[]client.Object{refusal("a", mine, time.Minute, "old"), refusal("b", mine, time.Hour, "new")}, "new"},
		"of an earlier child of that name": {[]client.Object{refusal("a", "earlier", time.Hour, "old")}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := observe.Refusal(t.Context(), reader(t, interceptor.Funcs{}, test.events...), run())
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestIndexRefusals(t *testing.T) {
	assert.Equal(t, []string{"uid-1"}, observe.IndexRefusals(refusal("a", "uid-1", 0, "")))
	assert.Nil(t, observe.IndexRefusals(run()))
}

func TestAServerThatDoesNotAnswerIsAnErrorNotAnEmptyAnswer(t *testing.T) {
	c := reader(t, interceptor.Funcs{List: func(context.Context, client.WithWatch, client.ObjectList, ...client.ListOption) error {
		return errors.New("no answer")
	}})
	_, err := observe.JobPods(t.Context(), c, c, run(), false)
	assert.ErrorContains(t, err, "list pods of run: no answer")
	_, err = observe.Refusal(t.Context(), c, run())
	assert.ErrorContains(t, err, "list events of run: no answer")
}
