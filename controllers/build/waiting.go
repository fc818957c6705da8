package build

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

type requests = workqueue.TypedRateLimitingInterface[reconcile.Request]

// waiting has the builds looked at that wait for another one, when that one ends or is deleted, or stands in nobody's way
// any more because it waits for something itself.
func (r *Reconciler) waiting() handler.EventHandler {
	return handler.Funcs{
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q requests) {
			before, ok := e.ObjectOld.(*v1alpha1.NotebookBuild)
			after, ok2 := e.ObjectNew.(*v1alpha1.NotebookBuild)
			if ok && ok2 && (isUnderWay(before) && !isUnderWay(after) || !held(before) && held(after)) {
				r.wake(ctx, after, q)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q requests) {
			if build, ok := e.Object.(*v1alpha1.NotebookBuild); ok && undecided(build) {
				r.wake(ctx, build, q)
			}
		},
	}
}

func isUnderWay(build *v1alpha1.NotebookBuild) bool {
	return undecided(build) && build.DeletionTimestamp.IsZero()
}

// wake has every build looked at that may begin, or end, because this one is over.
func (r *Reconciler) wake(ctx context.Context, over *v1alpha1.NotebookBuild, q requests) {
	for _, b := range r.list(ctx, isOpen) {
		if b.Status.StartTime == nil && (inQueue(&b) || sameEnvironment(&b, over)) {
			q.Add(reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&b)})
		}
	}
}

func inQueue(build *v1alpha1.NotebookBuild) bool {
	c := meta.FindStatusCondition(build.Status.Conditions, v1alpha1.ConditionSucceeded)
	return c != nil && c.Reason == v1alpha1.ReasonBuildQueued
}

// open has every undecided build looked at: what the cluster offers may matter to each. So may it to a failed one whose
// work goes on, because the operator died before it was cancelled and has not known its build system since.
func (r *Reconciler) open() handler.EventHandler {
	return handler.Funcs{GenericFunc: func(ctx context.Context, _ event.GenericEvent, q requests) {
		for _, b := range append(r.list(ctx, isOpen), r.list(ctx, isSuspect)...) {
			q.Add(reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&b)})
		}
	}}
}

// list finds builds by the index; from the cache that fails only when the operator stops.
func (r *Reconciler) list(ctx context.Context, kind string) []v1alpha1.NotebookBuild {
	var list v1alpha1.NotebookBuildList
	if err := r.Client.List(ctx, &list, client.MatchingFields{byOpen: kind}); err != nil {
		log.FromContext(ctx).Error(err, "list builds")
	}
	return list.Items
}
