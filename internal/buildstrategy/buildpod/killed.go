package buildpod

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/podspec"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
)

// Exit codes of a container that a signal ended, and the one that the container runtime makes up for a container whose end
// it did not see, as after a restart of the node.
const (
	exitKilled  = 137
	exitStopped = podspec.ExitTerminated
	exitUnseen  = 255
)

// Reasons that the kubelet and the container runtime give to the end of a container.
const (
	endedBadly = "Error"
	// endedUnseen is the runtime's, and endedUnknown the kubelet's, for an end that they did not see.
	endedUnseen  = "Unknown"
	endedUnknown = "ContainerStatusUnknown"
)

// Killed says that a container was killed from outside before it could say why, if that is how it ended. Nothing is known
// of the environment then, and another try may go well. Not so a container that used more memory than it may.
func Killed(container string, ended *corev1.ContainerStateTerminated, left string) (outcome buildstrategy.Outcome, ok bool) {
	if _, told := toldBy(left); told || !killed(ended) {
		return buildstrategy.Outcome{}, false
	}
	outcome = Failure(buildstrategy.BuilderFailed, strings.TrimSpace(fmt.Sprintf("The build's container %s was killed by the node before it ended, as "+
		"when the node restarts, lacks memory or loses the pod. If that happens again, ask who runs the cluster what became of the node. "+
		"The container ended with code %d (%s). %s", container, ended.ExitCode, ended.Reason, buildstrategy.Clean(left))))
	outcome.Temporary = true
	return outcome, true
}

func killed(ended *corev1.ContainerStateTerminated) bool {
	switch ended.Reason {
	case podstatus.OutOfMemory:
		return false
	case endedUnknown:
		return true
	case endedUnseen:
		return ended.ExitCode == exitUnseen
	default:
		return ended.Reason == endedBadly && (ended.ExitCode == exitKilled || ended.ExitCode == exitStopped)
	}
}
