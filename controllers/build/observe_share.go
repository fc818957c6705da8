package build

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/registry"
)

// Field indexes of NotebookBuilds in the cache.
const (
	// byEnvironment finds the builds of one environment.
	byEnvironment = "status.environment.hash"
	// byOpen finds the builds that are not decided, and those that failed after their work had begun, which may have left
	// some of it.
	byOpen    = "open"
	isOpen    = "true"
	isSuspect = "suspect"
)

func indexEnvironment(obj client.Object) []string {
	if build, ok := obj.(*v1alpha1.NotebookBuild); ok && shares(build) {
		return []string{build.Status.Environment.Hash}
	}
	return nil
}

func indexOpen(obj client.Object) []string {
	build, ok := obj.(*v1alpha1.NotebookBuild)
	switch {
	case !ok || !build.DeletionTimestamp.IsZero():
		return nil
	case undecided(build):
		return []string{isOpen}
	case build.Status.Phase == v1alpha1.BuildPhaseFailed && build.Status.StartTime != nil:
		return []string{isSuspect}
	}
	return nil
}

// tried is how many different images of one environment are asked for in a registry; what is lost is mostly lost together.
const tried = 3

// observeReuse looks for a finished build of the same environment whose image is still there. An image that this build has
// waited for was pushed just now.
func (r *Reconciler) observeReuse(ctx context.Context, build *v1alpha1.NotebookBuild) (reuse, error) {
	found := reuse{checked: map[string]bool{}}
	if !shares(build) {
		return found, nil
	}
	siblings, err := r.siblings(ctx, build)
	if err != nil {
		return found, err
	}
	for i := range siblings { // all of them, however few are asked about: what is not here counts as ended since
		found.checked[string(siblings[i].UID)] = true
	}
	asked := map[string]bool{}
	for i := range siblings {
		sibling := &siblings[i]
		waitedFor := sibling.Name == build.Status.ReusedFrom
		switch image := sibling.Status.ImageReference; {
		case waitedFor && cannotBeBuilt(sibling):
			found.failed = sibling
			return found, nil
		case !hasImage(sibling) || asked[image] || len(asked) == tried:
			continue
		default:
			asked[image] = true
			there := waitedFor
			if !there {
				if !r.outward.enter(client.ObjectKeyFromObject(build)) {
					return found, errNoPlace
				}
				there, err = r.exists(ctx, build, image)
			}
			if there {
				found.image = sibling
				return found, nil
			}
			if passing(err) {
				found.err = err
				return found, nil
			}
		}
	}
	return found, nil
}

// passing says whether it will be known later. A registry that gives the operator no answer for good means a build.
func passing(err error) bool {
	var known *registry.Error
	if errors.As(err, &known) {
		return known.Temporary
	}
	return err != nil
}

// siblings are the decided builds of the same environment, the last one first.
func (r *Reconciler) siblings(ctx context.Context, build *v1alpha1.NotebookBuild) ([]v1alpha1.NotebookBuild, error) {
	var list v1alpha1.NotebookBuildList
	err := r.Client.List(ctx, &list, client.InNamespace(build.Namespace), client.MatchingFields{byEnvironment: build.Status.Environment.Hash})
	if err != nil {
		return nil, fmt.Errorf("list builds of the same environment: %w", err)
	}
	ended := slices.DeleteFunc(list.Items, func(b v1alpha1.NotebookBuild) bool { return b.UID == build.UID || undecided(&b) })
	slices.SortFunc(ended, func(a, b v1alpha1.NotebookBuild) int {
		return cmp.Or(endOf(b).Compare(endOf(a)), cmp.Compare(a.Name, b.Name))
	})
	return ended, nil
}

func endOf(build v1alpha1.NotebookBuild) time.Time {
	if build.Status.CompletionTime == nil {
		return time.Time{}
	}
	return build.Status.CompletionTime.Time
}
