// Package build is the controller that resolves the source and the environment of a NotebookBuild, has a build system do
// the work, and writes the build's status. See the contract in package controllers.
package build

import (
	"context"
	"errors"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	watched "sigs.k8s.io/controller-runtime/pkg/source"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/child"
	"mlops.dev/notebook-validator-operator/internal/settings"
	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/status"
	"mlops.dev/notebook-validator-operator/internal/watch"
)

// Resolver turns a ref into a commit and its small files.
type Resolver interface {
	Resolve(ctx context.Context, repository source.Repository) (*source.Snapshot, error)
}

// Reconciler brings one build one step further.
type Reconciler struct {
	// Client reads from the cache and writes.
	Client client.Client
	// APIReader reads from the API server; the only way to a Secret.
	APIReader client.Reader
	// Children writes Dockerfiles and the objects of the build systems.
	Children child.Writer
	// Resolver asks Git servers.
	Resolver Resolver
	// Images asks image registries.
	Images Images
	// ImageStreams asks OpenShift about images.
	ImageStreams ImageStreams
	// Systems are the build systems that the cluster offers.
	Systems Systems
	// Recorder sends events.
	Recorder events.EventRecorder
	// Clock tells the time.
	Clock clock.PassiveClock
	// Settings of the operator.
	Settings settings.Settings

	admission admission
	outward   *outward
}

// Systems tells which build systems the cluster offers now.
type Systems interface {
	// Available are the strategies that can be used, best first; settling is true while that is being found out.
	Available() (strategies []buildstrategy.Strategy, settling bool)
}

// Reconcile observes, plans and acts.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	defer r.outward.leave(req.NamespacedName)
	build := &v1alpha1.NotebookBuild{}
	if err := r.Client.Get(ctx, req.NamespacedName, build); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !build.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil // owner references take the children along
	}
	s, err := r.observe(ctx, build)
	if errors.Is(err, errNoPlace) || errors.Is(err, errOutdated) {
		return ctrl.Result{}, nil // its turn is an event, and so is its newer state
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	if undecided(build) && build.Status.Commit != "" && build.Status.StartTime == nil && !s.reuse.decides() {
		p, err := r.admit(ctx, build, s)
		return ctrl.Result{RequeueAfter: p.requeueAfter}, status.IgnoreStale(err)
	}
	p := r.planner().plan(build, s)
	if err := r.act(ctx, build, p); err != nil {
		return ctrl.Result{}, status.IgnoreStale(err)
	}
	return ctrl.Result{RequeueAfter: p.requeueAfter}, nil
}

func (r *Reconciler) planner() planner {
	return planner{settings: r.Settings, now: r.Clock.Now()}
}

// SetupWithManager watches builds, the children of the strategy that every cluster offers, and the events that tell of
// refused pods. Children of other build systems are watched by whoever finds that the cluster has them.
// All open builds are looked at when systemsChanged says that the cluster offers something else.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager, systemsChanged <-chan event.GenericEvent, options controller.Options) (controller.Controller, error) {
	r.admission.claims = map[types.UID]metav1.Time{}
	var turns <-chan event.GenericEvent
	r.outward, turns = newOutward()
	for field, index := range map[string]client.IndexerFunc{byEnvironment: indexEnvironment, byOpen: indexOpen} {
		if err := mgr.GetFieldIndexer().IndexField(ctx, &v1alpha1.NotebookBuild{}, field, index); err != nil {
			return nil, fmt.Errorf("index builds: %w", err)
		}
	}
	ofJobs := handler.EnqueueRequestsFromMapFunc(watch.JobOwner(mgr.GetClient(), "NotebookBuild"))
	return ctrl.NewControllerManagedBy(mgr).
		Named("build").
		WithOptions(options).
		For(&v1alpha1.NotebookBuild{}).
		Watches(&v1alpha1.NotebookBuild{}, r.waiting()).
		Owns(&batchv1.Job{}).
		Watches(&corev1.Pod{}, ofJobs).
		Watches(&corev1.Event{}, ofJobs).
		WatchesRawSource(watched.Channel(systemsChanged, r.open())).
		WatchesRawSource(watched.Channel(turns, &handler.EnqueueRequestForObject{})).
		Build(r)
}
