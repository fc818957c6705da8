package integration

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// loseBuilder deletes the Job that builds, as a user does, once the build knows of it.
func (w *world) loseBuilder(build *v1alpha1.NotebookBuild) *batchv1.Job {
	w.Helper()
	var lost *batchv1.Job
	eventually(w, func(c *assert.CollectT) {
		current := &v1alpha1.NotebookBuild{}
		require.NoError(c, kube.Get(w.Context(), client.ObjectKeyFromObject(build), current))
		require.NotEmpty(c, current.Status.ChildName)
		lost = &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: current.Status.ChildName}}
		require.NoError(c, kube.Get(w.Context(), client.ObjectKeyFromObject(lost), lost))
		require.Nil(c, lost.DeletionTimestamp)
	})
	require.NoError(w, kube.Delete(w.Context(), lost, client.PropagationPolicy(metav1.DeletePropagationBackground)))
	return lost
}

func TestABuilderThatIsDeletedAgainAndAgainEndsTheBuildAndTheNextOneGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leader := w.createBuild("a-leader")
	w.childOf(leader)
	follower := w.createBuild("b-follower")
	w.awaitBuild(follower, v1alpha1.ReasonWaitingForSharedBuild)
	names := map[string]bool{}
	for range 4 {
		names[w.loseBuilder(leader).Name] = true
	}
	end := w.awaitBuild(leader, v1alpha1.ReasonBuildCancelled)
	assert.Equal(t, v1alpha1.BuildPhaseFailed, end.Status.Phase)
	assert.Contains(t, succeeded(end).Message, "The work was begun 4 times")
	assert.Len(t, names, 4, "every try has a name of its own")
	for name := range names {
		assertGone(t.Context(), t, &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}})
	}
	awaitEvent(w, leader, v1alpha1.ReasonBuildRetrying)
	awaitEvent(w, leader, v1alpha1.ReasonBuildCancelled)

	w.finishBuilder(follower, "b") // what befell the leader's work says nothing of the environment
	w.awaitBuild(follower, v1alpha1.ReasonBuildSucceeded)
}

func TestABuildThatIsGivenNoTimeHasNoBuilder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	build := w.createBuild("build", within(500*time.Millisecond))
	end := w.awaitBuild(build, v1alpha1.ReasonBuildTimeout)
	assert.Contains(t, succeeded(end).Message, "Raise buildConfig.timeout")
	assert.Empty(t, w.builders())
}

// The timeout is long enough for the builder to begin on a machine that is busy with other tests.
func TestABuilderThatNeverEndsIsStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	build := w.createBuild("build", within(20*time.Second))
	builder := w.childOf(build)
	theNode.run(t, theNode.podOf(t, builder), ending{})
	w.awaitTold(build, "Building the image.")
	end := w.awaitBuildFor(2*soon, build, v1alpha1.ReasonBuildTimeout)
	assert.Contains(t, succeeded(end).Message, "The build did not end within its timeout of 20s, and was stopped. Last it was at this: Building the image.")
	awaitGone(t, builder)
}

func within(d time.Duration) func(*v1alpha1.BuildOptions) {
	return func(options *v1alpha1.BuildOptions) { options.Timeout = &metav1.Duration{Duration: d} }
}
