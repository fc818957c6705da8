package kubejob

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// blocked is a container that cannot start.
type blocked struct{ container, image, reason, message string }

func (b blocked) pullMessage() string {
	return fmt.Sprintf("The image %s of the build's container %s cannot be pulled (%s). Check the operator's configuration of its "+
		"images. The node says: %s", b.image, b.container, b.reason, buildstrategy.Clean(b.message))
}

// pullProblems are the waiting reasons of an image that does not come; the permanent ones never come right.
var pullProblems = map[string]struct{ permanent bool }{
	"ErrImagePull": {}, "ImagePullBackOff": {}, "RegistryUnavailable": {}, "ImageInspectError": {},
	"InvalidImageName": {permanent: true}, "ErrImageNeverPull": {permanent: true},
}

func isPullProblem(reason string) bool {
	_, known := pullProblems[reason]
	return known
}

// ordinary are the waiting reasons that every pod goes through.
var ordinary = []string{"", "PodInitializing", "ContainerCreating"}

// waiting returns the first container that waits for something out of the ordinary, or nil.
func waiting(pod corev1.Pod) *blocked {
	for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		if w := status.State.Waiting; w != nil && !slices.Contains(ordinary, w.Reason) {
			return &blocked{status.Name, status.Image, w.Reason, w.Message}
		}
	}
	return nil
}

// running says what an undecided build is doing, by its newest pod.
func running(pods []corev1.Pod, refused string) buildstrategy.Outcome {
	if len(pods) == 0 {
		return withoutPod(refused)
	}
	pod := pods[0]
	if block := waiting(pod); block != nil {
		if pullProblems[block.reason].permanent {
			return failure(buildstrategy.BuilderImagePullFailed, block.pullMessage())
		}
		return progress(block.progress())
	}
	return progress(podProgress(pod))
}

// withoutPod is a build whose pod is not there yet, or is not let in.
func withoutPod(refused string) buildstrategy.Outcome {
	if refused == "" {
		return progress("Waiting for the build's pod.")
	}
	reason, sentence, permanent := Rejected(refused)
	if permanent {
		return failure(reason, sentence)
	}
	return progress(sentence)
}

// rejection is why a pod was not let in, empty where it was.
func rejection(refused string) string {
	if refused == "" {
		return ""
	}
	_, sentence, _ := Rejected(refused)
	return sentence
}

func progress(message string) buildstrategy.Outcome {
	return buildstrategy.Outcome{Phase: buildstrategy.Running, Message: message}
}

func (b blocked) progress() string {
	if isPullProblem(b.reason) {
		return b.pullMessage()
	}
	return fmt.Sprintf("The build's container %s cannot start (%s): %s", b.container, b.reason, buildstrategy.Clean(b.message))
}

func (b blocked) timedOut(sentence string) buildstrategy.Outcome {
	if isPullProblem(b.reason) {
		return failure(buildstrategy.BuilderImagePullFailed, b.pullMessage())
	}
	return failure(buildstrategy.BuildTimeout, sentence+"\n"+b.progress())
}

func podProgress(pod corev1.Pod) string {
	switch pod.Status.Phase {
	case corev1.PodSucceeded:
		return "The image has been pushed."
	case corev1.PodFailed:
		return failedAttempt(pod)
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return fmt.Sprintf("The build's pod finds no node (%s): %s", c.Reason, buildstrategy.Clean(c.Message))
		}
	}
	switch {
	case isRunning(pod.Status.InitContainerStatuses):
		return "Fetching the source."
	case isRunning(pod.Status.ContainerStatuses):
		return "Building the image."
	default:
		return "Starting the build's pod."
	}
}

func isRunning(statuses []corev1.ContainerStatus) bool {
	return slices.ContainsFunc(statuses, func(s corev1.ContainerStatus) bool { return s.State.Running != nil })
}

// failedAttempt is shown while the Job decides whether to try again.
func failedAttempt(pod corev1.Pod) string {
	const attempt = "An attempt to build ended without an image. "
	if isDisturbed(pod) {
		return attempt + "The cluster took its pod away, and it is tried again."
	}
	outcome, _ := failedPod(pod)
	return attempt + outcome.Message
}
