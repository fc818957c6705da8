package integration

import (
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// history is every state that the jobs, builds and Kubernetes Jobs of a namespace were ever in, as a watch tells it. All of
// them live in one etcd, so that their resource versions say what was first.
type history struct {
	mu     sync.Mutex
	states []client.Object
}

func watchHistory(t testing.TB, namespace string) *history {
	t.Helper()
	h := &history{}
	for _, list := range []client.ObjectList{
		&v1alpha1.NotebookValidationJobList{}, &v1alpha1.NotebookBuildList{}, &batchv1.JobList{},
	} {
		watcher, err := kube.Watch(t.Context(), list, client.InNamespace(namespace))
		require.NoError(t, err)
		go h.record(watcher)
	}
	return h
}

func (h *history) record(watcher watch.Interface) {
	for event := range watcher.ResultChan() {
		if object, ok := event.Object.(client.Object); ok && event.Type != watch.Bookmark {
			h.mu.Lock()
			h.states = append(h.states, object)
			h.mu.Unlock()
		}
	}
}

// until waits for the states that were read from the API server, and gives what was seen up to them. Each kind has a watch
// of its own, so that the last state of one says nothing about another.
func (h *history) until(t testing.TB, read ...client.Object) []client.Object {
	t.Helper()
	var states []client.Object
	eventually(t, func(c *assert.CollectT) {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, last := range read {
			assert.True(c, slices.ContainsFunc(h.states, func(state client.Object) bool {
				return state.GetUID() == last.GetUID() && state.GetResourceVersion() == last.GetResourceVersion()
			}), "the watch has not shown %s %s yet", last.GetName(), last.GetResourceVersion())
		}
		states = slices.Clone(h.states)
	})
	return states
}

// jobStates are the states of one job, oldest first.
func jobStates(states []client.Object, uid types.UID) []*v1alpha1.NotebookValidationJob {
	var jobs []*v1alpha1.NotebookValidationJob
	for _, state := range states {
		if job, ok := state.(*v1alpha1.NotebookValidationJob); ok && job.UID == uid {
			jobs = append(jobs, job)
		}
	}
	return jobs
}

// phases that a watch showed of a job in one generation.
func phases(states []client.Object, uid types.UID, generation int64) []v1alpha1.Phase {
	var shown []v1alpha1.Phase
	for _, job := range jobStates(states, uid) {
		if job.Status.ObservedGeneration == generation {
			shown = append(shown, job.Status.Phase)
		}
	}
	return slices.Compact(shown)
}

// gateOpened is when BuildReady became True for a generation, 0 for never.
func gateOpened(states []client.Object, uid types.UID, generation int64) uint64 {
	for _, job := range jobStates(states, uid) {
		c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionBuildReady)
		if c != nil && c.Status == metav1.ConditionTrue && c.ObservedGeneration == generation {
			return version(job)
		}
	}
	return 0
}

// firstSeen is when an object of that name was first there, 0 for never.
func firstSeen(states []client.Object, name string) uint64 {
	for _, state := range states {
		if state.GetName() == name {
			return version(state)
		}
	}
	return 0
}

func version(object client.Object) uint64 {
	v, err := strconv.ParseUint(object.GetResourceVersion(), 10, 64)
	if err != nil {
		panic(err) // the API server numbers its versions
	}
	return v
}
