package kubejob

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// reasonPattern is what the API allows as the reason of a condition.
var reasonPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,63}$`)

// ownReasons are the ones that the build container may give.
var ownReasons = map[buildstrategy.Reason]bool{
	buildstrategy.BuildFailed: true, buildstrategy.BuildTimeout: true, buildstrategy.OutOfMemory: true,
	buildstrategy.PushFailed: true, buildstrategy.BaseImagePullFailed: true,
}

// isDisturbed tells whether the cluster itself took the pod away, which no Job counts as a failure.
func isDisturbed(pod corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue
	})
}

// failedPod says why a pod failed, if the pod shows it.
func failedPod(pod corev1.Pod) (buildstrategy.Outcome, bool) {
	if pod.Status.Reason == "Evicted" {
		return failure(buildstrategy.BuildEvicted, "The node evicted the build. Give the build the storage and memory it needs in its "+
			"resources. The node says: "+buildstrategy.Clean(pod.Status.Message)), true
	}
	for _, container := range []string{fetchContainer, buildContainer} {
		if ended := terminated(pod, container); ended != nil && ended.ExitCode != 0 {
			return failedContainer(container, ended), true
		}
	}
	return buildstrategy.Outcome{}, false
}

// failedContainer says how one container ended.
func failedContainer(container string, ended *corev1.ContainerStateTerminated) buildstrategy.Outcome {
	if ended.Reason == "OOMKilled" {
		return failure(buildstrategy.OutOfMemory, fmt.Sprintf("The build's container %s used more memory than its limit and was "+
			"killed. Raise the build's memory limit.", container))
	}
	result, err := buildstrategy.ParseResult(ended.Message)
	if err == nil && result.Message != "" {
		return failure(reasonOf(container, result.Reason), result.Message)
	}
	said := cmp.Or(buildstrategy.Clean(ended.Message), "nothing")
	return failure(reasonOf(container, ""), fmt.Sprintf("The build's container %s ended with code %d (%s) and said: %s",
		container, ended.ExitCode, ended.Reason, said))
}

// reasonOf lets a fetch give any reason of its own, and a build only one of those it knows.
func reasonOf(container string, given buildstrategy.Reason) buildstrategy.Reason {
	switch {
	case container == fetchContainer && reasonPattern.MatchString(string(given)):
		return given
	case container == fetchContainer:
		return buildstrategy.SourceUnavailable
	case ownReasons[given]:
		return given
	default:
		return buildstrategy.BuildFailed
	}
}
