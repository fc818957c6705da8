package status

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// Owned is a typed status in which only the fields that one field manager owns are set.
type Owned[T any] struct {
	// Before is what this manager owns in the object as it was read.
	Before T
	// After is what it shall own, complete.
	After T
}

// Changed says whether there is anything to send.
func (o Owned[T]) Changed() bool {
	return !equality.Semantic.DeepEqual(o.Before, o.After)
}

// Apply sends what the manager owns, if it changed. The resourceVersion that was read goes along: a verdict on one
// incarnation or generation of an object never lands on another; the conflict is an error and the object is read again.
func Apply[T any](ctx context.Context, c client.Client, obj client.Object, manager string, owned Owned[T]) error {
	if !owned.Changed() {
		return nil
	}
	body, err := applyBody(c.Scheme(), obj, owned.After)
	if err != nil {
		return err
	}
	return c.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(body), client.FieldOwner(manager), client.ForceOwnership)
}

// applyBody is made anew for every call: the server's answer is written into it.
func applyBody(scheme *runtime.Scheme, obj client.Object, owned any) (*unstructured.Unstructured, error) {
	gvk, err := apiutil.GVKForObject(obj, scheme)
	if err != nil {
		return nil, err
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&owned)
	if err != nil {
		return nil, fmt.Errorf("convert status: %w", err)
	}
	u := &unstructured.Unstructured{Object: map[string]any{"status": fields}}
	u.SetGroupVersionKind(gvk)
	u.SetNamespace(obj.GetNamespace())
	u.SetName(obj.GetName())
	u.SetResourceVersion(obj.GetResourceVersion())
	return u, nil
}

// IgnoreStale drops the error of an apply to an object that was written, or deleted, after it was read. Nothing is lost:
// that write is an event, and brings the object back to the controller.
func IgnoreStale(err error) error {
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
