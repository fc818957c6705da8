package kubejob

import (
	"fmt"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
)

// running says what an undecided build is doing, by its newest pod.
func running(job *batchv1.Job, pods []corev1.Pod, refused string) buildstrategy.Outcome {
	if len(pods) == 0 {
		return withoutPod(refused)
	}
	pod := &pods[0]
	switch killed := podstatus.Killed(pod); {
	case pod.Status.Phase == corev1.PodSucceeded:
		return buildpod.Progress("The image has been pushed.")
	case pod.Status.Phase == corev1.PodFailed:
		return buildpod.Progress(failedAttempt(pod, attemptsOf(job, pods)))
	case pod.DeletionTimestamp != nil || podstatus.Disrupted(pod):
		return buildpod.Progress(takenAway(pod))
	case killed != nil && killed.State.Terminated.ExitCode == 0: // with another code the node ends the pod
		return failedContainer(killed.Name, killed.State.Terminated)
	}
	if block := buildpod.BlockedPod(pod); block != nil {
		return block.Outcome()
	}
	return buildpod.Progress(podProgress(pod) + history(job, pods))
}

// withoutPod is a build whose pod is not there yet, or is not let in.
func withoutPod(refused string) buildstrategy.Outcome {
	if refused == "" {
		return buildpod.Progress("Waiting for the build's pod.")
	}
	reason, sentence, permanent := buildpod.Rejected(refused)
	if permanent {
		return buildpod.Failure(reason, sentence)
	}
	outcome := buildpod.Progress(sentence)
	outcome.Reason = reason
	return outcome
}

func podProgress(pod *corev1.Pod) string {
	switch {
	case podstatus.Started(pod, buildpod.Build):
		return "Building the image."
	case podstatus.Ended(pod, buildpod.Fetch) != nil:
		return "The source is fetched, and the builder is being started."
	case podstatus.Started(pod, buildpod.Fetch):
		return "Fetching the source."
	default:
		return "Starting the build's pod."
	}
}

// history says that the pod before failed, and why this is done again.
func history(job *batchv1.Job, pods []corev1.Pod) string {
	if len(pods) < 2 || pods[1].Status.Phase != corev1.PodFailed {
		return ""
	}
	before := &pods[1]
	if podstatus.Disrupted(before) {
		return " It is done again, because the cluster took the pod before away: " + said(podstatus.Disruption(before))
	}
	outcome, _ := failedPod(before)
	first, _, _ := strings.Cut(outcome.Message, "\n")
	return fmt.Sprintf(" This is %s. The one before ended without an image: %s", attemptsOf(job, pods).current(), first)
}

// takenAway is a pod that is to go and is not gone yet; on a node that is lost that may take minutes.
func takenAway(pod *corev1.Pod) string {
	const again = " The build is tried again as soon as the cluster knows that the pod is gone."
	if why := podstatus.Disruption(pod); why != "" {
		return "The cluster takes the build's pod away, because it is preempted, or its node is drained, lost or in trouble (" + said(why) + ")." + again
	}
	return "The build's pod is being deleted."
}

// failedAttempt is shown while the Job decides whether to try again.
func failedAttempt(pod *corev1.Pod, count attempts) string {
	if podstatus.Disrupted(pod) {
		return "The cluster took the build's pod away (" + said(podstatus.Disruption(pod)) + "), and the build is tried again. That does not count as an attempt."
	}
	outcome, _ := failedPod(pod)
	if count.goesOn(pod) {
		return fmt.Sprintf("The build ended without an image in %s, and is tried again after a pause. %s", count.latest(), outcome.Message)
	}
	return strings.TrimSpace("The build ended without an image. " + outcome.Message)
}

func said(message string) string { return buildstrategy.Clean(message) }
