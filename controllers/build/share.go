package build

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// reuse is what is known of other builds of the same environment.
type reuse struct {
	// image is a build that has the image, which the registry still has.
	image *v1alpha1.NotebookBuild
	// failed is the build that this one waited for, if the environment itself cannot be built.
	failed *v1alpha1.NotebookBuild
	// err is why the registry does not say whether an image is still there.
	err error
	// checked are the finished builds that were looked at, by uid.
	checked map[string]bool
}

// decides says whether the build ends by what another came to; then it takes nobody's turn.
func (r reuse) decides() bool { return r.image != nil || r.failed != nil }

// shares says whether the build takes part in sharing images.
func shares(build *v1alpha1.NotebookBuild) bool {
	return build.Spec.Cache != v1alpha1.CacheNever && build.Status.Environment != nil && build.Status.Environment.Hash != ""
}

// environmentOf names the environment that a build shares with others of its namespace; empty where it shares none.
func environmentOf(build *v1alpha1.NotebookBuild) string {
	if !shares(build) {
		return ""
	}
	return build.Namespace + "/" + build.Status.Environment.Hash
}

// sameEnvironment says whether two builds of one namespace would make the same image.
func sameEnvironment(a, b *v1alpha1.NotebookBuild) bool {
	return environmentOf(a) != "" && environmentOf(a) == environmentOf(b)
}

// leaders are the builds that do the work for others of their environment: one that has begun, else the oldest that
// nothing keeps from beginning.
func leaders(fleet []v1alpha1.NotebookBuild) map[string]*v1alpha1.NotebookBuild {
	all := map[string]*v1alpha1.NotebookBuild{}
	for i := range fleet {
		b := &fleet[i]
		environment := environmentOf(b)
		if environment == "" || held(b) && b.Status.StartTime == nil {
			continue
		}
		if leader := all[environment]; leader == nil || leads(b, leader) {
			all[environment] = b
		}
	}
	return all
}

// leaderOf is the build that does the work for this one, nil where this build is to do its own.
func leaderOf(build *v1alpha1.NotebookBuild, leaders map[string]*v1alpha1.NotebookBuild) *v1alpha1.NotebookBuild {
	leader := leaders[environmentOf(build)]
	if leader == nil || leader.UID == build.UID || !leads(leader, build) {
		return nil
	}
	return leader
}

func leads(a, b *v1alpha1.NotebookBuild) bool {
	if begun := a.Status.StartTime != nil; begun != (b.Status.StartTime != nil) {
		return begun
	}
	return older(a, b) < 0
}

// hasImage says whether a build ended with an image that may be shared.
func hasImage(build *v1alpha1.NotebookBuild) bool {
	return status.IsTrue(build.Status.Conditions, v1alpha1.ConditionSucceeded, build.Generation) &&
		v1alpha1.PinnedImage(build.Status.ImageReference) && build.DeletionTimestamp == nil
}

// cannotBeBuilt says whether a build failed at what every other build of the environment would fail at too.
func cannotBeBuilt(build *v1alpha1.NotebookBuild) bool {
	c := status.Decided(build.Status.Conditions, v1alpha1.ConditionSucceeded, build.Generation)
	return c != nil && c.Status == metav1.ConditionFalse && c.Reason == v1alpha1.ReasonBuildFailed
}

func undecided(build *v1alpha1.NotebookBuild) bool {
	return status.Decided(build.Status.Conditions, v1alpha1.ConditionSucceeded, build.Generation) == nil
}

func succeededMessage(build *v1alpha1.NotebookBuild) string {
	if c := status.Decided(build.Status.Conditions, v1alpha1.ConditionSucceeded, build.Generation); c != nil {
		return c.Message
	}
	return ""
}
