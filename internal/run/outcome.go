package run

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
	"mlops.dev/notebook-validator-operator/internal/runner"
)

// stuckGrace is how long a pod may wait for something that does not come by waiting: an image that cannot be pulled, a
// Secret that is not there.
const stuckGrace = 2 * time.Minute

// killedGrace is how long the node may take to say that a pod failed whose container was killed.
const killedGrace = 10 * time.Second

// State says how far a run is.
type State string

const (
	// Pending is a run that does not execute the notebook yet.
	Pending State = "Pending"
	// Running is a run that executes the notebook.
	Running State = "Running"
	// Finished is a run whose report can be read.
	Finished State = "Finished"
	// Failed is a run that ended without a report.
	Failed State = "Failed"
)

// Outcome is what the status of a run means.
type Outcome struct {
	State State
	// Reason of a failure, of api/v1alpha1.
	Reason string
	// Message says in a sentence what is going on, or what to do about a failure.
	Message string
	// Pod whose report container's log is the report; only when Finished.
	Pod *corev1.Pod
	// Deadline is when a Pending run that is stuck becomes a failure; zero for none.
	Deadline time.Time
	// Last is the cell that ran when the container was killed, nil where that is not known. It is what the container said
	// itself: a help for people, on which no verdict rests.
	Last *runner.Progress
}

// Ended says whether the Job of a run is over. Its pods are then read from the API server itself: a cache may know of the
// Job's end before it knows of the pod's.
func Ended(job *batchv1.Job) bool {
	return finished(job, batchv1.JobComplete) || finished(job, batchv1.JobFailed)
}

// Read says what the status of the run's Job and pods means. refused is what the cluster said when it refused to create a
// pod, empty if it did not.
func Read(job *batchv1.Job, pods []corev1.Pod, refused string) Outcome {
	pod := podstatus.Newest(pods)
	switch {
	case finished(job, batchv1.JobComplete):
		return readComplete(pods)
	case finished(job, batchv1.JobFailed):
		return readFailed(job, pod, refused)
	case pod == nil:
		return readNoPod(job, refused)
	}
	return readActive(pod)
}

func finished(job *batchv1.Job, condition batchv1.JobConditionType) bool {
	return jobCondition(job, condition) != nil
}

func jobCondition(job *batchv1.Job, condition batchv1.JobConditionType) *batchv1.JobCondition {
	for i, c := range job.Status.Conditions {
		if c.Type == condition && c.Status == corev1.ConditionTrue {
			return &job.Status.Conditions[i]
		}
	}
	return nil
}

func readComplete(pods []corev1.Pod) Outcome {
	for i := range pods {
		if pods[i].Status.Phase == corev1.PodSucceeded {
			return Outcome{State: Finished, Pod: &pods[i]}
		}
	}
	return failed(v1alpha1.ReasonReportInvalid, "The pod of the run was removed before its report was read. Change spec.rerun to run the notebook again.")
}

func readNoPod(job *batchv1.Job, refused string) Outcome {
	switch {
	case refused == "":
		return Outcome{State: Pending, Message: "Waiting for the pod of the run."}
	case strings.Contains(refused, "error looking up service account"): // in a new namespace even the default one may come later
		return Outcome{State: Pending, Reason: v1alpha1.ReasonPodConfigInvalid, Deadline: job.CreationTimestamp.Add(stuckGrace),
			Message: "The pod of the run has no service account: " + refused + ". Create it, or correct podConfig.serviceAccountName."}
	case permanentRefusal(refused):
		return failed(v1alpha1.ReasonPodRejected, "The cluster refuses the pod of the run: "+refused+". Correct podConfig, or ask who runs the cluster to allow it.")
	}
	return Outcome{State: Pending, Message: "The cluster refuses the pod of the run for now: " + refused}
}

// permanentRefusal tells a pod that is forbidden as it is from one that may come later, as when a quota is used up.
func permanentRefusal(message string) bool {
	if strings.Contains(message, "exceeded quota") {
		return false
	}
	for _, sign := range []string{"is forbidden", "is invalid", "denied the request", "security context constraint"} {
		if strings.Contains(message, sign) {
			return true
		}
	}
	return false
}

func readActive(pod *corev1.Pod) Outcome {
	if wait := podstatus.Waiting(pod); wait != nil && pod.DeletionTimestamp == nil {
		return readWaiting(wait)
	}
	if killed := podstatus.Killed(pod); killed != nil {
		return readKilled(pod, killed)
	}
	if podstatus.Started(pod, ContainerExecute) {
		return Outcome{State: Running, Message: "The notebook is being executed in pod " + pod.Name + "."}
	}
	if podstatus.Started(pod, ContainerFetch) {
		return Outcome{State: Pending, Message: "The pod of the run is fetching the commit or pulling the image."}
	}
	return Outcome{State: Pending, Message: "The pod of the run is starting."}
}

// readKilled waits a moment for the node to say that the pod failed, which it does only with an exit code other than 0.
func readKilled(pod *corev1.Pod, killed *corev1.ContainerStatus) Outcome {
	out := readContainer(pod, killed)
	out.State, out.Deadline = Pending, killed.State.Terminated.FinishedAt.Add(killedGrace)
	return out
}

