package integration

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"knative.dev/pkg/apis"
	duckv1 "knative.dev/pkg/apis/duck/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

func tektonCondition(s corev1.ConditionStatus, reason, message string) duckv1.Status {
	return duckv1.Status{Conditions: duckv1.Conditions{{Type: apis.ConditionSucceeded, Status: s, Reason: reason, Message: message}}}
}

// finishPipelineRun has Tekton end the job's build with an image.
func finishPipelineRun(w *world, job *v1alpha1.NotebookValidationJob, digit string) {
	w.Helper()
	becomes(w, workOf(w, job, &tektonv1.PipelineRun{}), func(run *tektonv1.PipelineRun) {
		run.Status.Status = tektonCondition(corev1.ConditionTrue, "Succeeded", "Tasks Completed: 1")
		run.Status.Results = []tektonv1.PipelineRunResult{
			{Name: "IMAGE_URL", Value: *tektonv1.NewStructuredValues(theSettings.Registry.Repository + "/" + w.namespace + ":" + tagOf(w, job))},
			{Name: "IMAGE_DIGEST", Value: *tektonv1.NewStructuredValues(digest(digit))},
		}
	})
}

// taskRunOf is what Tekton makes of a PipelineRun, with the labels and annotations that it hands on.
func taskRunOf(w *world, run *tektonv1.PipelineRun) *tektonv1.TaskRun {
	w.Helper()
	task := &tektonv1.TaskRun{ObjectMeta: metav1.ObjectMeta{
		Name: run.Name + "-build", Namespace: run.Namespace, Annotations: run.Annotations, Labels: map[string]string{},
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(run, tektonv1.SchemeGroupVersion.WithKind("PipelineRun"))},
	}}
	for name, value := range run.Labels {
		task.Labels[name] = value
	}
	task.Labels["tekton.dev/pipelineRunUID"] = string(run.UID)
	task.Spec.TaskSpec = run.Spec.PipelineSpec.Tasks[0].TaskSpec.TaskSpec.DeepCopy()
	require.NoError(w, kube.Create(w.Context(), task))
	return task
}

func TestTektonFromTheFirstStepToTheImage(t *testing.T) {
	tektonAPI.install(t)
	w := newWorld(t)
	job := w.create("job", withStrategy("tekton"))
	run := workOf(w, job, &tektonv1.PipelineRun{})
	becomes(w, run, func(run *tektonv1.PipelineRun) {
		run.Status.Status = tektonCondition(corev1.ConditionUnknown, "Running", "Tasks Completed: 0")
	})
	task := taskRunOf(w, run)
	becomes(w, task, func(task *tektonv1.TaskRun) {
		task.Status.Status = tektonCondition(corev1.ConditionUnknown, "PullImageFailed", "the step \"build\" cannot pull its image")
		task.Status.Steps = []tektonv1.StepState{{Name: "build", ContainerState: corev1.ContainerState{
			Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: "no such host"},
		}}}
	})
	w.awaitMessage(job, "no such host")
	w.awaitBuild(w.buildOf(job), v1alpha1.ReasonBuilderImagePullFailed)
	finishPipelineRun(w, job, "a")
	w.finishRun(job, w.passing())
	end := w.awaitSucceeded(job)
	assert.Equal(t, w.image("a"), end.Status.BuildStatus.ImageReference)
	assert.Equal(t, "tekton", end.Status.BuildStatus.Strategy)
	assertOnlyImage(t, w.history.until(t, end), w.image("a"))
}

func TestTektonEndsThatAreNone(t *testing.T) {
	tektonAPI.install(t)
	tests := map[string]struct {
		run, task duckv1.Status
		results   []tektonv1.TaskRunResult
		reason    string
		says      string
	}{
		"a step that failed": {
			tektonCondition(corev1.ConditionFalse, "Failed", "Tasks Completed: 1 (Failed: 1)"),
			tektonCondition(corev1.ConditionFalse, "Failed", `"step-build" exited with code 65`),
			[]tektonv1.TaskRunResult{
				{Name: "ERROR_REASON", Type: "string", Value: *tektonv1.NewStructuredValues("PushFailed")},
				{Name: "ERROR_MESSAGE", Type: "string", Value: *tektonv1.NewStructuredValues("The registry said no.")},
			}, v1alpha1.ReasonPushFailed, "The registry said no.",
		},
		"a timeout": {
			tektonCondition(corev1.ConditionFalse, "PipelineRunTimeout", "timed out"), tektonCondition(corev1.ConditionFalse, "TaskRunCancelled", "cancelled"),
			nil, v1alpha1.ReasonBuildTimeout, "timeout",
		},
		"somebody cancelled it": {
			tektonCondition(corev1.ConditionFalse, "Cancelled", "cancelled"), tektonCondition(corev1.ConditionFalse, "TaskRunCancelled", "cancelled"),
			nil, v1alpha1.ReasonBuildCancelled, "",
		},
		"a pod that is not valid": {
			tektonCondition(corev1.ConditionFalse, "Failed", "Tasks Completed: 1 (Failed: 1)"),
			tektonCondition(corev1.ConditionFalse, "PodCreationFailed", `Pod "x" is invalid: spec.nodeSelector`),
			nil, v1alpha1.ReasonBuilderFailed, "spec.nodeSelector",
		},
		"an end without results": {
			tektonCondition(corev1.ConditionTrue, "Succeeded", ""), tektonCondition(corev1.ConditionTrue, "Succeeded", ""),
			nil, v1alpha1.ReasonBuildResultInvalid, "IMAGE_URL",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			job := w.create("job", withStrategy("tekton"))
			run := workOf(w, job, &tektonv1.PipelineRun{})
			becomes(w, taskRunOf(w, run), func(task *tektonv1.TaskRun) {
				task.Status.Status, task.Status.Results = test.task, test.results
				task.Status.Steps = []tektonv1.StepState{{Name: "build", ContainerState: corev1.ContainerState{
					Terminated: &corev1.ContainerStateTerminated{ExitCode: 65, Reason: "Error"},
				}}}
			})
			becomes(w, run, func(run *tektonv1.PipelineRun) { run.Status.Status = test.run })
			end := w.awaitFailed(job, v1alpha1.ReasonBuildFailed)
			assert.Contains(t, end.Status.Message, test.reason+": ")
			assert.Contains(t, end.Status.Message, test.says)
			assertNoRun(t, w.history.until(t, end))
		})
	}
}

func TestAPipelineRunIsStoppedWithItsJob(t *testing.T) {
	tektonAPI.install(t)
	w := newWorld(t)
	job := w.create("job", withStrategy("tekton"))
	run := workOf(w, job, &tektonv1.PipelineRun{})
	w.edit(job, func(job *v1alpha1.NotebookValidationJob) { job.Spec.Rerun = "again" })
	awaitGone(t, run)
	again := workOf(w, job, &tektonv1.PipelineRun{})
	require.NoError(t, kube.Delete(t.Context(), job, client.PropagationPolicy(metav1.DeletePropagationBackground)))
	awaitGone(t, again)
}
