package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// sharers is how many jobs want one image.
const sharers = 30

// crowd creates jobs that all want the same image.
func (w *world) crowd(name string, n int) []*v1alpha1.NotebookValidationJob {
	w.Helper()
	var jobs []*v1alpha1.NotebookValidationJob
	for i := range n {
		jobs = append(jobs, w.create(fmt.Sprintf("%s-%02d", name, i), withBuild))
	}
	return jobs
}

// builders are the Jobs that build in the world, those that are gone left out.
func (w *world) builders() []batchv1.Job {
	w.Helper()
	var list batchv1.JobList
	require.NoError(w, kube.List(w.Context(), &list, client.InNamespace(w.namespace), client.MatchingLabels{v1alpha1.LabelComponent: "build"}))
	return list.Items
}

// soleBuilder waits for the one Job that builds for all, and gives its build.
func (w *world) soleBuilder() (*batchv1.Job, *v1alpha1.NotebookBuild) {
	w.Helper()
	var found batchv1.Job
	eventually(w, func(c *assert.CollectT) {
		alive := w.builders()
		require.Len(c, alive, 1)
		found = alive[0]
		assert.Nil(c, found.DeletionTimestamp)
	})
	build := &v1alpha1.NotebookBuild{}
	require.NoError(w, kube.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: metav1.GetControllerOf(&found).Name}, build))
	return &found, build
}

// awaitWaiting waits until all jobs but the one that builds say that they wait for its image.
func (w *world) awaitWaiting(jobs []*v1alpha1.NotebookValidationJob) {
	w.Helper()
	require.EventuallyWithT(w, func(c *assert.CollectT) {
		var list v1alpha1.NotebookBuildList
		require.NoError(c, kube.List(w.Context(), &list, client.InNamespace(w.namespace)))
		waiting := 0
		for _, build := range list.Items {
			if build.Status.ReusedFrom != "" {
				waiting++
			}
		}
		assert.Equal(c, len(jobs)-1, waiting)
	}, 3*soon, blink)
}

func TestThirtyJobsOfOneCommitHaveOneBuild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.crowd("first", sharers)
	_, build := w.soleBuilder()
	w.awaitWaiting(first)
	w.finishBuilder(build, "a")
	w.passAll(first)
	reasons := map[string]int{}
	for _, job := range first {
		ready := w.awaitCondition(job, v1alpha1.ConditionSucceeded, metav1.ConditionTrue, v1alpha1.ReasonPassed)
		reasons[reasonOf(ready, v1alpha1.ConditionBuildReady)]++
		assert.Equal(t, w.image("a"), ready.Status.Validation.Image)
	}
	assert.Equal(t, map[string]int{v1alpha1.ReasonBuildSucceeded: 1, v1alpha1.ReasonBuildReused: sharers - 1}, reasons)

	second := w.crowd("second", sharers)
	w.passAll(second)
	for _, job := range second {
		ready := w.awaitSucceeded(job)
		assert.Equal(t, v1alpha1.ReasonBuildReused, reasonOf(ready, v1alpha1.ConditionBuildReady))
		assertOnlyImage(t, w.history.until(t, ready), w.image("a"))
	}
	assert.Len(t, w.builders(), 1, "of all sixty, one was built")
}

// passAll has the runs of jobs pass.
func (w *world) passAll(jobs []*v1alpha1.NotebookValidationJob) {
	w.Helper()
	for _, job := range jobs {
		w.finishRun(job, w.passing())
	}
}

func reasonOf(job *v1alpha1.NotebookValidationJob, kind string) string {
	for _, c := range job.Status.Conditions {
		if c.Type == kind {
			return c.Reason
		}
	}
	return ""
}

func TestTheNextOneBuildsWhereTheBuilderIsDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jobs := w.crowd("job", 4)
	builder, build := w.soleBuilder()
	w.awaitWaiting(jobs)
	owner := &v1alpha1.NotebookValidationJob{}
	require.NoError(t, kube.Get(t.Context(), client.ObjectKey{Namespace: w.namespace, Name: metav1.GetControllerOf(build).Name}, owner))
	require.NoError(t, kube.Delete(t.Context(), owner, client.PropagationPolicy(metav1.DeletePropagationBackground)))
	awaitGone(t, builder)
	_, next := w.soleBuilder()
	w.finishBuilder(next, "b")
	for _, job := range jobs {
		if job.Name == owner.Name {
			continue
		}
		w.finishRun(job, w.passing())
		assert.Equal(t, w.image("b"), w.awaitSucceeded(job).Status.Validation.Image)
	}
}

func TestWhatCannotBeBuiltFailsAllThatWaitForItAndNobodyAfterwards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jobs := w.crowd("job", 5)
	builder, build := w.soleBuilder()
	w.awaitWaiting(jobs)
	result := buildstrategy.Result{Reason: buildstrategy.BuildFailed, Message: "no matching distribution"}.Encode(buildstrategy.ResultLimit)
	theNode.run(t, theNode.podOf(t, builder), ending{}, ending{code: 65, message: string(result)})
	for _, job := range jobs {
		end := w.awaitFailed(job, v1alpha1.ReasonBuildFailed)
		assert.Contains(t, end.Status.Message, "no matching distribution")
		if metav1.GetControllerOf(build).Name != job.Name {
			assert.Contains(t, end.Status.Message, "Build "+build.Name+" of the same environment failed.")
		}
	}
	assert.Len(t, w.builders(), 1)
	later := w.create("later", withBuild)
	w.finishBuild(later, "c")
	w.finishRun(later, w.passing())
	w.awaitSucceeded(later)
}