func readWaiting(wait *podstatus.Wait) Outcome {
	out := Outcome{State: Pending}
	switch wait.Kind {
	case podstatus.WaitImage:
		out.Reason = v1alpha1.ReasonImagePullFailed
		out.Message = "The image of container " + wait.Container + " cannot be pulled: " + wait.Message + ". Check its name, and podConfig.imagePullSecrets."
	case podstatus.WaitConfig, podstatus.WaitCreate:
		out.Reason = v1alpha1.ReasonPodConfigInvalid
		out.Message = "Container " + wait.Container + " cannot be made: " + wait.Message + ". Correct what podConfig names, or create what is missing."
	default:
		out.Message = "No node takes the pod of the run yet: " + wait.Message + ". Check podConfig.resources, nodeSelector, tolerations and affinity."
		return out
	}
	out.Deadline = wait.Since.Add(stuckGrace)
	return out
}

func readFailed(job *batchv1.Job, pod *corev1.Pod, refused string) Outcome {
	if deadline := jobCondition(job, batchv1.JobFailed); deadline != nil && deadline.Reason == batchv1.JobReasonDeadlineExceeded {
		return readDeadline(job, pod, refused)
	}
	if pod == nil {
		return failed(v1alpha1.ReasonRunFailed, "The run ended and its pod is gone. Change spec.rerun to run the notebook again.")
	}
	if container := podstatus.Failure(pod); container != nil {
		return readContainer(pod, container)
	}
	if why := podstatus.Disruption(pod); why != "" {
		return failed(v1alpha1.ReasonRunFailed, "The cluster took the pod of the run away too often: "+why+". Change spec.rerun to run the notebook again.")
	}
	return failed(v1alpha1.ReasonRunFailed, fmt.Sprintf("The pod of the run failed: %s %s", pod.Status.Reason, pod.Status.Message))
}

func readDeadline(job *batchv1.Job, pod *corev1.Pod, refused string) Outcome {
	message := "The run did not end within its timeout and the time that a pod may take to start. Raise spec.timeout."
	switch {
	case refused != "" && pod == nil && job.Status.Failed == 0:
		return failed(v1alpha1.ReasonPodRejected, "The cluster refused the pod of the run until the deadline: "+refused)
	case pod != nil && !podstatus.Started(pod, ContainerExecute):
		message = "The pod of the run did not start before the deadline."
		if wait := podstatus.Waiting(pod); wait != nil {
			message += " " + readWaiting(wait).Message
		}
	}
	return failed(v1alpha1.ReasonTimeout, message)
}

func readContainer(pod *corev1.Pod, container *corev1.ContainerStatus) Outcome {
	switch container.Name {
	case ContainerFetch:
		return readFetch(container.State.Terminated)
	case ContainerFetchGolden:
		out := readFetch(container.State.Terminated)
		out.Message = "The golden notebook cannot be had: " + out.Message
		return out
	case ContainerExecute:
		return readExecute(container.State.Terminated)
	}
	t := container.State.Terminated
	return failed(v1alpha1.ReasonRunFailed, fmt.Sprintf("Container %s of pod %s ended with exit code %d (%s) %s", container.Name, pod.Name, t.ExitCode, t.Reason, t.Message))
}

// fetchResult is what fetch leaves in its termination message.
type fetchResult struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// oneWord is a reason that the API server takes.
var oneWord = regexp.MustCompile(`^[A-Za-z]{1,64}$`)

func readFetch(t *corev1.ContainerStateTerminated) Outcome {
	var result fetchResult
	if err := json.Unmarshal([]byte(t.Message), &result); err != nil || !oneWord.MatchString(result.Reason) {
		return failed(v1alpha1.ReasonSourceUnavailable, fmt.Sprintf("The commit could not be fetched: exit code %d (%s) %s", t.ExitCode, t.Reason, t.Message))
	}
	return failed(result.Reason, result.Message)
}

// exitNotFound are the codes of a command that is not there.
var exitNotFound = map[int32]bool{126: true, 127: true, 128: true}

func readExecute(t *corev1.ContainerStateTerminated) Outcome {
	last := progress(t.Message)
	out := failed(executeFailure(t, position(last)))
	out.Last = last
	return out
}

func executeFailure(t *corev1.ContainerStateTerminated, at string) (reason, message string) {
	switch {
	case t.Reason == podstatus.OutOfMemory:
		return v1alpha1.ReasonOutOfMemory, "The container was killed for lack of memory" + at + ". Raise podConfig.resources.limits.memory or load less data."
	case exitNotFound[t.ExitCode]:
		return v1alpha1.ReasonRunnerMissing, "python3 cannot be started in the image: " + t.Message + ". Use an image with python3 and nbclient, or set podConfig.buildConfig.enabled."
	case t.ExitCode == 137:
		return v1alpha1.ReasonRunFailed, "The container was killed from outside" + at + ", most often for lack of memory on the node. Raise podConfig.resources, or change spec.rerun to run the notebook again."
	}
	return v1alpha1.ReasonRunFailed, fmt.Sprintf("The runner ended with exit code %d (%s)%s: %s", t.ExitCode, t.Reason, at, t.Message)
}

// progress is what the runner noted in the termination message as it went, nil where it noted nothing.
func progress(message string) *runner.Progress {
	noted, err := runner.ParseProgress([]byte(message))
	if err != nil {
		return nil
	}
	return &noted
}

// position says where the notebook was.
func position(last *runner.Progress) string {
	if last == nil {
		return ""
	}
	return fmt.Sprintf(" in cell %d", last.Cell)
}

func failed(reason, message string) Outcome {
	return Outcome{State: Failed, Reason: reason, Message: message}
}
