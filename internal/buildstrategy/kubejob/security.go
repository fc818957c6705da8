package kubejob

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// restricted satisfies the restricted Pod Security Standard.
func restricted() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		RunAsNonRoot:             ptr.To(true),
		AllowPrivilegeEscalation: ptr.To(false),
		ReadOnlyRootFilesystem:   ptr.To(true),
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		SeccompProfile:           &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
}

// builder is what buildah needs: root that may mount, because a build step runs in a root file system of its own.
func builder() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		RunAsUser:  ptr.To[int64](0),
		Privileged: ptr.To(true),
	}
}
