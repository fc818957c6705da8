package validation

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/child"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// FieldManager owns the condition Validated and the fields validation, results, comparisonResult and
// educationalFeedback of a job's status.
const FieldManager = "notebook-validator-validation"

// owned is the part of a job's status that this controller writes.
func owned(s v1alpha1.NotebookValidationJobStatus) v1alpha1.NotebookValidationJobStatus {
	return v1alpha1.NotebookValidationJobStatus{
		Conditions: status.Only(s.Conditions, v1alpha1.ConditionValidated),
		Validation: s.Validation.DeepCopy(),
		Results:    s.Results,

		ComparisonResult:    s.ComparisonResult,
		EducationalFeedback: s.EducationalFeedback,
	}
}

// act does what was planned: new children first, then the status, then the event, and what is no longer asked for is
// cancelled last, when it is certain that nothing newer was overlooked. Whoever dies in between finds the same plan again.
func (r *Reconciler) act(ctx context.Context, job *v1alpha1.NotebookValidationJob, p plan) error {
	if err := r.actOnChildren(ctx, job, p); err != nil {
		if child.Blocked(err) {
			return r.tellTrouble(ctx, job, p, err)
		}
		if !child.Refused(err) {
			return err
		}
		p.status = v1alpha1.NotebookValidationJobStatus{} // nothing ran: no results, neither planned nor of an earlier generation
		reason, message := v1alpha1.ReasonPodConfigInvalid, fmt.Sprintf("The cluster refuses what podConfig asks for: %v. Correct podConfig.", err)
		if p.applyReport != nil {
			reason, message = v1alpha1.ReasonReportInvalid, fmt.Sprintf("The cluster refuses the report of the run: %v.", err)
		}
		p.decide(planner{now: r.Clock.Now()}.condition(job, metav1.ConditionFalse, reason, message))
	}
	before := owned(job.Status)
	if err := status.Apply(ctx, r.Client, job, FieldManager, status.Owned[v1alpha1.NotebookValidationJobStatus]{Before: before, After: p.status}); err != nil {
		return err
	}
	if c := status.Flipped(before.Conditions, p.status.Conditions, v1alpha1.ConditionValidated); c != nil {
		r.tell(job, c)
	}
	if err := r.cancel(ctx, p); err != nil {
		return err
	}
	return p.retry
}

// tellTrouble says why a child cannot be made or written yet, as when a quota is used up or its name is taken, and has it
// tried again. Nothing is decided.
func (r *Reconciler) tellTrouble(ctx context.Context, job *v1alpha1.NotebookValidationJob, p plan, trouble error) error {
	reason := v1alpha1.ReasonRunPending
	switch {
	case p.createBuild != nil:
		reason = v1alpha1.ReasonWaitingForBuild
	case p.applyReport != nil:
		reason = v1alpha1.ReasonRunning
	}
	before := owned(job.Status)
	p.status = owned(job.Status)
	p.set(planner{now: r.Clock.Now()}.condition(job, metav1.ConditionUnknown, reason, fmt.Sprintf("%v. It is tried again.", trouble)))
	change := status.Owned[v1alpha1.NotebookValidationJobStatus]{Before: before, After: p.status}
	if err := status.Apply(ctx, r.Client, job, FieldManager, change); err != nil {
		return err
	}
	return trouble
}

func (r *Reconciler) cancel(ctx context.Context, p plan) error {
	for i := range p.deleteBuilds {
		if err := r.Children.Delete(ctx, &p.deleteBuilds[i]); err != nil {
			return err
		}
	}
	for i := range p.deleteRuns {
		if err := r.Children.Delete(ctx, &p.deleteRuns[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reconciler) actOnChildren(ctx context.Context, job *v1alpha1.NotebookValidationJob, p plan) error {
	if p.createBuild != nil {
		if err := r.Children.Create(ctx, job, p.createBuild); err != nil {
			return err
		}
	}
	if p.createRun != nil {
		if err := r.Children.Create(ctx, job, p.createRun); err != nil {
			return err
		}
	}
	if p.applyReport != nil {
		return r.Children.Apply(ctx, job, p.applyReport, FieldManager)
	}
	return nil
}

// tell sends one event for a condition that flipped. What it says of the build is told by the aggregate controller.
func (r *Reconciler) tell(job *v1alpha1.NotebookValidationJob, c *metav1.Condition) {
	if c.Reason == v1alpha1.ReasonWaitingForBuild || c.Reason == v1alpha1.ReasonBuildFailed {
		return
	}
	kind := corev1.EventTypeNormal
	if c.Status == metav1.ConditionFalse {
		kind = corev1.EventTypeWarning
	}
	r.Recorder.Eventf(job, nil, kind, c.Reason, "Validate", "%s", status.Bound(c.Message, 1000))
}
