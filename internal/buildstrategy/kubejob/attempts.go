package kubejob

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/podspec"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
)

// attempts are those that the Job counts: a pod that the cluster took away is none.
type attempts struct{ failed, most int32 }

// attemptsOf counts the failed pods, since the Job's own number comes a moment later.
func attemptsOf(job *batchv1.Job, pods []corev1.Pod) attempts {
	var failed int32
	for i := range pods {
		if pods[i].Status.Phase == corev1.PodFailed && !podstatus.Disrupted(&pods[i]) {
			failed++
		}
	}
	count := attempts{failed: max(failed, job.Status.Failed)}
	if job.Spec.BackoffLimit != nil {
		count.most = *job.Spec.BackoffLimit + 1
	}
	return count
}

// goesOn tells whether the Job tries again after a pod that failed like that. A pod that failed without any of its
// containers is none that the failure policy has a rule for.
func (a attempts) goesOn(pod *corev1.Pod) bool {
	if a.failed >= a.most {
		return false
	}
	failed := podstatus.Failure(pod)
	if failed == nil {
		return true
	}
	code := failed.State.Terminated.ExitCode
	return code == podspec.ExitTemporary || code == podspec.ExitTerminated
}

// latest names the attempt that failed last.
func (a attempts) latest() string { return fmt.Sprintf("attempt %d of %d", a.failed, a.most) }

// current names the attempt that is under way.
func (a attempts) current() string { return fmt.Sprintf("attempt %d of %d", a.failed+1, a.most) }

// usedUp says that there was more than one attempt, where that is so.
func (a attempts) usedUp() string {
	if a.failed < 2 {
		return ""
	}
	return fmt.Sprintf("The build was tried %d times. The last time: ", a.failed)
}
