package child_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/child"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

var jobs = schema.GroupResource{Group: "batch", Resource: "jobs"}

// writer writes to a cluster that holds these objects.
func writer(t *testing.T, funcs interceptor.Funcs, objects ...client.Object) child.Writer {
	t.Helper()
	scheme := runtime.NewScheme()
	require.NoError(t, clientgoscheme.AddToScheme(scheme))
	require.NoError(t, v1alpha1.AddToScheme(scheme))
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithInterceptorFuncs(funcs).Build()
	return child.Writer{Client: c, Live: c}
}

// read is the owner as the cluster holds it.
func read(t *testing.T, w child.Writer, owner *v1alpha1.NotebookValidationJob) *v1alpha1.NotebookValidationJob {
	t.Helper()
	now := &v1alpha1.NotebookValidationJob{}
	require.NoError(t, w.Live.Get(t.Context(), client.ObjectKeyFromObject(owner), now))
	return now
}

// wanted is the child as a plan gives it: without uid or owner.
func wanted() *batchv1.Job {
	return &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "run", Namespace: "team", Labels: map[string]string{"want": "this"}}}
}

func get(t *testing.T, c client.Reader) *batchv1.Job {
	t.Helper()
	job := &batchv1.Job{}
	require.NoError(t, c.Get(t.Context(), client.ObjectKey{Namespace: "team", Name: "run"}, job))
	return job
}

func TestCreateMakesTheOwnerItsController(t *testing.T) {
	owner := builders.MakeJob("iris", "team").Obj()
	w := writer(t, interceptor.Funcs{}, owner)
	require.NoError(t, w.Create(t.Context(), read(t, w, owner), wanted()))
	got := get(t, w.Live)
	assert.True(t, metav1.IsControlledBy(got, owner))
	assert.True(t, *got.OwnerReferences[0].BlockOwnerDeletion)
	assert.Equal(t, "NotebookValidationJob", got.OwnerReferences[0].Kind)
}

func TestCreateLeavesOursAsItIs(t *testing.T) {
	owner := builders.MakeJob("iris", "team").Obj()
	w := writer(t, interceptor.Funcs{}, owner, builders.MakeRunJob("run", "team").ControlledBy("NotebookValidationJob", owner).Obj())
	again := wanted()
	require.NoError(t, w.Create(t.Context(), read(t, w, owner), again), "a controller that died after the first call")
	assert.Empty(t, get(t, w.Live).Labels)
	assert.Equal(t, "batch-team-run", string(again.UID), "the one that is there")
}

func TestCreateNeverTakesOver(t *testing.T) {
	owner := builders.MakeJob("iris", "team").Obj()
	for name, there := range map[string]*batchv1.Job{
		"one of somebody else":                      builders.MakeRunJob("run", "team").ControlledBy("NotebookValidationJob", builders.MakeJob("other", "team").Obj()).Obj(),
		"one of nobody":                             builders.MakeRunJob("run", "team").Obj(),
		"one of an earlier job of the owner's name": builders.MakeRunJob("run", "team").ControlledBy("NotebookValidationJob", builders.MakeJob("iris", "team").UID("earlier").Obj()).Obj(),
	} {
		t.Run(name, func(t *testing.T) {
			w := writer(t, interceptor.Funcs{}, owner, there)
			err := w.Create(t.Context(), read(t, w, owner), wanted())
			require.ErrorContains(t, err, "run belongs to somebody else; delete it, or give iris another name")
			assert.False(t, child.Refused(err), "it may be deleted: worth another try")
			assert.Equal(t, there.OwnerReferences, get(t, w.Live).OwnerReferences)
		})
	}
}

func TestCreatePassesOnWhatTheServerSays(t *testing.T) {
	invalid := apierrors.NewInvalid(schema.GroupKind{Group: "batch", Kind: "Job"}, "run", nil)
	gone := apierrors.NewNotFound(jobs, "run")
	tests := map[string]struct {
		funcs interceptor.Funcs
		want  error
	}{
		"a refusal": {interceptor.Funcs{Create: func(context.Context, client.WithWatch, client.Object, ...client.CreateOption) error { return invalid }}, invalid},
		"a child that is gone between the two calls": {
			interceptor.Funcs{
				Create: func(context.Context, client.WithWatch, client.Object, ...client.CreateOption) error {
					return apierrors.NewAlreadyExists(jobs, "run")
				},
				Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
					return gone
				},
			}, gone,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			owner := builders.MakeJob("iris", "team").Obj()
			owner.ResourceVersion = "7" // as the cluster holds it
			w := writer(t, test.funcs, owner)
			assert.ErrorIs(t, w.Create(t.Context(), owner, wanted()), test.want)
		})
	}
}

