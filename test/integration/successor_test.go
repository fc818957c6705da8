package integration

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// The first job's children stay, held by a finalizer, and end well after the second one of its name was made.
func TestJobOfTheSameNameSeesNothingOfTheFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.create("job", withBuild)
	w.finishBuild(first, "a")
	w.executeRun(first)
	oldRun, oldBuild := w.runOf(first), w.buildOf(first)
	oldPod := theNode.podOf(t, oldRun)
	for _, object := range []client.Object{oldRun, oldBuild} {
		held := object.DeepCopyObject().(client.Object)
		held.SetFinalizers(append(held.GetFinalizers(), "test.example.com/hold"))
		require.NoError(t, kube.Patch(t.Context(), held, client.MergeFrom(object)))
		t.Cleanup(func() { letGo(t, held) })
	}
	w.operator.stop(t)
	require.NoError(t, kube.Delete(t.Context(), first, client.PropagationPolicy(metav1.DeletePropagationBackground)))
	message, log := w.passing().Answer()
	theNode.run(t, oldPod, ending{}, ending{}, ending{message: message, log: log})
	second := w.create("job", withBuild)
	require.NotEqual(t, first.UID, second.UID)
	w.restart()

	w.finishBuild(second, "b")
	w.finishRun(second, failing(w))
	end := w.awaitFailed(second, v1alpha1.ReasonCellFailed)
	for _, state := range jobStates(w.history.until(t, end), second.UID) {
		if seen := state.Status.BuildStatus; seen != nil {
			assert.NotEqual(t, w.image("a"), seen.ImageReference, "the first job's image reached the second")
		}
		if seen := state.Status.Validation; seen != nil {
			assert.NotEqual(t, oldRun.Name, seen.RunName, "the first job's run reached the second")
		}
	}
	assertReport(t, w, second, false)
}

// The first one's report has the name that the second one's wants, and is collected only later.
func TestJobMadeAgainReplacesTheReportOfTheFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.create("job")
	w.finishRun(first, w.passing())
	w.awaitSucceeded(first)
	require.NoError(t, kube.Delete(t.Context(), first, client.PropagationPolicy(metav1.DeletePropagationBackground)))
	second := w.create("job")
	w.finishRun(second, failing(w))
	w.awaitFailed(second, v1alpha1.ReasonCellFailed)
	assertReport(t, w, second, false)
}

func TestDeletedJobTakesEverythingAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild)
	w.finishBuild(job, "a")
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)
	require.NoError(t, kube.Delete(t.Context(), job, client.PropagationPolicy(metav1.DeletePropagationBackground)))
	assertOneOfEach(t, w, 0)
}

// letGo takes a test's finalizer away.
func letGo(t *testing.T, held client.Object) {
	t.Helper()
	body := []byte(`{"metadata":{"finalizers":null}}`)
	err := kube.Patch(context.WithoutCancel(t.Context()), held, client.RawPatch(types.MergePatchType, body))
	require.NoError(t, client.IgnoreNotFound(err))
}
