// Package podstatus reads what a pod's status says, in one place: why it does not start, which of its containers ended
// badly and how. It judges nothing; what a failure means is decided by whoever made the pod.
package podstatus

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// OutOfMemory is the reason of a container that was killed for lack of memory, or one of whose processes was.
const OutOfMemory = "OOMKilled"

// NewestFirst sorts pods: the one created last comes first, by name where they are of one age.
func NewestFirst(pods []corev1.Pod) []corev1.Pod {
	sorted := slices.Clone(pods)
	slices.SortFunc(sorted, func(a, b corev1.Pod) int {
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(b.Name, a.Name))
	})
	return sorted
}

// Newest is the pod that counts, the first of NewestFirst; nil for none.
func Newest(pods []corev1.Pod) *corev1.Pod {
	if len(pods) == 0 {
		return nil
	}
	return &NewestFirst(pods)[0]
}

// Containers are the statuses of the init containers and then of the containers, in the order in which they run.
func Containers(pod *corev1.Pod) []corev1.ContainerStatus {
	all := make([]corev1.ContainerStatus, 0, len(pod.Status.InitContainerStatuses)+len(pod.Status.ContainerStatuses))
	all = append(all, pod.Status.InitContainerStatuses...)
	return append(all, pod.Status.ContainerStatuses...)
}

// Container is the status of one container, nil where the pod has none yet.
func Container(pod *corev1.Pod, name string) *corev1.ContainerStatus {
	for _, c := range Containers(pod) {
		if c.Name == name {
			return &c
		}
	}
	return nil
}

// Started says whether a container of that name runs or has run.
func Started(pod *corev1.Pod, name string) bool {
	c := Container(pod, name)
	return c != nil && started(*c)
}

// Ended is how a container ended, nil for one that did not.
func Ended(pod *corev1.Pod, name string) *corev1.ContainerStateTerminated {
	c := Container(pod, name)
	if c == nil {
		return nil
	}
	return c.State.Terminated
}

// Failure is the first container of a pod that ended badly, nil for none.
func Failure(pod *corev1.Pod) *corev1.ContainerStatus {
	for _, c := range Containers(pod) {
		if t := c.State.Terminated; t != nil && t.ExitCode != 0 {
			return &c
		}
	}
	return nil
}

// Killed is the init container that was killed for lack of memory, or outlived one of its processes that was, while none
// after it has been started; nil for none. The node counts that as a failure, whatever the exit code, and starts nothing
// more; but where the code is 0 the pod does not end, and stays as it is until its Job's deadline.
func Killed(pod *corev1.Pod) *corev1.ContainerStatus {
	inits := pod.Status.InitContainerStatuses
	for i := range inits {
		if t := inits[i].State.Terminated; t != nil && t.Reason == OutOfMemory && !anyStarted(Containers(pod)[i+1:]) {
			return &inits[i]
		}
	}
	return nil
}

func anyStarted(containers []corev1.ContainerStatus) bool {
	return slices.ContainsFunc(containers, started)
}

func started(c corev1.ContainerStatus) bool {
	return c.State.Running != nil || c.State.Terminated != nil
}

// Disrupted says whether the cluster took the pod away (preemption, a drained or lost node, a node that puts pods out), so
// that a Job does not count its end as a failure.
func Disrupted(pod *corev1.Pod) bool { return disruption(pod) != nil }

func disruption(pod *corev1.Pod) *corev1.PodCondition {
	for i, c := range pod.Status.Conditions {
		if c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}

// ReasonEvicted is the reason of a pod that the kubelet put out; one that used more than it may have is not Disrupted.
const ReasonEvicted = "Evicted"

// Disruption says why the cluster took the pod away (eviction, preemption, a lost node), empty where it did not.
func Disruption(pod *corev1.Pod) string {
	if c := disruption(pod); c != nil {
		return fmt.Sprintf("%s: %s", c.Reason, c.Message)
	}
	if pod.Status.Reason == ReasonEvicted || pod.Status.Reason == "NodeLost" {
		return fmt.Sprintf("%s: %s", pod.Status.Reason, pod.Status.Message)
	}
	return ""
}
