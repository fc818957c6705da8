package kit

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	watchtools "k8s.io/client-go/tools/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// Sighting is one event of a watch.
type Sighting struct {
	Type   watch.EventType
	Object client.Object
	// Revision of the whole cluster's state that this event made; it orders events of all kinds.
	Revision uint64
	// At is when the event was seen here.
	At time.Time
}

// Recorder sees everything that happens to jobs, builds, Jobs, pods and what else it was told of in one namespace, each
// change of it.
type Recorder struct {
	mu        sync.Mutex
	sightings []Sighting
	err       error
	// changed is closed, and replaced, at every event.
	changed chan struct{}
}

// Record follows a namespace, and the lists of other kinds that it is given, until the context ends. It sees what is there
// when it begins, and everything that happens after.
func (c *Cluster) Record(ctx context.Context, namespace string, also ...client.ObjectList) (*Recorder, error) {
	r := &Recorder{changed: make(chan struct{})}
	for _, list := range append([]client.ObjectList{
		&v1alpha1.NotebookValidationJobList{}, &v1alpha1.NotebookBuildList{}, &batchv1.JobList{}, &corev1.PodList{},
	}, also...) {
		// Tests that run side by side give the same list.
		k := &kind{client: c.Client, list: list.DeepCopyObject().(client.ObjectList), in: client.InNamespace(namespace), lost: r.fail}
		if err := r.record(ctx, k); err != nil {
			return nil, fmt.Errorf("watch %T in %s: %w", list, namespace, err)
		}
	}
	return r, nil
}

// record adds what there is of one kind, and follows what becomes of it from there. An API server ends every watch after
// half an hour or so; the next one begins with the event after the last.
func (r *Recorder) record(ctx context.Context, k *kind) error {
	if err := k.client.List(ctx, k.list, k.in); err != nil {
		return err
	}
	present, err := meta.ExtractList(k.list)
	if err != nil {
		return err
	}
	for _, object := range present {
		r.add(watch.Added, object.(client.Object))
	}
	events, err := watchtools.NewRetryWatcherWithContext(ctx, k.list.GetResourceVersion(), k)
	if err != nil {
		return err
	}
	go r.follow(ctx, events, fmt.Sprintf("%T", k.list))
	return nil
}

func (r *Recorder) follow(ctx context.Context, events watch.Interface, kind string) {
	defer events.Stop()
	for event := range events.ResultChan() {
		object, ok := event.Object.(client.Object)
		if !ok {
			r.fail(fmt.Errorf("the watch of %s ended: %v", kind, event.Object))
			return
		}
		r.add(event.Type, object)
	}
	if ctx.Err() == nil {
		r.fail(fmt.Errorf("the watch of %s ended", kind))
	}
}

// kind is one kind of object in one namespace.
type kind struct {
	client client.WithWatch
	list   client.ObjectList
	in     client.InNamespace
	// lost is told of events that nobody can see any more.
	lost func(error)
}

// WatchWithContext begins one watch where the options say.
func (k *kind) WatchWithContext(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	events, err := k.client.Watch(ctx, k.list, k.in, &client.ListOptions{Raw: &options})
	if apierrors.IsResourceExpired(err) || apierrors.IsGone(err) { // the retrying would never end, and nobody would know
		k.lost(fmt.Errorf("the watch of %T ended: %w", k.list, err))
	}
	return events, err
}

func (r *Recorder) add(kind watch.EventType, object client.Object) {
	revision, err := strconv.ParseUint(object.GetResourceVersion(), 10, 64)
	if err != nil {
		r.fail(fmt.Errorf("resource versions of this cluster cannot be compared: %w", err))
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sightings = append(r.sightings, Sighting{Type: kind, Object: object, Revision: revision, At: time.Now()})
	r.wake()
}

func (r *Recorder) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
	r.wake()
}

// wake lets everybody who waits look again; the lock is held.
func (r *Recorder) wake() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// all that was seen so far, in the order of arrival, and what to wait on for more.
func (r *Recorder) all() ([]Sighting, <-chan struct{}, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sightings, r.changed, r.err
}

// Await returns when the condition holds of what was seen. It is asked again at every event.
func (r *Recorder) Await(ctx context.Context, what string, holds func() bool) error {
	for {
		_, changed, err := r.all()
		switch {
		case holds():
			return nil
		case err != nil:
			return fmt.Errorf("wait for %s: %w", what, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
		case <-changed:
		}
	}
}
