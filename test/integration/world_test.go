package integration

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/kubejob"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// world is what one test plays in: a namespace, a repository, an operator, and everything that was ever seen there.
type world struct {
	testing.TB
	namespace  string
	repository *repository
	operator   *operator
	history    *history
}

// newWorld starts an operator in a namespace of its own, with labels as pairs.
func newWorld(t testing.TB, labels ...string) *world {
	t.Helper()
	w := newWorldWithoutOperator(t, labels...)
	w.operator = startOperator(t, newLine(), w.namespace)
	return w
}

func newWorldWithoutOperator(t testing.TB, labels ...string) *world {
	t.Helper()
	w := &world{TB: t, namespace: newNamespace(t, labels...), repository: newRepository(t)}
	w.history = watchHistory(t, w.namespace)
	return w
}

// restart has another operator go on.
func (w *world) restart() {
	w.Helper()
	w.operator.stop(w)
	w.operator = startOperator(w, newLine(), w.namespace)
}

// Changes of a job.
type change = func(*v1alpha1.NotebookValidationJob)

func withBuild(job *v1alpha1.NotebookValidationJob) {
	job.Spec.PodConfig.ContainerImage = ""
	job.Spec.PodConfig.BuildConfig = &v1alpha1.BuildConfig{Enabled: true}
	job.Spec.PodConfig.BuildConfig.Strategy = kubejob.Name // whatever else tests have installed
}

// withOwnBuild is withBuild for a world in which there are several: they would share one image.
func withOwnBuild(job *v1alpha1.NotebookValidationJob) {
	withBuild(job)
	job.Spec.PodConfig.BuildConfig.Cache = v1alpha1.CacheNever
}

// create applies a job for the world's repository.
func (w *world) create(name string, changes ...change) *v1alpha1.NotebookValidationJob {
	w.Helper()
	job := newJob(w.namespace, name, append([]change{func(job *v1alpha1.NotebookValidationJob) {
		job.Spec.Notebook.Git.URL = w.repository.url
	}}, changes...)...)
	require.NoError(w, kube.Create(w.Context(), job))
	return job
}

// edit changes a job's spec as a user does, and brings job up to date.
func (w *world) edit(job *v1alpha1.NotebookValidationJob, edit change) {
	w.Helper()
	eventually(w, func(c *assert.CollectT) {
		require.NoError(c, kube.Get(w.Context(), client.ObjectKeyFromObject(job), job))
		edit(job)
		require.NoError(c, kube.Update(w.Context(), job))
	})
}

// await waits until the job looks as the check wants.
func (w *world) await(job *v1alpha1.NotebookValidationJob, check func(c *assert.CollectT, job *v1alpha1.NotebookValidationJob)) *v1alpha1.NotebookValidationJob {
	w.Helper()
	current := &v1alpha1.NotebookValidationJob{}
	eventually(w, func(c *assert.CollectT) {
		require.NoError(c, kube.Get(w.Context(), client.ObjectKeyFromObject(job), current))
		check(c, current)
	})
	return current
}

// awaitCondition waits for a condition of the job's own generation.
func (w *world) awaitCondition(job *v1alpha1.NotebookValidationJob, kind string, s metav1.ConditionStatus, reason string) *v1alpha1.NotebookValidationJob {
	w.Helper()
	return w.await(job, func(c *assert.CollectT, current *v1alpha1.NotebookValidationJob) {
		is := meta.FindStatusCondition(current.Status.Conditions, kind)
		require.NotNil(c, is, "there is no condition %s", kind)
		assert.Equal(c, current.Generation, is.ObservedGeneration)
		assert.Equal(c, string(s)+" "+reason, string(is.Status)+" "+is.Reason, is.Message)
	})
}

func (w *world) awaitSucceeded(job *v1alpha1.NotebookValidationJob) *v1alpha1.NotebookValidationJob {
	w.Helper()
	return w.awaitCondition(job, v1alpha1.ConditionSucceeded, metav1.ConditionTrue, v1alpha1.ReasonPassed)
}

func (w *world) awaitFailed(job *v1alpha1.NotebookValidationJob, reason string) *v1alpha1.NotebookValidationJob {
	w.Helper()
	return w.awaitCondition(job, v1alpha1.ConditionSucceeded, metav1.ConditionFalse, reason)
}

// awaitObject waits for an object of that name and kind.
func awaitObject[T client.Object](w *world, object T, name string) T {
	w.Helper()
	eventually(w, func(c *assert.CollectT) {
		require.NoError(c, kube.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, object))
	})
	return object
}

// buildOf waits for the NotebookBuild of the job as it is now.
func (w *world) buildOf(job *v1alpha1.NotebookValidationJob) *v1alpha1.NotebookBuild {
	w.Helper()
	return awaitObject(w, &v1alpha1.NotebookBuild{}, naming.Build(job))
}

// builderOf waits for the Job that builds.
func (w *world) builderOf(job *v1alpha1.NotebookValidationJob) *batchv1.Job {
	w.Helper()
	return w.childOf(w.buildOf(job))
}

// childOf waits for the Job of a build.
func (w *world) childOf(build *v1alpha1.NotebookBuild) *batchv1.Job {
	w.Helper()
	return awaitObject(w, &batchv1.Job{}, naming.BuildChild(build))
}

// runOf waits for the Job that runs the notebook.
func (w *world) runOf(job *v1alpha1.NotebookValidationJob) *batchv1.Job {
	w.Helper()
	return awaitObject(w, &batchv1.Job{}, naming.Run(job))
}

// image is the reference that a build of this namespace ends with; the digest is one character, repeated.
func (w *world) image(digit string) string {
	return theSettings.Registry.Repository + "/" + w.namespace + "@sha256:" + strings.Repeat(digit, 64)
}

// finishBuild has the builder of the job's build push an image.
func (w *world) finishBuild(job *v1alpha1.NotebookValidationJob, digit string) {
	w.Helper()
	w.finishBuilder(w.buildOf(job), digit)
}

func (w *world) finishBuilder(build *v1alpha1.NotebookBuild, digit string) {
	w.Helper()
	result := buildstrategy.Result{Image: w.image(digit)}.Encode(buildstrategy.ResultLimit)
	theNode.run(w, theNode.podOf(w, w.childOf(build)), ending{}, ending{message: string(result)})
}

// executeRun has the pod of the run begin with the notebook.
func (w *world) executeRun(job *v1alpha1.NotebookValidationJob) {
	w.Helper()
	theNode.run(w, theNode.podOf(w, w.runOf(job)), ending{})
}

// finishRun has the run end with a report.
func (w *world) finishRun(job *v1alpha1.NotebookValidationJob, run *builders.RunBuilder) {
	w.Helper()
	message, log := run.Answer()
	theNode.run(w, theNode.podOf(w, w.runOf(job)), ending{}, ending{}, ending{message: message, log: log})
}

// passing is the record of two cells that ran well at the repository's commit.
func (w *world) passing() *builders.RunBuilder {
	return builders.MakeRun(report.CellOK, report.CellOK).Commit(w.repository.head(w)).
		Cell(0, func(cell *report.RunCell) { cell.Output = "hello" })
}
