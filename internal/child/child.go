// Package child creates, applies and deletes what a controller owns. A child's name is a function of its inputs, so that
// a controller which died between two calls ends with exactly one child of each kind.
package child

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// Writer creates and applies children. Live reads from the API server itself: the cache holds only what is labelled as
// ours, and an object of somebody else must be seen too.
type Writer struct {
	client.Client
	Live client.Reader
}

// Create makes the child, controlled by the owner. One that is there already is left as it is. It is made only for an
// owner that is still as it was read: one read from a cache may have been decided since, and its child cancelled; then
// there is a conflict, and the owner's newer state brings it back to the controller.
func (c Writer) Create(ctx context.Context, owner, child client.Object) error {
	if err := c.CheckCurrent(ctx, owner); err != nil {
		return err
	}
	if err := controllerutil.SetControllerReference(owner, child, c.Scheme()); err != nil {
		return err
	}
	err := c.Client.Create(ctx, child)
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	if err := c.Live.Get(ctx, client.ObjectKeyFromObject(child), child); err != nil {
		return err
	}
	return checkControlled(owner, child)
}

// CheckCurrent is a conflict where the owner was written, and NotFound where it was deleted, after it was read.
func (c Writer) CheckCurrent(ctx context.Context, owner client.Object) error {
	now := owner.DeepCopyObject().(client.Object)
	if err := c.Live.Get(ctx, client.ObjectKeyFromObject(owner), now); err != nil {
		return err
	}
	if now.GetUID() == owner.GetUID() && now.GetResourceVersion() == owner.GetResourceVersion() {
		return nil
	}
	return apierrors.NewConflict(schema.GroupResource{}, owner.GetName(), errors.New("it was changed after it was read"))
}

func checkControlled(owner, child client.Object) error {
	if metav1.IsControlledBy(child, owner) {
		return nil
	}
	return fmt.Errorf("%s %w; delete it, or give %s another name", child.GetName(), errTaken, owner.GetName())
}

var errTaken = errors.New("belongs to somebody else")

// Blocked says whether somebody has to do something before trying again is of use: the name is taken, a quota is used up,
// or a right is missing.
func Blocked(err error) bool {
	return apierrors.IsForbidden(err) || errors.Is(err, errTaken)
}

// Apply writes the child server-side, controlled by the owner, under the field manager. It never takes over an object of
// somebody else, nor one of an earlier owner of the same name that is still to be collected. As with Create, an owner that
// was changed after it was read is a conflict: its child may be written for the newer state already.
func (c Writer) Apply(ctx context.Context, owner, child client.Object, manager string) error {
	if err := c.CheckCurrent(ctx, owner); err != nil {
		return err
	}
	existing := child.DeepCopyObject().(client.Object)
	switch err := c.Live.Get(ctx, client.ObjectKeyFromObject(child), existing); {
	case err == nil:
		if err := checkControlled(owner, existing); err != nil {
			return err
		}
	case !apierrors.IsNotFound(err):
		return err
	}
	if err := controllerutil.SetControllerReference(owner, child, c.Scheme()); err != nil {
		return err
	}
	body, err := applyBody(c.Scheme(), child)
	if err != nil {
		return err
	}
	return c.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(body), client.FieldOwner(manager), client.ForceOwnership)
}

func applyBody(scheme *runtime.Scheme, child client.Object) (*unstructured.Unstructured, error) {
	gvk, err := apiutil.GVKForObject(child, scheme)
	if err != nil {
		return nil, err
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(child)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{Object: fields}
	u.SetGroupVersionKind(gvk)
	unstructured.RemoveNestedField(u.Object, "metadata", "creationTimestamp")
	return u, nil
}

// Delete cancels the child and what it owns; the very incarnation that was seen, and no other of its name.
func (c Writer) Delete(ctx context.Context, child client.Object) error {
	uid := child.GetUID()
	err := c.Client.Delete(ctx, child, client.PropagationPolicy(metav1.DeletePropagationBackground), client.Preconditions{UID: &uid})
	if apierrors.IsConflict(err) {
		return nil // another incarnation took its place
	}
	return client.IgnoreNotFound(err)
}

// Refused says whether the API server will refuse this object for ever, so that trying again is of no use.
func Refused(err error) bool {
	return apierrors.IsInvalid(err) || apierrors.IsBadRequest(err)
}
