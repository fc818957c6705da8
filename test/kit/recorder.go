package kit

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/watch"
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

// Record watches a namespace, and the lists of other kinds that it is given, until the context ends. It sees all that is
// created after it returns.
func (c *Cluster) Record(ctx context.Context, namespace string, also ...client.ObjectList) (*Recorder, error) {
	r := &Recorder{changed: make(chan struct{})}
	for _, list := range append([]client.ObjectList{
		&v1alpha1.NotebookValidationJobList{}, &v1alpha1.NotebookBuildList{}, &batchv1.JobList{}, &corev1.PodList{},
	}, also...) {
		events, err := c.Client.Watch(ctx, list, client.InNamespace(namespace))
		if err != nil {
			return nil, fmt.Errorf("watch %T in %s: %w", list, namespace, err)
		}
		go r.follow(ctx, events, fmt.Sprintf("%T", list))
	}
	return r, nil
}

func (r *Recorder) follow(ctx context.Context, events watch.Interface, kind string) {
	defer events.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event, open := <-events.ResultChan():
			object, ok := event.Object.(client.Object)
			if !open || !ok {
				r.fail(fmt.Errorf("the watch of %s ended: %v", kind, event.Object))
				return
			}
			r.add(event.Type, object)
		}
	}
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
