package builders

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// PodBuilder makes a pod and what its node says of it.
type PodBuilder struct{ pod corev1.Pod }

// MakePod is a pod that has just been created.
func MakePod(name, namespace string) *PodBuilder {
	b := &PodBuilder{pod: corev1.Pod{ObjectMeta: meta("pod", namespace, name)}}
	b.pod.Status.Phase = corev1.PodPending
	return b
}

// Of makes a Kubernetes Job its controller.
func (b *PodBuilder) Of(job *batchv1.Job) *PodBuilder {
	b.pod.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(job, batchv1.SchemeGroupVersion.WithKind("Job"))}
	b.pod.Labels = map[string]string{batchv1.ControllerUidLabel: string(job.UID)}
	return b
}

// Created that long after Epoch.
func (b *PodBuilder) Created(after time.Duration) *PodBuilder {
	b.pod.CreationTimestamp = At(after)
	return b
}

// Deleting marks it as being deleted.
func (b *PodBuilder) Deleting() *PodBuilder {
	at := At(time.Minute)
	b.pod.DeletionTimestamp = &at
	return b
}

// Phase of the pod, with the reason and message that an eviction leaves.
func (b *PodBuilder) Phase(phase corev1.PodPhase, reasonAndMessage ...string) *PodBuilder {
	b.pod.Status.Phase = phase
	if len(reasonAndMessage) == 2 {
		b.pod.Status.Reason, b.pod.Status.Message = reasonAndMessage[0], reasonAndMessage[1]
	}
	return b
}

// Condition of the pod, that long after Epoch.
func (b *PodBuilder) Condition(kind corev1.PodConditionType, status corev1.ConditionStatus, reason, message string, after time.Duration) *PodBuilder {
	b.pod.Status.Conditions = append(b.pod.Status.Conditions, corev1.PodCondition{
		Type: kind, Status: status, Reason: reason, Message: message, LastTransitionTime: At(after),
	})
	return b
}

// Init adds the status of an init container.
func (b *PodBuilder) Init(name string, state corev1.ContainerState) *PodBuilder {
	b.pod.Status.InitContainerStatuses = append(b.pod.Status.InitContainerStatuses, corev1.ContainerStatus{Name: name, State: state})
	return b
}

// Main adds the status of a container.
func (b *PodBuilder) Main(name string, state corev1.ContainerState) *PodBuilder {
	b.pod.Status.ContainerStatuses = append(b.pod.Status.ContainerStatuses, corev1.ContainerStatus{Name: name, State: state})
	return b
}

// Obj is the pod; every call gives another copy.
func (b *PodBuilder) Obj() *corev1.Pod { return b.pod.DeepCopy() }

// Waiting is a container that waits.
func Waiting(reason, message string) corev1.ContainerState {
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
}

// Running is a container that runs.
func Running() corev1.ContainerState {
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: At(0)}}
}

// Ended is a container that ended, that long after Epoch.
func Ended(code int32, reason, message string, after time.Duration) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode: code, Reason: reason, Message: message, FinishedAt: At(after),
	}}
}
