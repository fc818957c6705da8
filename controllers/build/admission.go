package build

import (
	"context"
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// admission lets one build at a time decide whether to begin its own work, so that two of one environment do not both
// begin, and no more begin than are allowed. What was decided stands in the builds' status; claims only bridge the moment
// until the cache shows it, and an operator that restarts begins with a cache that does.
type admission struct {
	mu     sync.Mutex
	claims map[types.UID]metav1.Time
}

// admit plans and acts on a build that is resolved and has not begun.
func (r *Reconciler) admit(ctx context.Context, build *v1alpha1.NotebookBuild, s seen) (plan, error) {
	r.admission.mu.Lock()
	defer r.admission.mu.Unlock()
	if _, claimed := r.admission.claims[build.UID]; claimed {
		return plan{}, nil // it has begun; its newer state is on the way to the cache
	}
	fresh, err := r.unchecked(ctx, build, s.reuse)
	if err != nil || fresh {
		return plan{}, err // whoever ended just now has this build looked at again
	}
	if s.fleet, err = r.fleet(ctx); err != nil {
		return plan{}, err
	}
	p := r.planner().plan(build, s)
	if err := r.act(ctx, build, p); err != nil {
		return p, err
	}
	if p.status.StartTime != nil {
		r.admission.claims[build.UID] = *p.status.StartTime
	}
	return p, nil
}

// unchecked says whether a build of the same environment has ended since its image was looked for.
func (r *Reconciler) unchecked(ctx context.Context, build *v1alpha1.NotebookBuild, found reuse) (bool, error) {
	if !shares(build) {
		return false, nil
	}
	siblings, err := r.siblings(ctx, build)
	if err != nil {
		return false, err
	}
	for i := range siblings {
		if !found.checked[string(siblings[i].UID)] {
			return true, nil
		}
	}
	return false, nil
}

// fleet are all undecided builds, with the claims that the cache does not show yet.
func (r *Reconciler) fleet(ctx context.Context) ([]v1alpha1.NotebookBuild, error) {
	var list v1alpha1.NotebookBuildList
	if err := r.Client.List(ctx, &list, client.MatchingFields{byOpen: isOpen}); err != nil {
		return nil, fmt.Errorf("list the builds that are under way: %w", err)
	}
	known := map[types.UID]metav1.Time{}
	for i := range list.Items {
		b := &list.Items[i]
		if at, claimed := r.admission.claims[b.UID]; claimed && b.Status.StartTime == nil {
			b.Status.StartTime, known[b.UID] = &at, at
		}
	}
	r.admission.claims = known
	return list.Items, nil
}
