package shipwright

import (
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	buildv1beta1 "github.com/shipwright-io/build/pkg/apis/build/v1beta1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
)

// Ended tells whether the BuildRun is over.
func (Strategy) Ended(child client.Object) bool {
	run, ok := child.(*buildv1beta1.BuildRun)
	if !ok {
		return false
	}
	status := run.Status.GetCondition(buildv1beta1.Succeeded).GetStatus()
	return status == corev1.ConditionTrue || status == corev1.ConditionFalse
}

// Outcome reads the BuildRun's condition, and what its steps left in its status.
func (Strategy) Outcome(seen buildstrategy.Seen) buildstrategy.Outcome {
	run, ok := seen.Child.(*buildv1beta1.BuildRun)
	if !ok {
		return buildpod.Failure(buildstrategy.BuilderFailed, "The build's BuildRun is an object of another kind; delete it to build again.")
	}
	condition := run.Status.GetCondition(buildv1beta1.Succeeded)
	switch condition.GetStatus() {
	case corev1.ConditionTrue:
		return succeeded(run)
	case corev1.ConditionFalse:
		return failed(run, condition.GetReason(), buildstrategy.Clean(condition.GetMessage()))
	default:
		return undecided(condition.GetReason(), buildstrategy.Clean(condition.GetMessage()))
	}
}

// succeeded finds the image of a BuildRun that says it is done. Without a readable digest there is no image.
func succeeded(run *buildv1beta1.BuildRun) buildstrategy.Outcome {
	image, err := builtImage(run)
	if err != nil {
		return buildpod.Failure(buildstrategy.BuildResultInvalid, fmt.Sprintf("The build ended, but it cannot be told which image it "+
			"made: %v. Run the job again.", err))
	}
	return buildstrategy.Outcome{Phase: buildstrategy.Succeeded, Image: image, Message: "The image has been built and pushed."}
}

// builtImage is the repository that was asked for, at the digest that the build step left.
func builtImage(run *buildv1beta1.BuildRun) (string, error) {
	if run.Status.Output == nil || run.Status.Output.Digest == "" {
		return "", fmt.Errorf("the BuildRun's status.output has no digest")
	}
	target, err := target(run)
	if err != nil {
		return "", err
	}
	tag, err := name.NewTag(target)
	if err != nil {
		return "", fmt.Errorf("the BuildRun does not say which image to make: %w", err)
	}
	image := strings.TrimSuffix(target, ":"+tag.TagStr()) + "@" + run.Status.Output.Digest
	return image, buildpod.CheckImage(image, target)
}

// target is the reference that was pushed to. A BuildRun's spec can be changed while it runs; its status keeps what the
// build was begun with.
func target(run *buildv1beta1.BuildRun) (string, error) {
	if run.Spec.Build.Spec == nil || run.Status.BuildSpec == nil {
		return "", fmt.Errorf("the BuildRun does not have the build in it")
	}
	asked, begun := run.Spec.Build.Spec.Output.Image, run.Status.BuildSpec.Output.Image
	if asked != begun {
		return "", fmt.Errorf("the BuildRun was changed after it began to build %q", begun)
	}
	return begun, nil
}

// Reasons of an undecided BuildRun, which are those of Tekton's TaskRun.
const (
	reasonStarted         = "Started"
	reasonRunning         = "Running"
	reasonPending         = "Pending"
	reasonQuotaExceeded   = "ExceededResourceQuota"
	reasonNodeTooSmall    = "ExceededNodeResources"
	reasonPullImageFailed = "PullImageFailed"
)

// undecided says what a BuildRun is at or, with a reason, what keeps it from going on.
func undecided(reason, message string) buildstrategy.Outcome {
	switch {
	case reason == reasonQuotaExceeded:
		why, sentence, _ := buildpod.Rejected("exceeded quota: " + message)
		return waiting(why, sentence)
	case reason == reasonNodeTooSmall, reason == reasonPending && strings.Contains(message, string(corev1.PodScheduled)):
		return waiting(buildstrategy.BuilderWaiting, "The build's pod finds no node with room for it, or none that it may run on. Wait for other pods "+
			"to end, add a node, or check the build's node selector and tolerations. Tekton says: "+message)
	case reason == reasonPullImageFailed, reason == reasonImagePullFailed:
		return waiting(buildstrategy.BuilderImagePullFailed, imageNotPulled+message)
	default:
		return buildpod.Progress(progress(reason, message))
	}
}

// waiting is a build that somebody may have to help.
func waiting(reason buildstrategy.Reason, message string) buildstrategy.Outcome {
	outcome := buildpod.Progress(message)
	outcome.Reason = reason
	return outcome
}

// progress says what a BuildRun that goes on is doing.
func progress(reason, message string) string {
	switch reason {
	case "":
		return "Waiting for Shipwright to begin the build."
	case reasonRunning:
		return "Building the image."
	case buildv1beta1.BuildRunStateCancel:
		return "Somebody cancelled the build, and it is being stopped."
	case reasonStarted, reasonPending:
		return strings.TrimSpace("Starting the build's pod. " + message)
	default:
		return fmt.Sprintf("Shipwright says of the build (%s): %s", reason, message)
	}
}
