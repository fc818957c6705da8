package podstatus

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

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
	// Container that waits, and its image; empty where the whole pod does.
	Container, Image string
	// Message is what the cluster says.
	Message string
	// Permanent is set for what no waiting brings.
	Permanent bool
	// Since is when the wait began.
	Since time.Time
}

var waitKinds = map[string]WaitKind{
	"ErrImagePull": WaitImage, "ImagePullBackOff": WaitImage, "InvalidImageName": WaitImage, "ErrImageNeverPull": WaitImage,
	"ImageInspectError": WaitImage, "RegistryUnavailable": WaitImage, "SignatureValidationFailed": WaitImage,
	"CreateContainerConfigError": WaitConfig,
	"CreateContainerError":       WaitCreate, "RunContainerError": WaitCreate,
	"PreCreateHookError": WaitCreate, "PreStartHookError": WaitCreate, "PostStartHookError": WaitCreate,
}

var permanent = map[string]bool{"InvalidImageName": true, "ErrImageNeverPull": true}

// WaitOf says what a container is stuck at, nil for one that is not; build systems that hide the pod show this state.
func WaitOf(container, image string, w *corev1.ContainerStateWaiting) *Wait {
	if w == nil || waitKinds[w.Reason] == "" {
		return nil
	}
	return &Wait{
		Kind: waitKinds[w.Reason], Container: container, Image: image,
		Message: fmt.Sprintf("%s: %s", w.Reason, w.Message), Permanent: permanent[w.Reason],
	}
}

// Waiting says why a pod is stuck, nil for one that is not.
func Waiting(pod *corev1.Pod) *Wait {
	since := scheduled(pod)
	for _, c := range Containers(pod) {
		if c.State.Terminated != nil {
			since = c.State.Terminated.FinishedAt.Time
		}
		if wait := WaitOf(c.Name, c.Image, c.State.Waiting); wait != nil {
			wait.Since = since
			return wait
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
