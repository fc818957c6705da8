package tekton

import (
	"fmt"
	"strings"
	"time"

	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
)

// failed says why a PipelineRun has no image.
func (b build) failed() buildstrategy.Outcome {
	switch tektonv1.PipelineRunReason(b.condition.Reason) {
	case tektonv1.PipelineRunReasonTimedOut:
		return b.timedOut()
	case tektonv1.PipelineRunReasonCancelled:
		return b.cancelled()
	case tektonv1.PipelineRunReasonCouldntGetPipelineResult, tektonv1.PipelineRunReasonInvalidTaskResultReference,
		tektonv1.PipelineRunReasonInvalidPipelineResultReference:
		return buildpod.Failure(buildstrategy.BuildResultInvalid, "The build ended, but it cannot be told which image it made. Run the job "+
			"again. Tekton says: "+buildstrategy.Clean(b.condition.Message))
	case tektonv1.PipelineRunReasonFailed:
		return b.failedTask()
	default:
		return notRun(b.condition.Reason, buildstrategy.Clean(b.condition.Message))
	}
}

// notRun is whatever Tekton refuses to run.
func notRun(reason, message string) buildstrategy.Outcome {
	return buildpod.Failure(buildstrategy.BuilderFailed, fmt.Sprintf("Tekton did not run the build. It says (%s): %s", reason, message))
}

// failedTask says what the TaskRun says. Tekton ends a TaskRun before its PipelineRun, but the two come by different ways.
func (b build) failedTask() buildstrategy.Outcome {
	c := b.taskCondition()
	switch {
	case b.task == nil:
		return temporary(buildpod.Failure(buildstrategy.BuilderFailed, "The build failed in Tekton, and its TaskRun is gone and with it the "+
			"reason. Tekton says: "+b.says()))
	case c.IsUnknown():
		return buildpod.Progress("The build ended without an image. Its TaskRun is about to say why.")
	}
	switch tektonv1.TaskRunReason(c.Reason) {
	case tektonv1.TaskRunReasonFailed:
		return b.failedPod()
	case tektonv1.TaskRunReasonTimedOut:
		return b.timedOut()
	case tektonv1.TaskRunReasonCancelled:
		return b.cancelled()
	case tektonv1.TaskRunReasonResultLargerThanAllowedLimit:
		return buildpod.Failure(buildstrategy.BuildResultInvalid, "The build's result did not fit into what Tekton keeps. Tekton says: "+b.says())
	default:
		return b.failedStart(c.Reason)
	}
}

// failedStart is a pod that did not come to run.
func (b build) failedStart(reason string) buildstrategy.Outcome {
	switch reason {
	case tektonv1.TaskRunReasonImagePullFailed.String():
		return imagePullFailed(b.says())
	case taskPodAdmissionFailed, tektonv1.TaskRunReasonPodCreationFailed.String():
		return buildpod.RefusedInTekton(b.says())
	case tektonv1.TaskRunReasonCreateContainerConfigError.String():
		return buildpod.Failure(buildstrategy.BuilderFailed, "A container of the build cannot be started. Check the operator's configuration "+
			"of its images. Tekton says: "+b.says())
	default:
		return notRun(reason, b.says())
	}
}

// imagePullFailed tells a name that is none from a registry that may come back. Tekton does not wait for it.
func imagePullFailed(message string) buildstrategy.Outcome {
	outcome := buildpod.Failure(buildstrategy.BuilderImagePullFailed, "An image of the build cannot be pulled. Check the operator's "+
		"configuration of its images. Tekton says: "+message)
	outcome.Temporary = !strings.Contains(message, "couldn't parse image") && !strings.Contains(message, "InvalidImageName")
	return outcome
}

// cancelled tells somebody's wish from the end of the time, at which Tekton cancels the TaskRun itself.
func (b build) cancelled() buildstrategy.Outcome {
	if b.task != nil && b.task.Spec.StatusMessage == tektonv1.TaskRunCancelledByPipelineTimeoutMsg {
		return b.timedOut()
	}
	return buildpod.Failure(buildstrategy.BuildCancelled, "Somebody cancelled the build in Tekton. Run the job again to build again.")
}

// timedOut says what the build was at when its time was up: a pod that was not made or could not start, or one that is
// being deleted and has left last words.
func (b build) timedOut() buildstrategy.Outcome {
	sentence := buildpod.Late(b.timeout())
	switch {
	case b.pod == nil && b.task != nil && b.task.Status.PodName == "":
		return buildpod.Failure(buildstrategy.BuildTimeout, sentence+" Its pod was never made: check the namespace's quota.")
	case b.pod == nil:
		return buildpod.Failure(buildstrategy.BuildTimeout, sentence)
	}
	if block := buildpod.BlockedPod(b.pod); block != nil {
		return block.TimedOut(sentence)
	}
	if ended := podstatus.Ended(b.pod, container(buildpod.Build)); ended != nil {
		sentence = strings.TrimSpace(sentence + "\n" + buildstrategy.Clean(leftIn(nil, ended.Message).message))
	}
	return buildpod.Failure(buildstrategy.BuildTimeout, sentence)
}

func (b build) timeout() time.Duration {
	if b.run.Spec.Timeouts == nil || b.run.Spec.Timeouts.Pipeline == nil {
		return 0
	}
	return b.run.Spec.Timeouts.Pipeline.Duration
}
