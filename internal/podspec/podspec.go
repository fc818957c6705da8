// Package podspec holds what the pods of a build and of a run have in common: how they may be tried again, and what they
// may do.
package podspec

import (
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// Exit codes of this program in a pod. They are the language between a container and its Job's failure policy.
const (
	// ExitPermanent is a failure that another try would only repeat.
	ExitPermanent = 65
	// ExitTemporary is a failure that may pass: the Job tries again.
	ExitTemporary = 75
	// ExitTerminated is a container that was asked to stop: its pod was deleted, and the Job tries again.
	ExitTerminated = 143
)

// FailurePolicy tries a pod that the cluster took away again without counting it, one that was stopped or met a passing
// trouble a few times, and everything else never: what failed once has failed.
func FailurePolicy() *batchv1.PodFailurePolicy {
	return &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{
		{
			Action: batchv1.PodFailurePolicyActionIgnore,
			OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{
				{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue},
			},
		},
		{
			Action: batchv1.PodFailurePolicyActionFailJob,
			OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{
				Operator: batchv1.PodFailurePolicyOnExitCodesOpNotIn,
				Values:   []int32{ExitTemporary, ExitTerminated},
			},
		},
	}}
}

// Literal protects arguments from the kubelet, which expands $(NAME) in them.
func Literal(args []string) []string {
	protected := make([]string, len(args))
	for i, arg := range args {
		protected[i] = strings.ReplaceAll(arg, "$", "$$")
	}
	return protected
}

// Restricted is the security context of a container that satisfies the restricted Pod Security Standard.
func Restricted() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		RunAsNonRoot:             ptr.To(true),
		AllowPrivilegeEscalation: ptr.To(false),
		ReadOnlyRootFilesystem:   ptr.To(true),
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		SeccompProfile:           &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
}

// EmptyDir is a volume that lives as long as its pod.
func EmptyDir(name string) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}
}
