package integration

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// TestABuildSystemComesAndGoesWhileTheOperatorRuns goes through what one operator meets, without a restart.
func TestABuildSystemComesAndGoesWhileTheOperatorRuns(t *testing.T) {
	w := newWorld(t)
	before := w.create("before", withStrategy("auto"))
	workOf(w, before, &batchv1.Job{})
	named := w.create("named", withStrategy("tekton"))
	w.awaitCondition(named, v1alpha1.ConditionBuildReady, metav1.ConditionUnknown, v1alpha1.ReasonStrategyUnavailable)

	tektonAPI.install(t)
	first := workOf(w, named, &tektonv1.PipelineRun{}).UID
	during := w.create("during", withStrategy("auto"))
	workOf(w, during, &tektonv1.PipelineRun{})
	finishPipelineRun(w, during, "a")
	w.finishRun(during, w.passing())
	w.awaitSucceeded(during)

	tektonAPI.serve(t, false)
	w.awaitCondition(named, v1alpha1.ConditionBuildReady, metav1.ConditionUnknown, v1alpha1.ReasonStrategyUnavailable)
	after := w.create("after", withStrategy("auto"))
	workOf(w, after, &batchv1.Job{})
	w.finishBuild(after, "b")
	w.finishRun(after, w.passing())
	w.awaitSucceeded(after)

	tektonAPI.serve(t, true)
	eventually(t, func(c *assert.CollectT) {
		assert.Equal(c, v1alpha1.ReasonBuilding, meta.FindStatusCondition(w.buildOf(named).Status.Conditions, v1alpha1.ConditionSucceeded).Reason)
	})
	assert.Equal(t, first, workOf(w, named, &tektonv1.PipelineRun{}).UID, "it goes on where it was")
	finishPipelineRun(w, named, "c")
	w.finishRun(named, w.passing())
	w.awaitSucceeded(named)
	w.finishBuild(before, "d")
	w.finishRun(before, w.passing())
	w.awaitSucceeded(before)
}

func TestAnOperatorThatStartsFindsOutBeforeItChooses(t *testing.T) {
	tektonAPI.install(t)
	openshiftAPI.install(t)
	w := newWorldWithoutOperator(t)
	job := w.create("job", withStrategy("auto"))
	w.operator = startOperator(t, newLine(), w.namespace)
	build := w.buildOf(job)
	eventually(t, func(c *assert.CollectT) {
		build = w.buildOf(job)
		assert.Equal(c, "s2i", build.Status.Strategy, "the best, not the first that was found")
	})
	require.NotNil(t, build.Status.StartTime)
}

func TestAnOperatorThatRestartsGoesOnWithThePipelineRun(t *testing.T) {
	tektonAPI.install(t)
	w := newWorld(t)
	job := w.create("job", withStrategy("tekton"))
	run := workOf(w, job, &tektonv1.PipelineRun{})
	w.operator.stop(t)
	finishPipelineRun(w, job, "a")
	w.restart()
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)
	assert.Equal(t, run.UID, workOf(w, job, &tektonv1.PipelineRun{}).UID, "one child")
}
