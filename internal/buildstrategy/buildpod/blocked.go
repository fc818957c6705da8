package buildpod

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
)

// Blocked is what keeps a build from going on.
type Blocked struct{ podstatus.Wait }

// BlockedBy returns what a container waits for that is out of the ordinary, or nil.
func BlockedBy(container, image string, w *corev1.ContainerStateWaiting) *Blocked {
	return blocked(podstatus.WaitOf(container, image, w))
}

// BlockedPod returns what a pod waits for that is out of the ordinary, or nil.
func BlockedPod(pod *corev1.Pod) *Blocked { return blocked(podstatus.Waiting(pod)) }

func blocked(wait *podstatus.Wait) *Blocked {
	if wait == nil {
		return nil
	}
	return &Blocked{*wait}
}

// Outcome says what an undecided build waits for, or that it will never come.
func (b Blocked) Outcome() buildstrategy.Outcome {
	if b.Permanent {
		return Failure(buildstrategy.BuilderImagePullFailed, b.says())
	}
	outcome := Progress(b.says())
	if b.Kind == podstatus.WaitImage {
		outcome.Reason = buildstrategy.BuilderImagePullFailed
	}
	return outcome
}

// TimedOut says what a build waited for until its time was up.
func (b Blocked) TimedOut(sentence string) buildstrategy.Outcome {
	if b.Kind == podstatus.WaitImage {
		return Failure(buildstrategy.BuilderImagePullFailed, b.says())
	}
	return Failure(buildstrategy.BuildTimeout, sentence+"\n"+b.says())
}

func (b Blocked) says() string {
	said := buildstrategy.Clean(b.Message)
	switch b.Kind {
	case podstatus.WaitImage:
		return fmt.Sprintf("The image %s of the build's container %s cannot be pulled. Check the operator's configuration of its images. "+
			"The node says: %s", b.Image, b.Container, said)
	case podstatus.WaitScheduling:
		return "No node takes the build's pod yet. Lower the build's resources, or check its node selector and tolerations. The cluster says: " + said
	default:
		return fmt.Sprintf("The build's container %s cannot start. The node says: %s", b.Container, said)
	}
}
