package build

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// Watcher has the build controller told of objects of build systems that come and go with the cluster's APIs.
type Watcher struct {
	// Cache of the manager.
	Cache cache.Cache
	// Controller of builds.
	Controller controller.Controller
}

// Watch returns when the objects that are there are in the cache.
func (w Watcher) Watch(ctx context.Context, object client.Object) error {
	if _, err := w.Cache.GetInformer(ctx, object); err != nil {
		return err
	}
	return w.Controller.Watch(source.Kind(w.Cache, object, handler.TypedEnqueueRequestsFromMapFunc(buildOf)))
}

// Unwatch ends the watch; without it, the cache would ask for ever for what is gone.
func (w Watcher) Unwatch(ctx context.Context, object client.Object) error {
	return w.Cache.RemoveInformer(ctx, object)
}

// buildOf is the build that an object says it was made for. Whoever says so falsely has a build looked at, and no more.
func buildOf(_ context.Context, object client.Object) []reconcile.Request {
	name := object.GetAnnotations()[v1alpha1.AnnotationBuild]
	if name == "" {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: object.GetNamespace(), Name: name}}}
}
