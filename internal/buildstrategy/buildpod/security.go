package buildpod

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// builder is what buildah needs. Without privileges it makes a user namespace and mounts inside it: it is root of the
// container with the usual capabilities, and asks for no seccomp profile, since the runtime's own forbids just that. The
// baseline Pod Security Standard admits it. Where the node forbids it all the same (an AppArmor profile), privileged is
// the way out.
func builder(privileged bool) *corev1.SecurityContext {
	context := &corev1.SecurityContext{RunAsUser: ptr.To[int64](0)}
	if privileged {
		context.Privileged = ptr.To(true)
	}
	return context
}
