package openshift

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/google/go-containerregistry/pkg/name"
	buildv1 "github.com/openshift/api/build/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// Ended tells whether the Build is over. The end of its log may still follow; nothing but the Build is read for that.
func (Strategy) Ended(child client.Object) bool {
	build, ok := child.(*buildv1.Build)
	return ok && over(build)
}

// over tells whether OpenShift has taken note that the Build is in a phase that it does not leave any more. A builder that
// fails writes Failed and a reason by itself. OpenShift looks at its pod afterwards: it adds when the build ended, and puts
// a better reason in the place of the builder's where it finds one, as that the memory was used up.
func over(build *buildv1.Build) bool {
	switch build.Status.Phase {
	case buildv1.BuildPhaseComplete, buildv1.BuildPhaseCancelled:
		return true
	case buildv1.BuildPhaseFailed, buildv1.BuildPhaseError:
		return !build.Status.CompletionTimestamp.IsZero()
	}
	return false
}

// Outcome reads the Build's phase and reason. A reason counts as a failure only in a phase that is an end.
func (Strategy) Outcome(seen buildstrategy.Seen) buildstrategy.Outcome {
	build, ok := seen.Child.(*buildv1.Build)
	if !ok {
		return failure(buildstrategy.BuilderFailed, "The build's child is an object of another kind; delete it to build again.")
	}
	switch build.Status.Phase {
	case buildv1.BuildPhaseComplete:
		return completed(build)
	case buildv1.BuildPhaseFailed, buildv1.BuildPhaseError:
		if over(build) {
			return failed(build)
		}
		return running("The build failed; OpenShift is about to say why." + said(build))
	case buildv1.BuildPhaseCancelled:
		return failure(buildstrategy.BuildCancelled, "The build was cancelled in OpenShift. Run the job again to build anew.")
	}
	return progress(build)
}

func running(message string) buildstrategy.Outcome {
	return buildstrategy.Outcome{Phase: buildstrategy.Running, Message: message}
}

func failure(reason buildstrategy.Reason, message string) buildstrategy.Outcome {
	return buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: reason, Message: message}
}

// completed finds the image of a Build that says it is done. A tag alone is no image, since it may be another one by the time
// that it is pulled; it is what there is to ask for where OpenShift does not tell the digest.
func completed(build *buildv1.Build) buildstrategy.Outcome {
	pushed, err := pushedTag(build)
	if err != nil {
		return resultInvalid(err)
	}
	outcome := buildstrategy.Outcome{Phase: buildstrategy.Succeeded, Message: "The image has been built and pushed."}
	switch digest := imageDigest(build); {
	case digest == "":
		outcome.Tag = askedFor(build, pushed)
	case !digestPattern.MatchString(digest):
		return resultInvalid(fmt.Errorf("OpenShift reports %q, which is no digest. Run the job again", shortened(digest, maxMessageBytes)))
	default:
		outcome.Image = fullName(pushed.Context()) + "@" + digest
	}
	return outcome
}

func resultInvalid(err error) buildstrategy.Outcome {
	return failure(buildstrategy.BuildResultInvalid, fmt.Sprintf("The build ended, but it cannot be told which image it made: %v.", err))
}

var digestPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// imageDigest is what the builder reports of its push. It stays empty where the builder does not come to that.
func imageDigest(build *buildv1.Build) string {
	if to := build.Status.Output.To; to != nil {
		return to.ImageDigest
	}
	return ""
}

// pushedTag is the reference that OpenShift reports, in the place that was asked for and nowhere else.
func pushedTag(build *buildv1.Build) (name.Tag, error) {
	reference := build.Status.OutputDockerImageReference
	pushed, err := name.NewTag(reference)
	if err != nil {
		return name.Tag{}, fmt.Errorf("OpenShift reports that it pushed to %q, which is no image. Run the job again", shortened(reference, maxMessageBytes))
	}
	return pushed, checkPlace(build, pushed)
}

// askedFor is the reference that tells the digest of what was pushed: imagestreamtag:NAMESPACE/NAME:TAG for a tag of an image
// stream, which BaseImages.Pin takes, and else REGISTRY/REPOSITORY:TAG.
func askedFor(build *buildv1.Build, pushed name.Tag) string {
	if to := build.Spec.Output.To; to.Kind == imageStreamTag {
		return ImageStreamTagPrefix + build.Namespace + "/" + to.Name
	}
	return fullName(pushed.Context()) + ":" + pushed.TagStr()
}

// checkPlace holds the place of the image against the one that the Build asks for, which nobody can change.
func checkPlace(build *buildv1.Build, pushed name.Tag) error {
	wanted := build.Spec.Output.To
	switch {
	case wanted == nil:
		return errors.New("the Build does not say which image to make. Delete it to build again")
	case wanted.Kind == imageStreamTag:
		if place := build.Namespace + "/" + wanted.Name; pushed.RepositoryStr()+":"+pushed.TagStr() != place {
			return fmt.Errorf("OpenShift reports that it pushed to %q, but the image stream tag %s was asked for. Run the job again", pushed.Name(), place)
		}
		return nil
	}
	tag, err := name.NewTag(wanted.Name)
	if err != nil || tag.Name() != pushed.Name() {
		return fmt.Errorf("OpenShift reports that it pushed to %q, but %q was asked for. Run the job again", pushed.Name(), wanted.Name)
	}
	return nil
}
