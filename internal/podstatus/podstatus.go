// Package podstatus reads what a pod's status says, in one place: why it does not start, which of its containers ended
// badly and how. It judges nothing; what a failure means is decided by whoever made the pod.
package podstatus

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Newest is the pod that counts: the one created last, by name where they are of one age; nil for none.
func Newest(pods []corev1.Pod) *corev1.Pod {
	var newest *corev1.Pod
	for i := range pods {
		if newest == nil || later(&pods[i], newest) {
			newest = &pods[i]
		}
	}
	return newest
}

func later(a, b *corev1.Pod) bool {
	at, bt := a.CreationTimestamp.Time, b.CreationTimestamp.Time
	if at.Equal(bt) {
		return a.Name > b.Name
	}
	return at.After(bt)
}

// WaitKind says what a pod waits for.
type WaitKind string

const (
	// WaitScheduling is a pod that no node takes yet.
	WaitScheduling WaitKind = "Scheduling"
	// WaitImage is a pod whose image cannot be pulled.
	WaitImage WaitKind = "Image"
	// WaitConfig is a pod that names a Secret, ConfigMap, key or user that cannot be had.
	WaitConfig WaitKind = "Config"
	// WaitCreate is a pod whose container the node cannot make.
	WaitCreate WaitKind = "Create"
)

// Wait is a reason why a pod does not go on by itself.
type Wait struct {
	Kind WaitKind
	// Container that waits; empty where the whole pod does.
	Container string
	// Message is what the cluster says.
	Message string
	// Since is when the wait began.
	Since time.Time
}

var waitKinds = map[string]WaitKind{
	"ErrImagePull": WaitImage, "ImagePullBackOff": WaitImage, "InvalidImageName": WaitImage,
	"ErrImageNeverPull": WaitImage, "ImageInspectError": WaitImage, "RegistryUnavailable": WaitImage,
	"CreateContainerConfigError": WaitConfig,
	"CreateContainerError":       WaitCreate, "RunContainerError": WaitCreate,
}

// Waiting says why a pod is stuck, nil for one that is not.
func Waiting(pod *corev1.Pod) *Wait {
	since := scheduled(pod)
	for _, c := range Containers(pod) {
		if c.State.Terminated != nil {
			since = c.State.Terminated.FinishedAt.Time
		}
		if w := c.State.Waiting; w != nil {
			if kind, known := waitKinds[w.Reason]; known {
				return &Wait{Kind: kind, Container: c.Name, Message: fmt.Sprintf("%s: %s", w.Reason, w.Message), Since: since}
			}
		}
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return &Wait{Kind: WaitScheduling, Message: fmt.Sprintf("%s: %s", c.Reason, c.Message), Since: pod.CreationTimestamp.Time}
		}
	}
	return nil
}

// scheduled is when a node took the pod; its creation where that is not known.
func scheduled(pod *corev1.Pod) time.Time {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionTrue && c.LastTransitionTime.After(pod.CreationTimestamp.Time) {
			return c.LastTransitionTime.Time
		}
	}
	return pod.CreationTimestamp.Time
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
	return c != nil && (c.State.Running != nil || c.State.Terminated != nil)
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

// Disruption is the message of a pod that the cluster took away (eviction, preemption, a lost node), empty for none.
func Disruption(pod *corev1.Pod) string {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue {
			return fmt.Sprintf("%s: %s", c.Reason, c.Message)
		}
	}
	if pod.Status.Reason == "Evicted" || pod.Status.Reason == "NodeLost" {
		return fmt.Sprintf("%s: %s", pod.Status.Reason, pod.Status.Message)
	}
	return ""
}
