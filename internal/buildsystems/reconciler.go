package buildsystems

import (
	"context"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// laterChecks follow a change: discovery comes after a CRD at a little distance, and says nothing itself.
var laterChecks = []time.Duration{2 * time.Second, 15 * time.Second}

// CRDs are watched as metadata: that one has come, gone or changed is all that matters.
func CRDs() *metav1.PartialObjectMetadata {
	return metadataOf("apiextensions.k8s.io", "CustomResourceDefinition")
}

// APIServices tell of APIs that another server than the API server itself serves, as OpenShift's are.
func APIServices() *metav1.PartialObjectMetadata {
	return metadataOf("apiregistration.k8s.io", "APIService")
}

func metadataOf(group, kind string) *metav1.PartialObjectMetadata {
	object := &metav1.PartialObjectMetadata{}
	object.SetGroupVersionKind(schema.GroupVersionKind{Group: group, Version: "v1", Kind: kind})
	return object
}

// SetupWithManager has the build systems asked for at the start, and again when something changes about the API of one.
func (s *Systems) SetupWithManager(mgr ctrl.Manager) error {
	changed := s.whenChanged()
	err := ctrl.NewControllerManagedBy(mgr).
		Named("buildsystems").
		WatchesMetadata(CRDs(), changed).
		WatchesMetadata(APIServices(), changed).
		Complete(reconcile.Func(s.reconcile))
	if err != nil {
		return err
	}
	return mgr.Add(s)
}

// reconcile checks the strategy of that name.
func (s *Systems) reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	for _, strategy := range s.Optional {
		if strategy.Name() == req.Name {
			return ctrl.Result{}, s.check(ctx, strategy)
		}
	}
	return ctrl.Result{}, nil
}

type requests = workqueue.TypedRateLimitingInterface[reconcile.Request]

// whenChanged asks at once and a few times later, for each strategy that the object may be of.
func (s *Systems) whenChanged() handler.EventHandler {
	ask := func(object client.Object, q requests) {
		for _, name := range s.strategiesOf(object) {
			q.Add(reconcile.Request{NamespacedName: types.NamespacedName{Name: name}})
			for _, later := range laterChecks { // a request of another name, or the queue would make one of them all
				q.AddAfter(reconcile.Request{NamespacedName: types.NamespacedName{Namespace: later.String(), Name: name}}, later)
			}
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q requests) { ask(e.Object, q) },
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, q requests) { ask(e.ObjectNew, q) },
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, q requests) { ask(e.Object, q) },
	}
}

// strategiesOf are the strategies that a CRD (plural.group) or an APIService (version.group) may be of.
func (s *Systems) strategiesOf(object client.Object) []string {
	_, group, _ := strings.Cut(object.GetName(), ".")
	var names []string
	for _, strategy := range s.Optional {
		if strategy.Kind().Group == group {
			names = append(names, strategy.Name())
		}
	}
	return names
}