func TestAFailureOfItsOwnIsNotShared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jobs := w.crowd("job", 3)
	builder, build := w.soleBuilder()
	w.awaitWaiting(jobs)
	result := buildstrategy.Result{Reason: buildstrategy.PushFailed, Message: "denied"}.Encode(buildstrategy.ResultLimit)
	theNode.run(t, theNode.podOf(t, builder), ending{}, ending{code: 65, message: string(result)})
	var next *v1alpha1.NotebookBuild
	eventually(t, func(c *assert.CollectT) {
		alive := w.builders()
		require.Len(c, alive, 2)
		for i := range alive {
			if alive[i].UID != builder.UID {
				next = &v1alpha1.NotebookBuild{}
				require.NoError(c, kube.Get(t.Context(), client.ObjectKey{Namespace: w.namespace, Name: metav1.GetControllerOf(&alive[i]).Name}, next))
			}
		}
	})
	w.finishBuilder(next, "b")
	for _, job := range jobs {
		if metav1.GetControllerOf(build).Name == job.Name {
			w.awaitFailed(job, v1alpha1.ReasonBuildFailed)
			continue
		}
		w.finishRun(job, w.passing())
		w.awaitSucceeded(job)
	}
}

func TestAnImageThatTheRegistryLostIsBuiltOnceMore(t *testing.T) {
	t.Parallel()
	w := newWorldWithoutOperator(t)
	images := &registries{}
	w.operator = startOperatorWith(t, newLine(), setup{settings: theSettings, images: images}, w.namespace)
	first := w.create("first", withBuild)
	w.finishBuild(first, "a")
	w.finishRun(first, w.passing())
	w.awaitSucceeded(first)

	images.lose(w.image("a"))
	jobs := w.crowd("later", 5)
	var rebuilt *v1alpha1.NotebookBuild
	eventually(t, func(c *assert.CollectT) {
		alive := w.builders()
		require.Len(c, alive, 2)
		for i := range alive {
			name := metav1.GetControllerOf(&alive[i]).Name
			if name != w.buildOf(first).Name {
				rebuilt = &v1alpha1.NotebookBuild{}
				require.NoError(c, kube.Get(t.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, rebuilt))
			}
		}
	})
	w.finishBuilder(rebuilt, "b")
	w.passAll(jobs)
	for _, job := range jobs {
		assert.Equal(t, w.image("b"), w.awaitSucceeded(job).Status.Validation.Image)
	}
	assert.Len(t, w.builders(), 2)
}

func TestBuildsWaitTheirTurnAndSoDoNamespaces(t *testing.T) {
	t.Parallel()
	one, two := newWorldWithoutOperator(t), newWorldWithoutOperator(t)
	with := setup{settings: theSettings, images: &registries{}}
	with.settings.MaxBuilds, with.settings.MaxBuildsPerNamespace = 3, 2
	one.operator = startOperatorWith(t, newLine(), with, one.namespace, two.namespace)
	var jobs []*v1alpha1.NotebookValidationJob
	for i := range 4 {
		jobs = append(jobs, one.create(fmt.Sprintf("job-%d", i), withOwnBuild))
	}
	eventually(t, func(c *assert.CollectT) { assert.Len(c, one.builders(), 2, "as many as a namespace may have") })
	eventually(t, func(c *assert.CollectT) { assert.Equal(c, 2, one.queued(jobs), "the others are told their place") })
	other := two.create("other", withOwnBuild)
	two.builderOf(other) // its namespace has none, so it need not wait behind the first one's
	assert.Len(t, one.builders(), 2)
	for len(jobs) > 0 {
		next := one.begun(jobs)
		job := jobs[next]
		one.finishBuild(job, "a")
		one.finishRun(job, one.passing())
		one.awaitSucceeded(job)
		jobs = slices.Delete(jobs, next, next+1)
	}
	two.finishBuild(other, "b")
	two.finishRun(other, two.passing())
	two.awaitSucceeded(other)
}

// begun waits until the work of one of the builds has begun. Builds made at the same time begin in the order in which their
// refs are resolved, so that nobody knows which is the first.
func (w *world) begun(jobs []*v1alpha1.NotebookValidationJob) int {
	w.Helper()
	next := -1
	eventually(w, func(c *assert.CollectT) {
		next = slices.IndexFunc(jobs, func(job *v1alpha1.NotebookValidationJob) bool { return w.buildOf(job).Status.StartTime != nil })
		assert.NotEqual(c, -1, next, "no build has begun")
	})
	return next
}

// queued counts the jobs that are told their place in the queue.
func (w *world) queued(jobs []*v1alpha1.NotebookValidationJob) int {
	w.Helper()
	n := 0
	for _, job := range jobs {
		current := &v1alpha1.NotebookValidationJob{}
		if kube.Get(w.Context(), client.ObjectKeyFromObject(job), current) == nil && strings.Contains(current.Status.Message, "in the queue") {
			n++
		}
	}
	return n
}

func TestABuilderThatSomebodyDeletesIsMadeAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild)
	builder := w.builderOf(job)
	eventually(t, func(c *assert.CollectT) { assert.Equal(c, builder.Name, w.buildOf(job).Status.ChildName) })
	require.NoError(t, kube.Delete(t.Context(), builder, client.PropagationPolicy(metav1.DeletePropagationBackground)))
	eventually(t, func(c *assert.CollectT) { assert.Equal(c, int32(1), w.buildOf(job).Status.Retries) })
	again := w.builderOf(job)
	assert.NotEqual(t, builder.Name, again.Name)
	w.finishBuild(job, "a")
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)
}
