package kubejob

import (
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
	"mlops.dev/notebook-validator-operator/internal/podspec"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
)

// failedJob says why; the newest pod that was not merely disrupted is the attempt that ended the Job.
func failedJob(job *batchv1.Job, failed *batchv1.JobCondition, pods []corev1.Pod, refused string) buildstrategy.Outcome {
	count := attemptsOf(job, pods)
	pods = slices.DeleteFunc(pods, func(pod corev1.Pod) bool { return podstatus.Disrupted(&pod) })
	if failed.Reason == batchv1.JobReasonDeadlineExceeded {
		return timedOut(job, pods, refused)
	}
	for i := range pods {
		if outcome, ok := failedPod(&pods[i]); ok {
			if failed.Reason == batchv1.JobReasonBackoffLimitExceeded {
				outcome.Message = count.usedUp() + outcome.Message
			}
			return outcome
		}
	}
	return buildpod.Failure(buildstrategy.BuilderFailed, buildstrategy.Clean("The build failed and left no result. The cluster says: "+failed.Message))
}

// timedOut says what the Job was at when its time was up: a pod that was not let in or could not start, or one that left
// last words.
func timedOut(job *batchv1.Job, pods []corev1.Pod, refused string) buildstrategy.Outcome {
	sentence := buildpod.Late(timeout(job))
	switch {
	case len(pods) == 0 && refused != "" && job.Status.Failed == 0: // there never was a pod
		reason, why, _ := buildpod.Rejected(refused)
		return buildpod.Failure(reason, fmt.Sprintf("The build's pod was not let in within the build's timeout of %s. %s", timeout(job), why))
	case len(pods) == 0:
		return buildpod.Failure(buildstrategy.BuildTimeout, sentence)
	}
	pod := &pods[0]
	if block := buildpod.BlockedPod(pod); block != nil {
		return block.TimedOut(sentence)
	}
	if killed := podstatus.Killed(pod); killed != nil {
		return failedContainer(killed.Name, killed.State.Terminated)
	}
	if ended := podstatus.Ended(pod, buildpod.Build); ended != nil {
		return lastWords(ended, sentence)
	}
	if outcome, ok := notLet(pod); ok {
		sentence += "\n" + outcome.Message
	}
	return buildpod.Failure(buildstrategy.BuildTimeout, sentence)
}

// lastWords are what a build left that ended before its Job's time was up, or was stopped then.
func lastWords(ended *corev1.ContainerStateTerminated, sentence string) buildstrategy.Outcome {
	result, err := buildstrategy.ParseResult(ended.Message)
	switch {
	case ended.Reason == podstatus.OutOfMemory:
		return failedContainer(buildpod.Build, ended)
	case err != nil || result.Message == "":
		return buildpod.Failure(buildstrategy.BuildTimeout, sentence)
	case ended.ExitCode != podspec.ExitTerminated:
		return failedContainer(buildpod.Build, ended)
	}
	return buildpod.Failure(buildstrategy.BuildTimeout, sentence+"\n"+result.Message)
}

// timeout of the build, which its Job outlives.
func timeout(job *batchv1.Job) time.Duration {
	if job.Spec.ActiveDeadlineSeconds == nil {
		return 0
	}
	return time.Duration(*job.Spec.ActiveDeadlineSeconds)*time.Second - afterTimeout
}

// failedPod says why a pod failed, if the pod shows it.
func failedPod(pod *corev1.Pod) (buildstrategy.Outcome, bool) {
	if pod.Status.Reason == podstatus.ReasonEvicted {
		return buildpod.Evicted(pod.Status.Message), true
	}
	if failed := podstatus.Failure(pod); failed != nil {
		return failedContainer(failed.Name, failed.State.Terminated), true
	}
	return notLet(pod)
}

// notLet is a pod that failed without any of its containers, as one that a node does not take for want of room or of a
// device, or because it is not the kind of node that the pod asks for.
func notLet(pod *corev1.Pod) (outcome buildstrategy.Outcome, ok bool) {
	if pod.Status.Phase != corev1.PodFailed || pod.Status.Reason == "" || podstatus.Failure(pod) != nil {
		return buildstrategy.Outcome{}, false
	}
	outcome = buildpod.Failure(buildstrategy.BuilderFailed, "The node did not let the build's pod run. If that happens again, lower the build's "+
		"resources, or check its node selector and tolerations. The node says: "+said(pod.Status.Reason+": "+pod.Status.Message))
	outcome.Temporary = true
	return outcome, true
}

func failedContainer(name string, ended *corev1.ContainerStateTerminated) buildstrategy.Outcome {
	if outcome, ok := buildpod.Killed(name, ended, ended.Message); ok {
		return outcome
	}
	return buildpod.FailedContainer(name, ended, ended.Message)
}
