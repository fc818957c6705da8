package integration

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
)

// wholeWay takes a job with a build to its end, with something done before each step of the world around the operator.
func wholeWay(w *world, between func()) *v1alpha1.NotebookValidationJob {
	w.Helper()
	job := w.create("job", withBuild)
	between()
	theNode.run(w, theNode.podOf(w, w.builderOf(job)), ending{})
	between()
	w.finishBuild(job, "a")
	between()
	w.executeRun(job)
	between()
	w.finishRun(job, w.passing())
	between()
	return w.awaitSucceeded(job)
}

func TestOperatorRestartedBetweenAllSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	end := wholeWay(w, w.restart)
	assertTheEnd(t, w, end)
}

// What the next step needs is there before the operator stops, so that all of it happens while none is running.
func TestEverythingHappensWhileTheOperatorIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operator.stop(t)
	job := w.create("job", withBuild)
	w.restart()
	builder := theNode.podOf(t, w.builderOf(job))
	w.operator.stop(t)
	theNode.run(t, builder, ending{})
	w.finishBuild(job, "a")
	awaitComplete(t, w.builderOf(job))
	w.restart()
	notebook := theNode.podOf(t, w.runOf(job))
	w.operator.stop(t)
	theNode.run(t, notebook, ending{})
	w.finishRun(job, w.passing())
	awaitComplete(t, w.runOf(job))
	w.restart()
	assertTheEnd(t, w, w.awaitSucceeded(job))
}

// The operator dies before each of its writes in turn: whatever it had done by then, another one comes to the same end.
func TestOperatorThatDiesBeforeAnyOfItsWrites(t *testing.T) {
	t.Parallel()
	undisturbed := newWorld(t)
	wholeWay(undisturbed, func() {})
	writes := undisturbed.operator.line.written()
	require.Greater(t, writes, 10, "the operator writes less than a job with a build takes")

	for n := range writes {
		t.Run(fmt.Sprintf("write %d of %d", n+1, writes), func(t *testing.T) {
			t.Parallel()
			w := newWorldWithoutOperator(t)
			w.operator = startOperator(t, cutAfter(n), w.namespace)
			w.replaceOnceDead(w.operator)
			assertTheEnd(t, w, wholeWay(w, func() {}))
		})
	}
}

// replaceOnceDead has another operator started when this one has died, as a Deployment does.
func (w *world) replaceOnceDead(dead *operator) {
	w.replaceOnceDeadWith(dead, setup{settings: theSettings, images: &registries{}})
}

func (w *world) replaceOnceDeadWith(dead *operator, with setup) {
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-dead.line.cut:
			dead.cancel()
			startOperatorWith(w, newLine(), with, w.namespace)
		case <-w.Context().Done(): // it needed fewer writes this time
		}
	}()
	w.Cleanup(func() { <-watched })
}

// assertTheEnd checks that a job ended as it does undisturbed.
func assertTheEnd(t *testing.T, w *world, end *v1alpha1.NotebookValidationJob) {
	t.Helper()
	states := w.history.until(t, end)
	assert.Equal(t, allPhases, phases(states, end.UID, 1))
	assertOnlyImage(t, states, w.image("a"))
	assertOneOfEach(t, w, 1)
	assertReport(t, w, end, true)
}

func awaitComplete(t *testing.T, job *batchv1.Job) {
	t.Helper()
	eventually(t, func(c *assert.CollectT) {
		require.NoError(c, kube.Get(t.Context(), client.ObjectKeyFromObject(job), job))
		assert.NotNil(c, job.Status.CompletionTime)
	})
}

// A user who only wants the image makes a NotebookBuild of their own.
func TestBuildWithoutAJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	build := w.createBuild("image")
	w.finishBuilder(build, "a")
	eventually(t, func(c *assert.CollectT) {
		require.NoError(c, kube.Get(t.Context(), client.ObjectKeyFromObject(build), build))
		assert.Equal(c, w.image("a"), build.Status.ImageReference)
		assert.Equal(c, v1alpha1.BuildPhaseComplete, build.Status.Phase)
	})
	dockerfile := awaitObject(w, &corev1.ConfigMap{}, build.Status.Environment.DockerfileConfigMap)
	assert.Contains(t, dockerfile.Data["Dockerfile"], "requirements.txt")
	assert.True(t, metav1.IsControlledBy(dockerfile, build))
}

// A builder that is cancelled would go on by itself, so that no death of the operator may leave it behind.
func TestOperatorThatDiesWhileItCancelsABuilder(t *testing.T) {
	t.Parallel()
	undisturbed := newWorld(t, enforce, "restricted")
	undisturbed.awaitFailed(undisturbed.create("job", withBuild), v1alpha1.ReasonBuildFailed)
	writes := undisturbed.operator.line.written()
	for n := range writes {
		t.Run(fmt.Sprintf("write %d of %d", n+1, writes), func(t *testing.T) {
			t.Parallel()
			w := newWorldWithoutOperator(t, enforce, "restricted")
			w.operator = startOperator(t, cutAfter(n), w.namespace)
			w.replaceOnceDead(w.operator)
			job := w.create("job", withBuild)
			w.awaitFailed(job, v1alpha1.ReasonBuildFailed)
			child := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: naming.BuildChild(w.buildOf(job))}}
			awaitGone(t, child)
			// A watch shows whether it was there at all, and that it was not made again.
			assert.NotZero(t, firstSeen(w.history.until(t, readJob(t, client.ObjectKeyFromObject(job))), child.Name))
		})
	}
}
