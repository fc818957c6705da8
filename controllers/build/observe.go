package build

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/observe"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// observe reads everything that the plan needs but the fleet, and nothing else.
func (r *Reconciler) observe(ctx context.Context, build *v1alpha1.NotebookBuild) (seen, error) {
	s := seen{}
	s.strategies, s.settling = r.Systems.Available()
	var err error
	switch decided := status.Decided(build.Status.Conditions, v1alpha1.ConditionSucceeded, build.Generation); {
	case decided != nil && decided.Status == metav1.ConditionTrue:
	case decided != nil:
		s.leftover, err = r.leftover(ctx, build, s.strategies)
	case build.Status.Commit == "":
		s.resolution, err = r.resolution(ctx, build)
	case build.Status.StartTime == nil:
		s.reuse, err = r.observeReuse(ctx, build)
	default:
		err = r.observeChild(ctx, build, &s)
	}
	return s, err
}

// resolution asks about a build that nobody has resolved, if there is a place. A cache may not know yet what was found the
// last time; asked once more, the same ref may be another commit, and the Dockerfile of that one takes the place of the
// one that the status tells of.
func (r *Reconciler) resolution(ctx context.Context, build *v1alpha1.NotebookBuild) (*resolution, error) {
	if !r.outward.enter(client.ObjectKeyFromObject(build)) {
		return nil, errNoPlace
	}
	switch err := r.Children.CheckCurrent(ctx, build); {
	case apierrors.IsConflict(err), apierrors.IsNotFound(err):
		return nil, errOutdated
	case err != nil:
		return nil, err
	}
	return r.resolve(ctx, build), nil
}

// errOutdated is returned by who would ask strangers' servers about a build that was changed after it was read.
var errOutdated = errors.New("the build was changed after it was read")

// leftover is the child of a failed build that would go on.
func (r *Reconciler) leftover(ctx context.Context, build *v1alpha1.NotebookBuild, available []buildstrategy.Strategy) (client.Object, error) {
	strategy, err := strategyOf(build, available)
	if err != nil || build.Status.StartTime == nil {
		return nil, nil // there is no way to have one
	}
	child, err := r.child(ctx, build, strategy)
	if errors.Is(err, errForeign) {
		return nil, nil
	}
	if err != nil || child == nil || strategy.Ended(child) || child.GetDeletionTimestamp() != nil {
		return nil, err
	}
	return child, nil
}

// observeChild reads the child, what the build system made of it, and what its pods say; where there is none, what is to
// be built.
func (r *Reconciler) observeChild(ctx context.Context, build *v1alpha1.NotebookBuild, s *seen) error {
	strategy, err := strategyOf(build, s.strategies)
	if err != nil {
		return nil // the plan says so
	}
	child, err := r.child(ctx, build, strategy)
	switch {
	case errors.Is(err, errForeign):
		s.foreign = err
		return nil
	case err != nil:
		return err
	case child == nil:
		s.vanished = build.Status.ChildName == naming.BuildChild(build)
		return r.observeDockerfile(ctx, build, s)
	}
	s.child.Child = child
	if err := r.observeParts(ctx, strategy, &s.child); err != nil {
		return err
	}
	if s.child.Refused, err = observe.Refusal(ctx, r.Client, child); err != nil {
		return err
	}
	if tag := strategy.Outcome(s.child).Tag; tag != "" {
		if s.told, s.untold = r.pinnedNow(ctx, build, tag); errors.Is(s.untold, errNoPlace) {
			return errNoPlace
		}
	}
	return nil
}

// observeParts reads the parts and the pods of a child. Those of one that has ended are read from the API server itself: a
// cache may know of the end of the child before it knows of theirs.
func (r *Reconciler) observeParts(ctx context.Context, strategy buildstrategy.Strategy, s *buildstrategy.Seen) error {
	labels := strategy.Selector(s.Child)
	if labels == nil {
		return nil
	}
	var reader client.Reader = r.Client
	if strategy.Ended(s.Child) {
		reader = r.APIReader
	}
	owners := []client.Object{s.Child}
	if list := strategy.NewParts(); list != nil {
		if err := reader.List(ctx, list, client.InNamespace(s.Child.GetNamespace()), client.MatchingLabels(labels)); err != nil {
			return fmt.Errorf("list what was made of %s: %w", s.Child.GetName(), err)
		}
		s.Parts = controlled(list, s.Child)
		owners = append(owners, s.Parts...)
	}
	var err error
	s.Pods, err = observe.Pods(ctx, reader, labels, owners...)
	return err
}

// controlled are the objects of a list that the owner controls.
func controlled(list client.ObjectList, owner client.Object) []client.Object {
	var objects []client.Object
	_ = meta.EachListItem(list, func(item runtime.Object) error { // the function below never fails
		if object, ok := item.(client.Object); ok && observe.Controlled(object, owner) {
			objects = append(objects, object)
		}
		return nil
	})
	return objects
}

// child reads the child under its own name; nil for none. One that was there is asked for at the API server too before it
// counts as gone.
func (r *Reconciler) child(ctx context.Context, build *v1alpha1.NotebookBuild, strategy buildstrategy.Strategy) (client.Object, error) {
	child, key := strategy.NewChild(), client.ObjectKey{Namespace: build.Namespace, Name: naming.BuildChild(build)}
	err := r.Client.Get(ctx, key, child)
	if apierrors.IsNotFound(err) && build.Status.ChildName == key.Name {
		err = r.APIReader.Get(ctx, key, child)
	}
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("get %s: %w", key.Name, err)
	case !metav1.IsControlledBy(child, build):
		return nil, fmt.Errorf("%s %w; delete it", key.Name, errForeign)
	}
	return child, nil
}

// errForeign is an object under the name of a child that is not this build's.
var errForeign = errors.New("belongs to somebody else")

// observeDockerfile reads the text that was recorded when the environment was resolved. One that somebody took away does not
// come back by itself.
func (r *Reconciler) observeDockerfile(ctx context.Context, build *v1alpha1.NotebookBuild, s *seen) error {
	recorded, key := &corev1.ConfigMap{}, client.ObjectKey{Namespace: build.Namespace, Name: naming.Dockerfile(build)}
	switch err := r.APIReader.Get(ctx, key, recorded); {
	case apierrors.IsNotFound(err):
		s.lost = fmt.Sprintf("The ConfigMap %s, which holds the Dockerfile, was deleted before the work could begin.", key.Name)
	case err != nil:
		return fmt.Errorf("get the Dockerfile: %w", err)
	case !metav1.IsControlledBy(recorded, build):
		s.lost = fmt.Sprintf("The ConfigMap %s, which has to hold the Dockerfile, belongs to somebody else. Delete it.", key.Name)
	default:
		s.dockerfile = recorded.Data[dockerfileKey]
	}
	return nil
}
