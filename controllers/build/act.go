package build

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
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

// act does what was planned: new children first, then the status, then the event, and a child that would go on is
// cancelled last. Whoever dies in between finds the same plan again.
func (r *Reconciler) act(ctx context.Context, build *v1alpha1.NotebookBuild, p plan) error {
	if err := r.actOnChildren(ctx, build, p); err != nil {
		if child.Blocked(err) {
			return r.tellTrouble(ctx, build, err)
		}
		if !child.Refused(err) {
			return err
		}
		r.planner().fail(&p, build, v1alpha1.ReasonBuildFailed, fmt.Sprintf("The cluster refuses what buildConfig asks for: %v. Correct buildConfig.", err))
	}
	change := status.Owned[v1alpha1.NotebookBuildStatus]{Before: build.Status, After: p.status}
	if err := status.Apply(ctx, r.Client, build, FieldManager, change); err != nil {
		return err
	}
	if c := status.Flipped(build.Status.Conditions, p.status.Conditions, v1alpha1.ConditionSucceeded); c != nil {
		r.tell(build, c)
	}
	if p.deleteChild != nil {
		if err := r.Children.Delete(ctx, p.deleteChild); err != nil {
			return err
		}
	}
	return p.retry
}

// tellTrouble says why a child cannot be made yet, as when a quota is used up, and has it tried again.
func (r *Reconciler) tellTrouble(ctx context.Context, build *v1alpha1.NotebookBuild, trouble error) error {
	p := plan{status: *build.Status.DeepCopy()}
	r.planner().set(&p, build, v1alpha1.ConditionSucceeded, metav1.ConditionUnknown, v1alpha1.ReasonBuilderWaiting, fmt.Sprintf("%v. It is tried again.", trouble))
	change := status.Owned[v1alpha1.NotebookBuildStatus]{Before: build.Status, After: p.status}
	if err := status.Apply(ctx, r.Client, build, FieldManager, change); err != nil {
		return err
	}
	return trouble
}

func (r *Reconciler) actOnChildren(ctx context.Context, build *v1alpha1.NotebookBuild, p plan) error {
	if p.applyDockerfile != nil {
		if err := r.Children.Apply(ctx, build, p.applyDockerfile, FieldManager); err != nil {
			return err
		}
	}
	if p.createChild != nil {
		return r.Children.Create(ctx, build, p.createChild)
	}
	return nil
}

// tell sends one event for a build that changed its state.
func (r *Reconciler) tell(build *v1alpha1.NotebookBuild, c *metav1.Condition) {
	kind := corev1.EventTypeNormal
	if c.Status == metav1.ConditionFalse {
		kind = corev1.EventTypeWarning
	}
	r.Recorder.Eventf(build, nil, kind, c.Reason, "Build", "%s", status.Bound(c.Message, 1000))
}
