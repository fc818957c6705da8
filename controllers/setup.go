package controllers

import (
	"context"
	"fmt"
	"time"

	buildv1 "github.com/openshift/api/build/v1"
	shipwrightv1beta1 "github.com/shipwright-io/build/pkg/apis/build/v1beta1"
	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/discovery"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/controllers/aggregate"
	"mlops.dev/notebook-validator-operator/controllers/build"
	"mlops.dev/notebook-validator-operator/controllers/validation"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/kubejob"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/openshift"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/shipwright"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/tekton"
	"mlops.dev/notebook-validator-operator/internal/buildsystems"
	"mlops.dev/notebook-validator-operator/internal/child"
	"mlops.dev/notebook-validator-operator/internal/metrics"
	"mlops.dev/notebook-validator-operator/internal/observe"
	"mlops.dev/notebook-validator-operator/internal/settings"
)

const (
	// buildWorkers are more than those that may ask strangers' servers at once, so that somebody follows the builds that are
	// under way.
	buildWorkers = 16
	jobWorkers   = 8
)

// Bounds of the pauses between tries of what failed. The longest is what a user waits at most after having mended something.
const (
	firstRetry = 200 * time.Millisecond
	lastRetry  = 30 * time.Second
)

// options of one controller.
func options(workers int) controller.Options {
	return controller.Options{
		MaxConcurrentReconciles: workers,
		RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](firstRetry, lastRetry),
	}
}

// Scheme knows every kind that the controllers read or write.
func Scheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		clientgoscheme.AddToScheme, v1alpha1.AddToScheme,
		buildv1.Install, tektonv1.AddToScheme, shipwrightv1beta1.AddToScheme, // whether or not the cluster has them
	} {
		if err := add(scheme); err != nil {
			panic(err) // a kind registered twice: a mistake in this program
		}
	}
	return scheme
}

// CacheOptions keep what the operator made, and of events only those that tell of refused pods. Secrets and ConfigMaps
// are in no cache. What is not watched cannot be read from the cache: reading it would begin a watch, for ever where the
// cluster does not have its kind. With namespaces, nothing is listed outside of them but what has no namespace.
func CacheOptions(namespaces ...string) cache.Options {
	everything := cache.ByObject{Label: labels.Everything()}
	var inside map[string]cache.Config
	if len(namespaces) > 0 {
		inside = map[string]cache.Config{}
		for _, namespace := range namespaces {
			inside[namespace] = cache.Config{}
		}
	}
	return cache.Options{
		DefaultNamespaces:           inside,
		DefaultTransform:            cache.TransformStripManagedFields(),
		DefaultLabelSelector:        labels.SelectorFromSet(labels.Set{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy}),
		ReaderFailOnMissingInformer: true,
		ByObject: map[client.Object]cache.ByObject{
			&v1alpha1.NotebookValidationJob{}: everything,
			&v1alpha1.NotebookBuild{}:         everything,
			buildsystems.CRDs():               everything,
			buildsystems.APIServices():        everything,
			&corev1.Event{}: {Label: labels.Everything(), Field: fields.SelectorFromSet(fields.Set{
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
	// Images asks image registries.
	Images build.Images
	// ImageStreams asks OpenShift about images.
	ImageStreams build.ImageStreams
	// Discovery tells which APIs the cluster has.
	Discovery discovery.ServerResourcesInterface
	// Logs gives the logs of report containers.
	Logs typedcorev1.PodsGetter
	// Metrics of jobs; nil for none.
	Metrics *metrics.Jobs
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
	}).SetupWithManager(mgr, options(jobWorkers)); err != nil {
		return fmt.Errorf("validation controller: %w", err)
	}
	if err := setupBuild(ctx, mgr, children, with); err != nil {
		return fmt.Errorf("build controller: %w", err)
	}
	if err := (&aggregate.Reconciler{
		Client: mgr.GetClient(), Recorder: mgr.GetEventRecorder(aggregate.FieldManager), Clock: clock.RealClock{},
		Metrics: with.Metrics,
	}).SetupWithManager(mgr, options(jobWorkers)); err != nil {
		return fmt.Errorf("aggregate controller: %w", err)
	}
	return nil
}

// setupBuild adds the build controller, and what finds out which build systems there are for it.
func setupBuild(ctx context.Context, mgr ctrl.Manager, children child.Writer, with Dependencies) error {
	changed := make(chan event.GenericEvent, 1)
	systems := &buildsystems.Systems{
		Optional:  []buildstrategy.Strategy{openshift.Strategy{}, tekton.Strategy{}, shipwright.Strategy{}},
		Always:    []buildstrategy.Strategy{kubejob.Strategy{}},
		Discovery: with.Discovery, Scheme: mgr.GetScheme(),
		Changed: func() {
			select {
			case changed <- event.GenericEvent{}:
			default: // one that nobody has heard yet tells of this change too
			}
		},
	}
	reconciler := &build.Reconciler{
		Client: mgr.GetClient(), APIReader: mgr.GetAPIReader(), Children: children, Resolver: with.Resolver,
		Images: with.Images, ImageStreams: with.ImageStreams, Systems: systems,
		Recorder: mgr.GetEventRecorder(build.FieldManager), Clock: clock.RealClock{}, Settings: with.Settings,
	}
	controller, err := reconciler.SetupWithManager(ctx, mgr, changed, options(buildWorkers))
	if err != nil {
		return err
	}
	systems.Watcher = build.Watcher{Cache: mgr.GetCache(), Controller: controller}
	return systems.SetupWithManager(mgr)
}
