package openshift

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	buildv1 "github.com/openshift/api/build/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// endedPhases are those that OpenShift does not leave any more. Reason and log may still come after the phase.
var endedPhases = []buildv1.BuildPhase{buildv1.BuildPhaseComplete, buildv1.BuildPhaseFailed, buildv1.BuildPhaseError, buildv1.BuildPhaseCancelled}

// Ended tells whether the Build is over.
func (Strategy) Ended(child client.Object) bool {
	build, ok := child.(*buildv1.Build)
	return ok && slices.Contains(endedPhases, build.Status.Phase)
}

// Outcome reads the Build's phase and reason. A reason counts as a failure only in a phase that is an end.
func (Strategy) Outcome(seen buildstrategy.Seen) buildstrategy.Outcome {
	build, ok := seen.Child.(*buildv1.Build)
	if !ok {
		return failure(buildstrategy.BuildFailed, "The build's child is an object of another kind; delete it to build again.")
	}
	switch build.Status.Phase {
	case buildv1.BuildPhaseComplete:
		return completed(build)
	case buildv1.BuildPhaseFailed, buildv1.BuildPhaseError:
		return failed(build)
	case buildv1.BuildPhaseCancelled:
		return failure(buildstrategy.BuildCancelled, "The build was cancelled in OpenShift. Run the job again to build anew.")
	}
	return buildstrategy.Outcome{Phase: buildstrategy.Running, Message: progress(build)}
}

func failure(reason buildstrategy.Reason, message string) buildstrategy.Outcome {
	return buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: reason, Message: message}
}

// completed finds the image of a Build that says it is done. Without a digest there is no image: a tag may be another
// image by the time that it is pulled.
func completed(build *buildv1.Build) buildstrategy.Outcome {
	image, err := builtImage(build)
	if err != nil {
		return failure(buildstrategy.BuildResultInvalid, fmt.Sprintf("The build ended, but it cannot be told which image it made: %v.", err))
	}
	return buildstrategy.Outcome{Phase: buildstrategy.Succeeded, Image: image, Message: "The image has been built and pushed."}
}

var digestPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// builtImage puts the image together from the reference and the digest that OpenShift reports, in the place that was
// asked for and nowhere else.
func builtImage(build *buildv1.Build) (string, error) {
	to := build.Status.Output.To
	if to == nil || to.ImageDigest == "" {
		return "", errors.New("the registry did not answer the push with a digest. Push to a registry that does, with registry.repository")
	}
	if !digestPattern.MatchString(to.ImageDigest) {
		return "", fmt.Errorf("OpenShift reports %q, which is no digest. Run the job again", shortened(to.ImageDigest, maxMessageBytes))
	}
	reference := build.Status.OutputDockerImageReference
	pushed, err := name.NewTag(reference)
	if err != nil {
		return "", fmt.Errorf("OpenShift reports that it pushed to %q, which is no image. Run the job again", shortened(reference, maxMessageBytes))
	}
	if err := checkPlace(build, pushed.Context()); err != nil {
		return "", err
	}
	return fullName(pushed.Context()) + "@" + to.ImageDigest, nil
}

// checkPlace holds the place of the image against the one that the Build asks for, which nobody can change.
func checkPlace(build *buildv1.Build, pushed name.Repository) error {
	wanted := build.Spec.Output.To
	switch {
	case wanted == nil:
		return errors.New("the Build does not say which image to make. Delete it to build again")
	case wanted.Kind == imageStreamTag:
		stream, _, _ := strings.Cut(wanted.Name, ":")
		if place := build.Namespace + "/" + stream; pushed.RepositoryStr() != place {
			return fmt.Errorf("OpenShift reports that it pushed to %q, but the image stream %s was asked for. Run the job again", pushed.Name(), place)
		}
		return nil
	}
	tag, err := name.NewTag(wanted.Name)
	if err != nil || tag.Context().Name() != pushed.Name() {
		return fmt.Errorf("OpenShift reports that it pushed to %q, but %q was asked for. Run the job again", pushed.Name(), wanted.Name)
	}
	return nil
}
