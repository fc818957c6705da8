package tekton

import (
	"fmt"
	"strings"

	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
)

// running says what an undecided build is doing.
func (b build) running() buildstrategy.Outcome {
	switch tektonv1.PipelineRunReason(b.condition.GetReason()) {
	case tektonv1.PipelineRunReasonPending:
		return waiting("Tekton holds the build's PipelineRun back. Clear its spec.status to let it run.")
	case tektonv1.PipelineRunReasonCancelled, tektonv1.PipelineRunReasonStopping,
		tektonv1.PipelineRunReasonCancelledRunningFinally, tektonv1.PipelineRunReasonStoppedRunningFinally:
		return buildpod.Progress("The build is being stopped in Tekton.")
	case tektonv1.PipelineRunReasonCouldntCancel, tektonv1.PipelineRunReasonCouldntTimeOut:
		return waiting("Tekton cannot stop the build and tries again. It says: " + buildstrategy.Clean(b.condition.GetMessage()))
	}
	if b.task == nil {
		return buildpod.Progress("Waiting for Tekton to start the build.")
	}
	return b.runningTask()
}

// waiting is a build that somebody may have to help.
func waiting(message string) buildstrategy.Outcome {
	outcome := buildpod.Progress(message)
	outcome.Reason = buildstrategy.BuilderWaiting
	return outcome
}

func (b build) runningTask() buildstrategy.Outcome {
	for _, step := range b.task.Status.Steps {
		if block := buildpod.BlockedBy(step.Name, stepOf(b.run, step.Name).Image, step.Waiting); block != nil {
			return block.Outcome()
		}
	}
	c := b.taskCondition()
	switch {
	case c.IsFalse():
		return buildpod.Progress("The build ended without an image, and Tekton is about to say so.")
	case c.IsTrue():
		return buildpod.Progress("The image has been pushed.")
	}
	switch c.GetReason() {
	case taskQuotaExceeded:
		_, sentence, _ := buildpod.Rejected(c.GetMessage())
		return waiting(sentence)
	case taskNodeTooSmall:
		return b.unscheduled()
	case taskPodPending:
		if strings.Contains(c.GetMessage(), string(corev1.PodScheduled)) {
			return b.unscheduled()
		}
		return buildpod.Progress(starting)
	}
	return buildpod.Progress(b.stepProgress())
}

func (b build) unscheduled() buildstrategy.Outcome {
	return waiting("No node takes the build's pod yet. Lower the build's resources, or check its node selector and tolerations. " +
		"Tekton says: " + b.says())
}

const starting = "Starting the build's pod."

// stepProgress names the step that is at work: all of them run from the beginning, and wait for the one before.
func (b build) stepProgress() string {
	for _, step := range b.task.Status.Steps {
		switch {
		case step.Terminated != nil && step.Terminated.ExitCode == 0:
			continue
		case step.Terminated != nil:
			return fmt.Sprintf("The build's step %s failed.", step.Name)
		case step.Running == nil:
			return starting
		case step.Name == buildpod.Fetch:
			return "Fetching the source."
		default:
			return "Building the image."
		}
	}
	if len(b.task.Status.Steps) == 0 {
		return starting
	}
	return "The image has been pushed."
}
