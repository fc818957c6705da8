package buildpod

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
)

// reasonPattern is what the API allows as the reason of a condition.
var reasonPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,63}$`)

// ownReasons are the ones that the build container may give.
var ownReasons = map[buildstrategy.Reason]bool{
	buildstrategy.BuildFailed: true, buildstrategy.BuildTimeout: true, buildstrategy.OutOfMemory: true,
	buildstrategy.PushFailed: true, buildstrategy.BaseImagePullFailed: true, buildstrategy.BuilderForbidden: true,
	buildstrategy.BuilderFailed: true,
}

// Failure is a build that ended without an image.
func Failure(reason buildstrategy.Reason, message string) buildstrategy.Outcome {
	return buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: reason, Message: message}
}

// Progress is a build that is not decided.
func Progress(message string) buildstrategy.Outcome {
	return buildstrategy.Outcome{Phase: buildstrategy.Running, Message: message}
}

// Evicted says that the node evicted the build for what it used.
func Evicted(message string) buildstrategy.Outcome {
	return Failure(buildstrategy.BuildEvicted, "The node evicted the build. Give the build the storage and memory it needs in its "+
		"resources. The node says: "+buildstrategy.Clean(message))
}

// FailedContainer says what it means that a container ended like that and left that as its result.
func FailedContainer(container string, ended *corev1.ContainerStateTerminated, left string) buildstrategy.Outcome {
	result, told := toldBy(left)
	switch {
	case ended.Reason == podstatus.OutOfMemory:
		return Failure(buildstrategy.OutOfMemory, strings.TrimSpace(fmt.Sprintf("The build's container %s, or a program that it started, used more "+
			"memory than the limit and was killed. Raise the build's memory limit.\n%s", container, result.Message)))
	case told:
		return Failure(ReasonOf(container, result.Reason), result.Message)
	}
	said := cmp.Or(buildstrategy.Clean(left), "nothing")
	return Failure(ReasonOf(container, ""), fmt.Sprintf("The build's container %s ended with code %d (%s) and said: %s",
		container, ended.ExitCode, ended.Reason, said))
}

// toldBy is the result that a container left, and whether it says anything.
func toldBy(left string) (buildstrategy.Result, bool) {
	result, err := buildstrategy.ParseResult(left)
	return result, err == nil && result.Message != ""
}

// ReasonOf lets a fetch give any reason of its own, and a build only one of those it knows.
func ReasonOf(container string, given buildstrategy.Reason) buildstrategy.Reason {
	switch {
	case container == Fetch && reasonPattern.MatchString(string(given)):
		return given
	case container == Fetch:
		return buildstrategy.SourceUnavailable
	case ownReasons[given]:
		return given
	default:
		return buildstrategy.BuilderFailed
	}
}
