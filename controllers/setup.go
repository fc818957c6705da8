package controllers

import (
	"context"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/controllers/aggregate"
	"mlops.dev/notebook-validator-operator/controllers/build"
	"mlops.dev/notebook-validator-operator/controllers/validation"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/kubejob"
	"mlops.dev/notebook-validator-operator/internal/child"
	"mlops.dev/notebook-validator-operator/internal/observe"
	"mlops.dev/notebook-validator-operator/internal/settings"
)

// resolveWorkers are several because resolving a ref waits for a Git server; each may hold what its bounds allow in memory.
const (
	resolveWorkers = 8
	jobWorkers     = 8
)

// Scheme knows every kind that the controllers read or write.
func Scheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err) // a kind registered twice: a mistake in this program
		}
	}
	return scheme
}

// CacheOptions keep what the operator made, and of events only those that tell of refused pods. Secrets and ConfigMaps
// are in no cache.
func CacheOptions() cache.Options {
	ours := cache.ByObject{Label: labels.SelectorFromSet(labels.Set{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy})}
	return cache.Options{
		DefaultTransform: cache.TransformStripManagedFields(),
		ByObject: map[client.Object]cache.ByObject{
			&batchv1.Job{}: ours,
			&corev1.Pod{}:  ours,
			&corev1.Event{}: {Field: fields.SelectorFromSet(fields.Set{
				"involvedObject.kind": "Job", "reason": observe.RefusalReason,
			})},
		},
	}
}

// Dependencies are what the controllers need beside the manager.
type Dependencies struct {
	// Settings of the operator.
	Settings settings.Settings
	// Resolver asks Git servers.
	Resolver build.Resolver
	// Logs gives the logs of report containers.
	Logs typedcorev1.PodsGetter
}

// Setup adds the three controllers to the manager.
func Setup(ctx context.Context, mgr ctrl.Manager, with Dependencies) error {
	if err := mgr.GetFieldIndexer().IndexField(ctx, &corev1.Event{}, observe.RefusalIndex, observe.IndexRefusals); err != nil {
		return fmt.Errorf("index events: %w", err)
	}
	children := child.Writer{Client: mgr.GetClient(), Live: mgr.GetAPIReader()}
	if err := (&validation.Reconciler{
		Client: mgr.GetClient(), APIReader: mgr.GetAPIReader(), Children: children, Logs: with.Logs,
		Recorder: mgr.GetEventRecorder(validation.FieldManager), Clock: clock.RealClock{}, Settings: with.Settings,
	}).SetupWithManager(mgr, jobWorkers); err != nil {
		return fmt.Errorf("validation controller: %w", err)
	}
	if err := (&build.Reconciler{
		Client: mgr.GetClient(), APIReader: mgr.GetAPIReader(), Children: children, Resolver: with.Resolver,
		Strategies: []buildstrategy.Strategy{kubejob.Strategy{}},
		Recorder:   mgr.GetEventRecorder(build.FieldManager), Clock: clock.RealClock{}, Settings: with.Settings,
	}).SetupWithManager(mgr, resolveWorkers); err != nil {
		return fmt.Errorf("build controller: %w", err)
	}
	if err := (&aggregate.Reconciler{
		Client: mgr.GetClient(), Recorder: mgr.GetEventRecorder(aggregate.FieldManager), Clock: clock.RealClock{},
	}).SetupWithManager(mgr, jobWorkers); err != nil {
		return fmt.Errorf("aggregate controller: %w", err)
	}
	return nil
}
