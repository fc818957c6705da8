package openshift

import (
	"fmt"
	"strings"
	"time"

	buildv1 "github.com/openshift/api/build/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// Bounds of what is repeated of OpenShift's own words, in bytes.
const (
	maxMessageBytes = 1024
	maxLogBytes     = 2048
)

// settling is how long after the end of a build the end of its log, or a better reason, may come: they do when the pod's
// container is gone, which ends by itself once it has written its own reason.
const settling = 5 * time.Second

// meaning is what a reason of OpenShift says to a user.
type meaning struct {
	reason    buildstrategy.Reason
	says      string
	temporary bool
	// final is set for what OpenShift finds out of the pod, and not the builder of itself: there is no log that would tell
	// more, and no better reason.
	final bool
}

// meanings are the reasons of a Build that is over.
var meanings = map[buildv1.StatusReason]meaning{
	buildv1.StatusReasonDockerBuildFailed: {reason: buildstrategy.BuildFailed,
		says: "A step of the Dockerfile failed. Correct the Dockerfile or the requirements."},
	buildv1.StatusReasonGenericBuildFailed: {reason: buildstrategy.BuildFailed,
		says: "The build failed, as with a Dockerfile that cannot be read. Correct what the log names."},
	buildv1.StatusReasonManageDockerfileFailed: {reason: buildstrategy.BuildFailed,
		says: "OpenShift cannot put the Dockerfile into the build context. Let nothing but a file be named Dockerfile there, and " +
			"let the Dockerfile use no here-documents, which not every version of OpenShift takes."},
	buildv1.StatusReasonInvalidContextDirectory: {reason: buildstrategy.BuildFailed,
		says: "The commit does not have the directory that the build context names. Correct the directory."},
	buildv1.StatusReasonPullBuilderImageFailed: {reason: buildstrategy.BaseImagePullFailed,
		says: "The image that the Dockerfile starts from cannot be pulled. Check its name, and that the Secret of " +
			"registry.pushSecret, or the build's service account, may pull it."},
	buildv1.StatusReasonFetchImageContentFailed: {reason: buildstrategy.BaseImagePullFailed,
		says: "An image that the build takes content from cannot be pulled. Check its name and who may pull it."},
	buildv1.StatusReasonPushImageToRegistryFailed: {reason: buildstrategy.PushFailed,
		says: "The registry did not take the image. Check registry.repository, and that the Secret of registry.pushSecret, or the " +
			"build's service account, may push there. A registry with plain http or an own certificate authority has to be " +
			"known to the cluster (image.config.openshift.io/cluster)."},
	buildv1.StatusReasonFetchSourceFailed: {reason: buildstrategy.SourceUnavailable,
		says: "OpenShift cannot fetch the repository at its commit. Check that the cluster's build pods reach the server, that the " +
			"Secret of git.credentialsSecret has username and password, or ssh-privatekey and known_hosts, and that a branch " +
			"or tag still leads to the commit."},
	buildv1.StatusReasonOutOfMemoryKilled: {reason: buildstrategy.OutOfMemory, final: true,
		says: "The build used more memory than its limit and was killed. Raise the build's memory limit."},
	buildv1.StatusReasonBuildPodEvicted: {reason: buildstrategy.BuildEvicted, temporary: true, final: true,
		says: "The node evicted the build. If it happens again, give the build the storage and memory it needs in its resources."},
	buildv1.StatusReasonBuildPodDeleted: {reason: buildstrategy.BuildEvicted, temporary: true, final: true,
		says: "The build's pod was deleted before the build was done, as when its node is drained."},
	buildv1.StatusReasonBuildPodExists: {reason: buildstrategy.BuilderFailed, temporary: true, final: true,
		says: "A pod of an earlier build still has the name that the build's pod needs."},
	buildv1.StatusReasonNoBuildContainerStatus: {reason: buildstrategy.BuilderFailed, final: true,
		says: "The build's pod ended without telling how. Run the job again."},
	buildv1.StatusReasonFailedContainer: {reason: buildstrategy.BuilderFailed,
		says: "A container of the build's pod failed, and the builder does not say at what. Correct what the log names, or run the job again."},
	buildv1.StatusReasonPostCommitHookFailed: {reason: buildstrategy.BuildFailed,
		says: "A hook that runs after the build failed. Remove it, or correct what the log names."},
	buildv1.StatusReasonUnresolvableEnvironmentVariable: {reason: buildstrategy.BuilderFailed, final: true,
		says: "The build's environment refers to something that is not there. Have an administrator check the cluster's defaults for " +
			"builds (build.config.openshift.io/cluster)."},
	buildv1.StatusReasonExceededRetryTimeout: {reason: buildstrategy.BuildTimeout, final: true,
		says: "OpenShift gave up trying to start the build. Look at the build's events for what it waited for."},
	buildv1.StatusReasonCancelledBuild: {reason: buildstrategy.BuildCancelled, final: true,
		says: "The build was cancelled in OpenShift. Run the job again to build anew."},
}

// failed says why a Build that is over has no image.
func failed(build *buildv1.Build) buildstrategy.Outcome {
	known, ok := meanings[build.Status.Reason]
	switch {
	case outOfTime(build):
		known = meaning{reason: buildstrategy.BuildTimeout, says: fmt.Sprintf("The build took longer than its timeout of %s. Raise "+
			"podConfig.buildConfig.timeout, or ask for fewer packages.", timeout(build))}
	case !ok:
		known = meaning{reason: buildstrategy.BuilderFailed,
			says: "The build failed for a reason that the operator does not know. Correct what OpenShift names, or run the job again."}
	}
	outcome := failure(known.reason, known.says+said(build))
	outcome.Temporary = known.temporary
	if !known.final && build.Status.LogSnippet == "" {
		outcome.Settles = build.Status.CompletionTimestamp.Add(settling)
	}
	return outcome
}

// timeout of the build, which its Build outlives.
func timeout(build *buildv1.Build) time.Duration { return deadline(build) - afterTimeout }

func deadline(build *buildv1.Build) time.Duration {
	if build.Spec.CompletionDeadlineSeconds == nil {
		return 0
	}
	return time.Duration(*build.Spec.CompletionDeadlineSeconds) * time.Second
}

// outOfTime tells from the clock what a Build does not say: its pod was killed at its deadline. Times of the API are
// whole seconds.
func outOfTime(build *buildv1.Build) bool {
	status, limit := build.Status, deadline(build)
	if status.Reason != buildv1.StatusReasonGenericBuildFailed || limit == 0 || status.StartTimestamp == nil || status.CompletionTimestamp == nil {
		return false
	}
	return status.CompletionTimestamp.Sub(status.StartTimestamp.Time) >= limit-time.Second
}

// said is what OpenShift itself tells, with the end of the log that comes last.
func said(build *buildv1.Build) string {
	var b strings.Builder
	if words := openShiftSays(build); words != "" {
		b.WriteString(" OpenShift says: " + words)
	}
	if log := buildstrategy.Clean(build.Status.LogSnippet); log != "" {
		b.WriteString("\n" + strings.ToValidUTF8(log[max(0, len(log)-maxLogBytes):], ""))
	}
	return b.String()
}

// openShiftSays is the reason and the message.
func openShiftSays(build *buildv1.Build) string {
	reason := shortened(string(build.Status.Reason), maxMessageBytes)
	message := shortened(build.Status.Message, maxMessageBytes)
	if reason == "" || message == "" {
		return reason + message
	}
	return reason + ": " + message
}

// shortened is the beginning of a stranger's text.
func shortened(text string, limit int) string {
	text = buildstrategy.Clean(text)
	return strings.ToValidUTF8(text[:min(limit, len(text))], "")
}
