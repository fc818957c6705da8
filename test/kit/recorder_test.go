package kit

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// podServer is an API server that has pods and nothing else, and lets go of every watch of them when a test says so.
type podServer struct {
	client.WithWatch
	present []corev1.Pod
	// opened are the watches of pods, in order.
	opened chan opened
	// refusal of every watch after the first.
	refusal error
	watches int
}

// opened is a watch from after a resource version.
type opened struct {
	*watch.FakeWatcher
	after string
}

func newPodServer(present ...corev1.Pod) *podServer {
	return &podServer{present: present, opened: make(chan opened, 1)}
}

func (s *podServer) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	if pods, ok := list.(*corev1.PodList); ok {
		pods.Items = s.present
	}
	list.SetResourceVersion("10")
	return nil
}

func (s *podServer) Watch(_ context.Context, list client.ObjectList, options ...client.ListOption) (watch.Interface, error) {
	if _, ok := list.(*corev1.PodList); !ok {
		return watch.NewFake(), nil
	}
	if s.watches++; s.watches > 1 && s.refusal != nil {
		return nil, s.refusal
	}
	asked := &client.ListOptions{}
	asked.ApplyOptions(options)
	events := opened{watch.NewFake(), asked.AsListOptions().ResourceVersion}
	s.opened <- events
	return events, nil
}

func (s *podServer) record(t *testing.T) *Recorder {
	t.Helper()
	r, err := (&Cluster{Client: s}).Record(t.Context(), "team")
	require.NoError(t, err)
	return r
}

func podAt(name, revision string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name), ResourceVersion: revision}}
}

// seen are the events so far, in one word each.
func seen(r *Recorder) []string {
	var words []string
	sightings, _, _ := r.all()
	for _, s := range sightings {
		words = append(words, fmt.Sprintf("%s %s %d", s.Type, s.Object.GetName(), s.Revision))
	}
	return words
}

func awaitSeen(t *testing.T, r *Recorder, words ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := r.Await(ctx, "events", func() bool { return len(seen(r)) >= len(words) })
	require.NoError(t, err, "seen are %v", seen(r))
	assert.Equal(t, words, seen(r))
}

func TestWatchThatTheAPIServerEndsGoesOnAfterTheLastEvent(t *testing.T) {
	t.Parallel()
	server := newPodServer(*podAt("old", "7"))
	r := server.record(t)
	first := <-server.opened
	assert.Equal(t, "10", first.after, "what was there when it was listed is not told again")
	first.Add(podAt("new", "12"))
	first.Action(watch.Bookmark, podAt("", "15"))
	first.Stop() // as an API server does after a while

	second := <-server.opened
	assert.Equal(t, "15", second.after)
	second.Modify(podAt("new", "16"))
	second.Error(&metav1.Status{Code: 500, Reason: metav1.StatusReasonInternalError})

	third := <-server.opened
	assert.Equal(t, "16", third.after)
	third.Delete(podAt("new", "19"))
	awaitSeen(t, r, "ADDED old 7", "ADDED new 12", "MODIFIED new 16", "DELETED new 19")
	assert.True(t, r.Deleted(podAt("new", "")))
}

func TestEventsThatAreLostAreAnError(t *testing.T) {
	t.Parallel()
	never := func() bool { return false }
	expired := apierrors.NewResourceExpired("too old resource version: 12 (40)")
	t.Run("told by the watch", func(t *testing.T) {
		t.Parallel()
		server := newPodServer()
		r := server.record(t)
		(<-server.opened).Error(&expired.ErrStatus)
		require.ErrorContains(t, r.Await(t.Context(), "a pod", never), "too old resource version")
	})
	t.Run("told when it is opened again", func(t *testing.T) {
		t.Parallel()
		server := newPodServer()
		server.refusal = expired
		r := server.record(t)
		(<-server.opened).Stop()
		require.ErrorContains(t, r.Await(t.Context(), "a pod", never), "too old resource version")
	})
}

// stateless is a server that lacks a kind.
type stateless struct{ client.WithWatch }

func (stateless) List(context.Context, client.ObjectList, ...client.ListOption) error {
	return errors.New("no such kind")
}

func TestKindThatTheClusterLacksCannotBeRecorded(t *testing.T) {
	_, err := (&Cluster{Client: stateless{}}).Record(t.Context(), "team", &batchv1.JobList{})
	require.ErrorContains(t, err, "no such kind")
}

func TestMostUnderWayCountsBuildsOfAllNamespacesAtOneMoment(t *testing.T) {
	one, other := recorded("a", nil), recorded("b", nil)
	at := func(r *Recorder, kind watch.EventType, name string, revision int, begun, ended bool) {
		build := &v1alpha1.NotebookBuild{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name), ResourceVersion: fmt.Sprint(revision)}}
		if now := metav1.Now(); begun {
			build.Status.StartTime = &now
			if ended {
				build.Status.CompletionTime = &now
			}
		}
		r.add(kind, build)
	}
	assert.Zero(t, MostUnderWay(one, other))
	at(one, watch.Added, "a", 1, false, false)
	at(one, watch.Modified, "a", 2, true, false)
	at(other, watch.Added, "c", 4, true, false) // seen first, and after the end of a
	at(one, watch.Modified, "a", 3, true, true)
	assert.Equal(t, 1, MostUnderWay(one, other))
	at(one, watch.Added, "b", 5, true, false)
	at(one, watch.Deleted, "b", 6, true, false)
	at(other, watch.Added, "d", 7, true, false)
	assert.Equal(t, 2, MostUnderWay(one, other))
	assert.Equal(t, 1, MostUnderWay(one))
}