func TestAnOwnerOfAnotherNamespaceOwnsNothing(t *testing.T) {
	owner := builders.MakeJob("iris", "other").Obj()
	w := writer(t, interceptor.Funcs{}, owner)
	assert.ErrorContains(t, w.Create(t.Context(), read(t, w, owner), wanted()), "namespace")
}

func TestNothingIsWrittenForAnOwnerThatChanged(t *testing.T) {
	owner := builders.MakeJob("iris", "team").Obj()
	w := writer(t, interceptor.Funcs{}, owner)
	stale := read(t, w, owner)
	current := stale.DeepCopy()
	current.Spec.Rerun = "again"
	require.NoError(t, w.Update(t.Context(), current))
	other := current.DeepCopy()
	other.UID = "earlier"
	for name, seen := range map[string]*v1alpha1.NotebookValidationJob{"an earlier state": stale, "an earlier incarnation": other} {
		assert.True(t, apierrors.IsConflict(w.Create(t.Context(), seen, wanted())), name)
		assert.True(t, apierrors.IsConflict(w.Apply(t.Context(), seen, wanted(), "alice")), name)
	}
	assert.True(t, apierrors.IsNotFound(w.Live.Get(t.Context(), client.ObjectKey{Namespace: "team", Name: "run"}, wanted())))
}

func TestDeleteTakesTheIncarnationThatWasSeen(t *testing.T) {
	seen := builders.MakeRunJob("run", "team").UID("seen").Obj()
	var options client.DeleteOptions
	answer := error(nil)
	w := writer(t, interceptor.Funcs{Delete: func(_ context.Context, _ client.WithWatch, _ client.Object, opts ...client.DeleteOption) error {
		options = client.DeleteOptions{}
		options.ApplyOptions(opts)
		return answer
	}})
	for name, test := range map[string]struct {
		answer  error
		trouble bool
	}{
		"it is there":                        {nil, false},
		"it is gone":                         {apierrors.NewNotFound(jobs, "run"), false},
		"another incarnation took its place": {apierrors.NewConflict(jobs, "run", errors.New("the UID in the precondition does not match")), false},
		"the server is in trouble":           {apierrors.NewInternalError(errors.New("no")), true},
	} {
		t.Run(name, func(t *testing.T) {
			answer = test.answer
			err := w.Delete(t.Context(), seen)
			assert.Equal(t, test.trouble, err != nil, "%v", err)
			require.NotNil(t, options.Preconditions)
			assert.Equal(t, seen.UID, *options.Preconditions.UID)
			assert.Equal(t, metav1.DeletePropagationBackground, *options.PropagationPolicy, "its pods go along")
		})
	}
}

func TestDelete(t *testing.T) {
	seen := builders.MakeRunJob("run", "team").Obj()
	w := writer(t, interceptor.Funcs{}, seen.DeepCopy())
	require.NoError(t, w.Delete(t.Context(), seen))
	assert.True(t, apierrors.IsNotFound(w.Live.Get(t.Context(), client.ObjectKeyFromObject(seen), &batchv1.Job{})))
	require.NoError(t, w.Delete(t.Context(), seen), "once more")
}

func TestApplyNeverTakesOver(t *testing.T) {
	owner := builders.MakeJob("iris", "team").Obj()
	stranger := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "iris-report", Namespace: "team"}, Data: map[string]string{"a": "b"}}
	w := writer(t, interceptor.Funcs{}, owner, stranger)
	ours := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "iris-report", Namespace: "team"}}
	require.ErrorContains(t, w.Apply(t.Context(), read(t, w, owner), ours, "alice"), "iris-report belongs to somebody else")
	got := &corev1.ConfigMap{}
	require.NoError(t, w.Live.Get(t.Context(), client.ObjectKeyFromObject(ours), got))
	assert.Equal(t, stranger.Data, got.Data)
}

func TestRefused(t *testing.T) {
	assert.True(t, child.Refused(apierrors.NewInvalid(schema.GroupKind{Kind: "Job"}, "run", nil)))
	assert.True(t, child.Refused(apierrors.NewBadRequest("no")))
	assert.False(t, child.Refused(apierrors.NewForbidden(jobs, "run", errors.New("exceeded quota"))))
	assert.False(t, child.Refused(apierrors.NewInternalError(errors.New("no"))))
	assert.False(t, child.Refused(nil))
}
