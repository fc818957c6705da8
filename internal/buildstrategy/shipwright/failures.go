package shipwright

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	buildv1beta1 "github.com/shipwright-io/build/pkg/apis/build/v1beta1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
)

// Reasons of a failed BuildRun that Shipwright's own code writes in other packages than that of its types, and those of
// Tekton's TaskRun that it passes on.
const (
	reasonFailed               = "Failed"
	reasonTimeout              = "BuildRunTimeout"
	reasonRegistrationFailed   = "BuildRegistrationFailed"
	reasonServiceAccount       = "ServiceAccountNotFound"
	reasonTaskRunMissing       = "TaskRunIsMissing"
	reasonMissingParameters    = "MissingParameterValues"
	reasonUnknownStrategyKind  = "UnknownStrategyKind"
	reasonTaskRunCancelled     = "TaskRunCancelled"
	reasonImagePullFailed      = "TaskRunImagePullFailed"
	reasonPodAdmissionFailed   = "PodAdmissionFailed"
	reasonPodCreationFailed    = "PodCreationFailed"
	reasonResultLargerThanRoom = "TaskRunResultLargerThanAllowedLimit"
)

// failed says why a BuildRun has no image.
func failed(run *buildv1beta1.BuildRun, reason, message string) buildstrategy.Outcome {
	if strategyMissing(reason, message) { // Shipwright may also not have noticed yet one that was installed just now
		return temporary(unavailable("Shipwright does not find the ClusterBuildStrategy that the build needs. Install it with config/shipwright "+
			"of this operator, or config/shipwright/privileged where the operator runs with --builder-privileged, or choose "+
			"another build strategy.", message))
	}
	if strategyDiffers(reason, message) {
		return unavailable("The ClusterBuildStrategy in this cluster is not the one that this version of the operator needs. Install it "+
			"again with config/shipwright of this version.", message)
	}
	switch reason {
	case reasonFailed:
		return failedStep(run, message)
	case reasonTimeout:
		return timedOut(run)
	case buildv1beta1.BuildRunStateCancel, reasonTaskRunCancelled:
		return buildpod.Failure(buildstrategy.BuildCancelled, "Somebody cancelled the build in Shipwright. Run the job again to build again.")
	case buildv1beta1.BuildRunStatePodEvicted:
		return temporary(buildpod.Evicted(message))
	case buildv1beta1.BuildRunStateStepOutOfMemory:
		return outOfMemory(run)
	case string(buildv1beta1.VolumeDoesNotExist):
		return secretMissing(run, message)
	case reasonServiceAccount:
		return buildpod.Failure(buildstrategy.BuilderFailed, "The build's service account does not exist. Create it in the job's namespace, or "+
			"correct buildConfig.serviceAccountName. Shipwright says: "+message)
	case reasonTaskRunMissing:
		return temporary(buildpod.Failure(buildstrategy.BuilderFailed, "The build's TaskRun was deleted before its end. Shipwright says: "+message))
	case reasonResultLargerThanRoom:
		return buildpod.Failure(buildstrategy.BuildResultInvalid, "The build's result did not fit. Tekton says: "+message)
	default:
		return failedPod(reason, message)
	}
}

// failedPod is a pod that did not come to run, and whatever else Shipwright says.
func failedPod(reason, message string) buildstrategy.Outcome {
	switch reason {
	case reasonImagePullFailed:
		return imagePullFailed(message)
	case reasonPodAdmissionFailed, reasonPodCreationFailed:
		return buildpod.RefusedInTekton(message)
	default:
		return buildpod.Failure(buildstrategy.BuilderFailed, fmt.Sprintf("The build did not run. Shipwright says (%s): %s", reason, message))
	}
}

// strategyMissing tells a strategy that is not installed. A build inside a BuildRun is validated before its strategy is
// looked for, so that the usual sign is a message.
func strategyMissing(reason, message string) bool {
	switch reason {
	case string(buildv1beta1.ClusterBuildStrategyNotFound), string(buildv1beta1.BuildStrategyNotFound), reasonUnknownStrategyKind:
		return true
	case reasonRegistrationFailed:
		return strings.HasPrefix(message, "clusterBuildStrategy ") && strings.HasSuffix(message, " does not exist")
	default:
		return false
	}
}

// differences are what Shipwright says, as a reason or inside a message, of a strategy with other parameters or volumes.
var differences = map[string]string{
	string(buildv1beta1.UndefinedParameter):      "are not defined in the build strategy",
	string(buildv1beta1.WrongParameterValueType): "are using the wrong type",
	reasonMissingParameters:                      "are required but no value has been provided",
	string(buildv1beta1.UndefinedVolume):         "is not defined in the Strategy",
	string(buildv1beta1.VolumeNotOverridable):    "is not overridable in the Strategy",
}

