// Package watch maps what happens to grandchildren back to the object that they were made for.
package watch

import (
	"context"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// JobOwner maps a pod of a Kubernetes Job, or an event about one, to the object of that kind which controls the Job.
func JobOwner(reader client.Reader, ownerKind string) handler.MapFunc {
	return func(ctx context.Context, obj client.Object) []reconcile.Request {
		name := jobName(obj)
		if name == "" {
			return nil
		}
		job := &batchv1.Job{}
		if err := reader.Get(ctx, client.ObjectKey{Namespace: obj.GetNamespace(), Name: name}, job); err != nil {
			return nil // not one of ours, or gone
		}
		owner := metav1.GetControllerOf(job)
		if owner == nil || owner.Kind != ownerKind || owner.APIVersion != v1alpha1.SchemeGroupVersion.String() {
			return nil
		}
		return request(job.Namespace, owner.Name)
	}
}

func jobName(obj client.Object) string {
	if event, ok := obj.(*corev1.Event); ok {
		if event.InvolvedObject.Kind != "Job" {
			return ""
		}
		return event.InvolvedObject.Name
	}
	if owner := metav1.GetControllerOf(obj); owner != nil && owner.Kind == "Job" {
		return owner.Name
	}
	return ""
}

func request(namespace, name string) []reconcile.Request {
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}}
}
