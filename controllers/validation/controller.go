// Package validation is the controller that asks for the image, runs the notebook behind the gate BuildReady, and writes
// the condition Validated. See the contract in package controllers.
package validation

import (
	"context"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/child"
	"mlops.dev/notebook-validator-operator/internal/settings"
	"mlops.dev/notebook-validator-operator/internal/status"
	"mlops.dev/notebook-validator-operator/internal/watch"
)

// Reconciler brings one job one step further.
type Reconciler struct {
	// Client reads from the cache and writes.
	Client client.Client
	// APIReader reads from the API server.
	APIReader client.Reader
	// Children writes NotebookBuilds, runs and reports.
	Children child.Writer
	// Logs gives the log of a report container.
	Logs typedcorev1.PodsGetter
	// Recorder sends events.
	Recorder events.EventRecorder
	// Clock tells the time.
	Clock clock.PassiveClock
	// Settings of the operator.
	Settings settings.Settings
}

// Reconcile observes, plans and acts.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	job := &v1alpha1.NotebookValidationJob{}
	if err := r.Client.Get(ctx, req.NamespacedName, job); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !job.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil // owner references take the children along
	}
	s, err := r.observe(ctx, job)
	if err != nil {
		return ctrl.Result{}, err
	}
	p := planner{settings: r.Settings, now: r.Clock.Now()}.plan(job, s)
	if err := r.act(ctx, job, p); err != nil {
		return ctrl.Result{}, status.IgnoreStale(err)
	}
	return ctrl.Result{RequeueAfter: p.requeueAfter}, nil
}

// SetupWithManager watches jobs, their builds and runs, the pods of runs, and the events that tell of refused pods.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, options controller.Options) error {
	ofJobs := handler.EnqueueRequestsFromMapFunc(watch.JobOwner(mgr.GetClient(), "NotebookValidationJob"))
	return ctrl.NewControllerManagedBy(mgr).
		Named("validation").
		WithOptions(options).
		For(&v1alpha1.NotebookValidationJob{}).
		Owns(&v1alpha1.NotebookBuild{}).
		Owns(&batchv1.Job{}).
		Watches(&corev1.Pod{}, ofJobs).
		Watches(&corev1.Event{}, ofJobs).
		Complete(r)
}
