package integration

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/naming"
)

var allPhases = []v1alpha1.Phase{
	v1alpha1.PhaseInitializing, v1alpha1.PhaseBuilding, v1alpha1.PhaseBuildComplete,
	v1alpha1.PhaseValidationRunning, v1alpha1.PhaseSucceeded,
}

func changeBuild(job *v1alpha1.NotebookValidationJob) {
	job.Spec.PodConfig.BuildConfig.RequirementsFile = "requirements.txt"
}

func TestSpecChangeDuringTheBuild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild)
	oldBuild, oldBuilder := w.buildOf(job), w.builderOf(job)
	oldPod := theNode.podOf(t, oldBuilder)
	theNode.run(t, oldPod, ending{})

	w.edit(job, changeBuild)
	w.finishBuild(job, "b")
	w.finishRun(job, w.passing())
	end := w.awaitSucceeded(job)

	states := w.history.until(t, end)
	assert.Equal(t, allPhases, phases(states, job.UID, 2))
	assertOnlyImage(t, states, w.image("b"))
	awaitGone(t, oldBuild)
	awaitGone(t, oldBuilder)
	assertOneOfEach(t, w, 1)
}

// The build that nobody wants any more ends well while the operator is away, so that the first thing which the next
// operator sees is an image, and a gate, of an earlier generation.
func TestBuildOfAnEarlierSpecEndsTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withOwnBuild)
	oldBuild, oldBuilder := w.buildOf(job), w.builderOf(job)
	oldPod := theNode.podOf(t, oldBuilder)
	w.operator.stop(t)
	result := buildstrategy.Result{Image: w.image("a")}.Encode(buildstrategy.ResultLimit)
	theNode.run(t, oldPod, ending{}, ending{message: string(result)})
	eventually(t, func(c *assert.CollectT) {
		require.NoError(c, kube.Get(t.Context(), client.ObjectKeyFromObject(oldBuilder), oldBuilder))
		assert.NotNil(c, oldBuilder.Status.CompletionTime)
	})
	w.edit(job, changeBuild)
	w.restart()

	w.finishBuild(job, "b")
	w.finishRun(job, w.passing())
	assertOnlyImage(t, w.history.until(t, w.awaitSucceeded(job)), w.image("b"))
	awaitGone(t, oldBuild)
}

func TestSpecChangeDuringTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withOwnBuild)
	w.finishBuild(job, "a")
	w.executeRun(job)
	oldRun := w.runOf(job)

	w.edit(job, changeBuild)
	w.finishBuild(job, "b")
	w.finishRun(job, w.passing())
	end := w.awaitSucceeded(job)

	states := w.history.until(t, end, w.runOf(job))
	assert.Equal(t, allPhases, phases(states, job.UID, 2))
	assert.Equal(t, w.image("b"), executeImage(w.runOf(job)))
	assert.Greater(t, firstSeen(states, naming.Run(job)), gateOpened(states, job.UID, 2), "the new run went through the old gate")
	awaitGone(t, oldRun)
	assertOneOfEach(t, w, 1)
}

func TestChangeThatTheBuildDoesNotDependOnKeepsTheImage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild)
	w.finishBuild(job, "a")
	w.finishRun(job, failing(w))
	w.awaitFailed(job, v1alpha1.ReasonCellFailed)
	before, oldRun := w.buildOf(job), w.runOf(job)

	w.edit(job, func(job *v1alpha1.NotebookValidationJob) {
		job.Spec.PodConfig.Env = []corev1.EnvVar{{Name: "FIXED", Value: "yes"}}
	})
	w.finishRun(job, w.passing())
	end := w.awaitSucceeded(job)

	assert.Equal(t, before.UID, w.buildOf(job).UID, "the image was built again for nothing")
	assert.Equal(t, w.image("a"), executeImage(w.runOf(job)))
	assert.Equal(t, allPhases, phases(w.history.until(t, end), job.UID, 2))
	awaitGone(t, oldRun)
	assertReport(t, w, job, true)
}

func TestRerunTakesWhatTheRefPointsToNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild)
	w.finishBuild(job, "a")
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)

	commit := w.repository.commit(t, map[string]string{"requirements.txt": "tiny==2.0\n"})
	w.edit(job, func(job *v1alpha1.NotebookValidationJob) { job.Spec.Rerun = "again" })
	w.finishBuild(job, "b")
	w.finishRun(job, failing(w))
	end := w.awaitFailed(job, v1alpha1.ReasonCellFailed)

	assert.Equal(t, commit, end.Status.BuildStatus.Commit)
	assert.Equal(t, w.image("b"), end.Status.Validation.Image)
	assertReport(t, w, job, false)
	assertOneOfEach(t, w, 1)
}

func TestFinishedJobKeepsItsVerdictWhateverHappensToItsChildren(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild)
	w.finishBuild(job, "a")
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)

	background := client.PropagationPolicy(metav1.DeletePropagationBackground)
	require.NoError(t, kube.Delete(t.Context(), w.runOf(job), background))
	require.NoError(t, kube.Delete(t.Context(), w.buildOf(job), background))
	awaitGone(t, &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: naming.Run(job)}})
	before := readJob(t, client.ObjectKeyFromObject(job))
	w.restart()
	other := w.create("other") // once it has ended, the new operator has looked at every job
	w.finishRun(other, w.passing())
	w.awaitSucceeded(other)

	assert.Equal(t, before.Status, readJob(t, client.ObjectKeyFromObject(job)).Status)
	assertGone(t.Context(), t, &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: naming.Run(job)}})
}

func TestJobsOfOneNameInTwoNamespaces(t *testing.T) {
	t.Parallel()
	one, two := newWorldWithoutOperator(t), newWorldWithoutOperator(t)
	startOperator(t, newLine(), one.namespace, two.namespace)
	first, second := one.create("job", withBuild), two.create("job", withBuild)
	one.finishBuild(first, "a")
	two.finishBuild(second, "b")
	one.finishRun(first, one.passing())
	two.finishRun(second, failing(two))
	assert.Equal(t, one.image("a"), one.awaitSucceeded(first).Status.Validation.Image)
	assert.Equal(t, two.image("b"), two.awaitFailed(second, v1alpha1.ReasonCellFailed).Status.Validation.Image)
	assertOneOfEach(t, one, 1)
	assertOneOfEach(t, two, 1)
}

func TestPodThatIsDeletedDuringTheRunIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job")
	w.executeRun(job)
	pod := theNode.podOf(t, w.runOf(job))
	require.NoError(t, kube.Delete(t.Context(), pod, client.GracePeriodSeconds(30)))
	awaitGone(t, pod)
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)
}

// assertOnlyImage checks that every run there ever was had this image.
func assertOnlyImage(t *testing.T, states []client.Object, image string) {
	t.Helper()
	runs := 0
	for _, state := range states {
		if job, ok := state.(*batchv1.Job); ok && executeImage(job) != "" {
			assert.Equal(t, image, executeImage(job), "run %s", job.Name)
			runs++
		}
	}
	assert.NotZero(t, runs)
}

func awaitGone(t *testing.T, object client.Object) {
	t.Helper()
	eventually(t, func(c *assert.CollectT) { assertGone(t.Context(), c, object) })
}

func assertGone(ctx context.Context, t assert.TestingT, object client.Object) {
	err := kube.Get(ctx, client.ObjectKeyFromObject(object), object.DeepCopyObject().(client.Object))
	assert.True(t, apierrors.IsNotFound(err), "%T %s is still there: %v", object, object.GetName(), err)
}
