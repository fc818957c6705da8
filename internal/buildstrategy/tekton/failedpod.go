package tekton

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
	"mlops.dev/notebook-validator-operator/internal/podspec"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
)

// failedPod says why a pod that ran has failed. What the step itself found for good counts most; then what the cluster did
// to its pod; then everything else that the step left.
func (b build) failedPod() buildstrategy.Outcome {
	step := b.failedStep()
	if step != nil && step.Terminated.ExitCode == podspec.ExitPermanent {
		return b.failedContainer(step)
	}
	if outcome, ok := b.takenAway(); ok {
		return outcome
	}
	if step == nil {
		return buildpod.Failure(buildstrategy.BuilderFailed, "The build failed and left no reason. Tekton says: "+b.says())
	}
	return b.failedContainer(step)
}

// failedStep is the first one that failed itself. A step that was killed for lack of memory has failed whatever its code.
func (b build) failedStep() *tektonv1.StepState {
	i := slices.IndexFunc(b.task.Status.Steps, func(s tektonv1.StepState) bool {
		ended := s.Terminated
		return ended != nil && s.TerminationReason != stepSkipped && (ended.ExitCode != 0 || ended.Reason == podstatus.OutOfMemory)
	})
	if i < 0 {
		return nil
	}
	return &b.task.Status.Steps[i]
}

// Messages of the kubelet about pods that it puts out: for what the node lacks, and for what the pod used too much of.
var (
	nodeIsLow = regexp.MustCompile(`^The node was low on resource`)
	overLimit = regexp.MustCompile(`exceeds the (total )?limit|exceeded its local ephemeral storage limit`)
)

// takenAway says what the cluster did to the pod, by the pod itself or, once it is gone, by what Tekton took over of it.
func (b build) takenAway() (buildstrategy.Outcome, bool) {
	message := b.says()
	if b.pod != nil {
		if podstatus.Disrupted(b.pod) {
			return temporary(buildpod.Failure(buildstrategy.BuildEvicted, "The cluster took the build's pod away ("+
				buildstrategy.Clean(podstatus.Disruption(b.pod))+").")), true
		}
		if b.pod.Status.Reason == podstatus.ReasonEvicted {
			message = b.pod.Status.Message
		}
	}
	switch {
	case nodeIsLow.MatchString(message):
		return temporary(buildpod.Evicted(message)), true
	case overLimit.MatchString(message):
		return buildpod.Evicted(message), true
	case b.pod != nil && podstatus.Disruption(b.pod) != "":
		return temporary(buildpod.Evicted(podstatus.Disruption(b.pod))), true
	}
	return buildstrategy.Outcome{}, false
}

// exitsOfKilled are the exit codes of a step that a signal ended: those of the container, and the one that Tekton's
// entrypoint gives where only its child was killed.
var exitsOfKilled = []int32{137, podspec.ExitTerminated, 255}

// containerGone is the reason of a container whose end no node has seen.
const containerGone = "ContainerStatusUnknown"

// failedContainer says what the failed step left, and whether it may pass: the step's own exit code says so, and the step
// that a signal ended before it could say anything was not at fault.
func (b build) failedContainer(step *tektonv1.StepState) buildstrategy.Outcome {
	ended := step.Terminated
	said := leftIn(b.task, ended.Message)
	reason, passing := buildstrategy.ParseWord(said.word)
	if said.message == "" && killed(ended) {
		return temporary(buildpod.Failure(buildstrategy.BuilderFailed, fmt.Sprintf("The build's step %s was killed before it could say why. "+
			"Its pod was deleted, or its node is gone or lacks memory. Tekton says: %s", step.Name, b.says())))
	}
	outcome := buildpod.FailedContainer(step.Name, ended, encoded(reason, said.message))
	outcome.Temporary = outcome.Reason != buildstrategy.OutOfMemory &&
		(passing || ended.ExitCode == podspec.ExitTemporary || ended.ExitCode == podspec.ExitTerminated)
	return outcome
}

func killed(ended *corev1.ContainerStateTerminated) bool {
	if ended.Reason == podstatus.OutOfMemory {
		return false
	}
	return ended.Reason == containerGone || slices.Contains(exitsOfKilled, ended.ExitCode)
}

// encoded puts the two results into the form that a Job's container leaves.
func encoded(reason buildstrategy.Reason, message string) string {
	if strings.TrimSpace(message) == "" {
		return ""
	}
	return string(buildstrategy.Result{Reason: reason, Message: message}.Encode(buildstrategy.ResultLimit))
}

// container is the name that Tekton gives to a step's container.
func container(step string) string { return "step-" + step }
