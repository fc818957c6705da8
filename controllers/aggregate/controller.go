// Package aggregate is the controller that opens the gate BuildReady and sums a job up: phase, message and the condition
// Succeeded. It creates nothing. See the contract in package controllers.
package aggregate

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/metrics"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// FieldManager owns everything in a job's status but the condition Validated and the fields validation and results.
const FieldManager = "notebook-validator-aggregator"

// Reconciler brings one job's summary up to date.
type Reconciler struct {
	// Client reads from the cache and writes status.
	Client client.Client
	// Recorder sends events.
	Recorder events.EventRecorder
	// Clock tells the time.
	Clock clock.PassiveClock
	// Metrics count what was decided; nil for none.
	Metrics *metrics.Jobs
}

// Reconcile observes, plans and applies.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	job := &v1alpha1.NotebookValidationJob{}
	if err := r.Client.Get(ctx, req.NamespacedName, job); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !job.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil
	}
	build, err := r.observe(ctx, job)
	if err != nil {
		return ctrl.Result{}, err
	}
	change := status.Owned[v1alpha1.NotebookValidationJobStatus]{Before: owned(job.Status), After: plan(job, build, r.Clock.Now())}
	if err := status.Apply(ctx, r.Client, job, FieldManager, change); err != nil {
		return ctrl.Result{}, status.IgnoreStale(err)
	}
	r.Metrics.Written(job, change.Before, change.After)
	r.tell(job, change)
	return ctrl.Result{}, nil
}

// observe is the build of the job as it is now, nil for none.
func (r *Reconciler) observe(ctx context.Context, job *v1alpha1.NotebookValidationJob) (*v1alpha1.NotebookBuild, error) {
	if !job.Spec.PodConfig.BuildEnabled() {
		return nil, nil
	}
	build := &v1alpha1.NotebookBuild{}
	err := r.Client.Get(ctx, client.ObjectKey{Namespace: job.Namespace, Name: naming.Build(job)}, build)
	if apierrors.IsNotFound(err) || err == nil && !metav1.IsControlledBy(build, job) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return build, nil
}

// tell sends an event when the gate is decided, and one when the environment is found to be described twice; the verdict's
// event comes from the validation controller.
func (r *Reconciler) tell(job *v1alpha1.NotebookValidationJob, change status.Owned[v1alpha1.NotebookValidationJobStatus]) {
	conflict := status.Flipped(change.Before.Conditions, change.After.Conditions, v1alpha1.ConditionDependencyConflict)
	if conflict != nil && conflict.Status == metav1.ConditionTrue {
		r.Recorder.Eventf(job, nil, corev1.EventTypeWarning, v1alpha1.ConditionDependencyConflict, "Build", "%s", status.Bound(conflict.Message, 1000))
	}
	c := status.Flipped(change.Before.Conditions, change.After.Conditions, v1alpha1.ConditionBuildReady)
	if c == nil || c.Status == metav1.ConditionUnknown {
		return
	}
	level := corev1.EventTypeNormal
	if c.Status == metav1.ConditionFalse {
		level = corev1.EventTypeWarning
	}
	r.Recorder.Eventf(job, nil, level, c.Reason, "Build", "%s", status.Bound(c.Message, 1000))
}

// owned is the part of a job's status that this controller writes.
func owned(s v1alpha1.NotebookValidationJobStatus) v1alpha1.NotebookValidationJobStatus {
	mine := *s.DeepCopy()
	mine.Conditions = status.Only(mine.Conditions, v1alpha1.ConditionBuildReady, v1alpha1.ConditionSucceeded, v1alpha1.ConditionDependencyConflict)
	mine.Validation, mine.Results = nil, nil
	return mine
}

// SetupWithManager watches jobs and their builds.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, options controller.Options) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("aggregate").
		WithOptions(options).
		For(&v1alpha1.NotebookValidationJob{}).
		Owns(&v1alpha1.NotebookBuild{}).
		Complete(r)
}
