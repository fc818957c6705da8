package buildpod

import (
	"strings"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// Rejected translates what a cluster says when it does not admit the build's pod. A permanent rejection stays until
// somebody changes the namespace or the operator's configuration.
func Rejected(message string) (reason buildstrategy.Reason, sentence string, permanent bool) {
	message = buildstrategy.Clean(message)
	switch {
	case strings.Contains(message, "violates PodSecurity"):
		return buildstrategy.BuilderForbidden, "This namespace does not admit the image builder, which runs as root of its container. Allow it " +
			"with the namespace label pod-security.kubernetes.io/enforce=baseline (privileged where the operator runs with " +
			"--builder-privileged), or build in a namespace that allows it. " +
			"The cluster says: " + message, true
	case strings.Contains(message, "unable to validate against any security context constraint"):
		return buildstrategy.BuilderForbidden, "This cluster does not admit the image builder, which runs as root of its container. Allow the " +
			"namespace's default service account to use the anyuid security context constraint, or build in a namespace " +
			"that allows it. The cluster says: " + message, true
	case strings.Contains(message, "exceeded quota"):
		return buildstrategy.BuilderWaiting, "The build waits for the namespace's quota. Wait for other pods to end, lower the build's " +
			"resources or raise the quota. The cluster says: " + message, false
	default:
		return buildstrategy.BuilderWaiting, "The build's pod cannot be created and is tried again. The cluster says: " + message, false
	}
}