// strategyDiffers tells a strategy of another version of the operator.
func strategyDiffers(reason, message string) bool {
	if _, ok := differences[reason]; ok {
		return true
	}
	for _, sign := range differences {
		if reason == reasonRegistrationFailed && strings.Contains(message, sign) {
			return true
		}
	}
	return false
}

func unavailable(sentence, message string) buildstrategy.Outcome {
	return buildpod.Failure(buildstrategy.StrategyUnavailable, sentence+" Shipwright says: "+message)
}

// temporary marks a trouble that may pass: Shipwright tries nothing again.
func temporary(outcome buildstrategy.Outcome) buildstrategy.Outcome {
	outcome.Temporary = true
	return outcome
}

// failedStep reads what the failed step left, which is a reason and a sentence for the user. A step that left none was
// killed, with its node or by somebody who deleted its pod: those of the strategy leave one whenever they end themselves.
func failedStep(run *buildv1beta1.BuildRun, message string) buildstrategy.Outcome {
	details := run.Status.FailureDetails
	if details == nil || buildstrategy.Clean(details.Message) == "" {
		return temporary(buildpod.Failure(buildstrategy.BuilderFailed, "The build ended before it could say why. Its pod may have been deleted, or "+
			"its node may be gone or lack memory; it left no reason. Shipwright says: "+message))
	}
	reason, passing := buildstrategy.ParseWord(details.Reason)
	outcome := buildpod.Failure(buildpod.ReasonOf(failedContainer(run), reason), buildstrategy.Clean(details.Message))
	outcome.Temporary = passing
	return outcome
}

// stepPrefix is what Tekton puts before a step's name to name its container.
const stepPrefix = "step-"

// failedContainer names the step that failed, or nothing.
func failedContainer(run *buildv1beta1.BuildRun) string {
	details := run.Status.FailureDetails
	if details == nil || details.Location == nil {
		return ""
	}
	return strings.TrimPrefix(details.Location.Container, stepPrefix)
}

func timedOut(run *buildv1beta1.BuildRun) buildstrategy.Outcome {
	spec := run.Spec.Build.Spec
	if spec == nil || spec.Timeout == nil {
		return buildpod.Failure(buildstrategy.BuildTimeout, "The build took longer than its timeout.")
	}
	return buildpod.Failure(buildstrategy.BuildTimeout, buildpod.Late(spec.Timeout.Duration))
}

func outOfMemory(run *buildv1beta1.BuildRun) buildstrategy.Outcome {
	return buildpod.Failure(buildstrategy.OutOfMemory, fmt.Sprintf("The build's step %s used more memory than its limit and was killed. "+
		"Raise the memory limit of that step in the ClusterBuildStrategy, or choose another build strategy.",
		cmp.Or(failedContainer(run), buildpod.Build)))
}

// Volumes that Secrets take the place of.
const (
	gitVolume      = "git-credentials"
	registryVolume = "registry-credentials"
)

// secretUses are what to say of a Secret that is missing, by the volume that it was meant for.
var secretUses = map[string]struct {
	reason buildstrategy.Reason
	what   string
}{
	gitVolume:      {buildstrategy.SourceUnavailable, "Git Secret"},
	registryVolume: {buildstrategy.PushFailed, "push secret"},
}

// secretMissing says which Secret of the job is not there. It may have been made together with the job and come a moment
// later.
func secretMissing(run *buildv1beta1.BuildRun, message string) buildstrategy.Outcome {
	use := secretUses[missingVolume(run, message)]
	sentence := fmt.Sprintf("The %s does not exist. Create it in the job's namespace, or correct its name in the job. Shipwright says: %s",
		cmp.Or(use.what, "Secret of a volume"), message)
	return temporary(buildpod.Failure(cmp.Or(use.reason, buildstrategy.BuilderFailed), sentence))
}

// missingVolume finds the volume whose Secret the message names.
func missingVolume(run *buildv1beta1.BuildRun, message string) string {
	if run.Spec.Build.Spec == nil {
		return ""
	}
	for _, volume := range run.Spec.Build.Spec.Volumes {
		if volume.Secret != nil && strings.Contains(message, strconv.Quote(volume.Secret.SecretName)) {
			return volume.Name
		}
	}
	return ""
}

// imageNotPulled is the sentence for an image of the build's containers, before what Tekton says.
const imageNotPulled = "An image of the build cannot be pulled. Check the operator's configuration of its images. Tekton says: "

// imagePullFailed tells a name that is none from a registry that may come back.
func imagePullFailed(message string) buildstrategy.Outcome {
	outcome := buildpod.Failure(buildstrategy.BuilderImagePullFailed, imageNotPulled+message)
	outcome.Temporary = !strings.Contains(message, "couldn't parse image") && !strings.Contains(message, "InvalidImageName")
	return outcome
}
