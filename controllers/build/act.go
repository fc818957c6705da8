package build

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/child"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// FieldManager owns the whole status of a NotebookBuild.
const FieldManager = "notebook-validator-build"

// object is a child of whichever build system; a plan handles it and reads or writes nothing.
type object = client.Object

// act does what was planned: new children first and those that are replaced, then the status, then the event, and a child
// that would go on is cancelled last. Whoever dies in between finds the same plan again.
func (r *Reconciler) act(ctx context.Context, build *v1alpha1.NotebookBuild, p plan) error {
	if err := r.actOnChildren(ctx, build, p); err != nil {
		if apierrors.IsConflict(err) || apierrors.IsNotFound(err) || ctx.Err() != nil {
			return err // a newer state is on the way, or the operator stops
		}
		if !child.Refused(err) {
			return r.tellTrouble(ctx, build, err)
		}
		r.planner().fail(&p, build, v1alpha1.ReasonBuildConfigInvalid, fmt.Sprintf("The cluster refuses what buildConfig asks for: %v. Correct buildConfig.", err))
	}
	if p.replaceChild != nil {
		if err := r.Children.Delete(ctx, p.replaceChild); err != nil {
			return err
		}
	}
	if err := r.write(ctx, build, p.status); err != nil {
		return err
	}
	if p.deleteChild != nil {
		if err := r.Children.Delete(ctx, p.deleteChild); err != nil {
			return err
		}
	}
	return p.retry
}

// tellTrouble says why a child cannot be made yet, as when a quota is used up or a webhook does not answer, and has it
// tried again until the build's time is up.
func (r *Reconciler) tellTrouble(ctx context.Context, build *v1alpha1.NotebookBuild, trouble error) error {
	p := plan{status: *build.Status.DeepCopy(), retry: trouble}
	r.planner().planTrouble(&p, build, trouble, child.Blocked(trouble))
	if err := r.write(ctx, build, p.status); err != nil {
		return err
	}
	return p.retry
}

// write applies the status, and tells of what changed in it.
func (r *Reconciler) write(ctx context.Context, build *v1alpha1.NotebookBuild, after v1alpha1.NotebookBuildStatus) error {
	change := status.Owned[v1alpha1.NotebookBuildStatus]{Before: build.Status, After: after}
	if err := status.Apply(ctx, r.Client, build, FieldManager, change); err != nil {
		return err
	}
	r.tell(build, after)
	return nil
}

func (r *Reconciler) actOnChildren(ctx context.Context, build *v1alpha1.NotebookBuild, p plan) error {
	if p.applyDockerfile != nil {
		if err := r.Children.Apply(ctx, build, p.applyDockerfile, FieldManager); err != nil {
			return err
		}
	}
	for _, companion := range p.companions {
		if err := r.Children.Apply(ctx, build, companion, FieldManager); err != nil {
			return err
		}
	}
	if p.createChild != nil {
		return r.Children.Create(ctx, build, p.createChild)
	}
	return nil
}

// tell sends an event for every state of the build that changed and matters to a user.
func (r *Reconciler) tell(build *v1alpha1.NotebookBuild, after v1alpha1.NotebookBuildStatus) {
	for _, kind := range []string{v1alpha1.ConditionDependencyConflict, v1alpha1.ConditionEnvironmentResolved, v1alpha1.ConditionSucceeded} {
		c := status.Flipped(build.Status.Conditions, after.Conditions, kind)
		if c == nil || kind != v1alpha1.ConditionSucceeded && !warns(build, c) {
			continue
		}
		level := corev1.EventTypeNormal
		if kind != v1alpha1.ConditionSucceeded || c.Status == metav1.ConditionFalse || c.Reason == v1alpha1.ReasonBuildRetrying {
			level = corev1.EventTypeWarning
		}
		r.Recorder.Eventf(build, nil, level, c.Reason, "Build", "%s", status.Bound(c.Message, 1000))
	}
}

// warns says whether a user is to be warned of a condition of the environment. One that fails is told by Succeeded.
func warns(build *v1alpha1.NotebookBuild, c *metav1.Condition) bool {
	switch {
	case c.Status != metav1.ConditionTrue:
		return false
	case c.Type == v1alpha1.ConditionDependencyConflict:
		return true
	}
	return c.Reason == v1alpha1.ReasonBaseImageUsed && build.Spec.FallbackStrategy != v1alpha1.FallbackAuto
}
