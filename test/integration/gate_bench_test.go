package integration

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
)

// jobsBuilding at the same time.
const jobsBuilding = 60

// BenchmarkGateLatency measures how long an image waits for its run: from Succeeded of a NotebookBuild, as a watch shows it,
// to the creation of the run Job. Sixty jobs are building; their builds end one after another, or all at once.
func BenchmarkGateLatency(b *testing.B) {
	for _, c := range []struct {
		name string
		wait bool
	}{{"one after another", true}, {"all at once", false}} {
		b.Run(c.name, func(b *testing.B) {
			var latencies []time.Duration
			for range b.N {
				latencies = append(latencies, measureGate(b, c.wait)...)
			}
			slices.Sort(latencies)
			b.ReportMetric(milliseconds(latencies[len(latencies)/2]), "p50-ms")
			b.ReportMetric(milliseconds(latencies[len(latencies)*95/100]), "p95-ms")
			b.ReportMetric(milliseconds(latencies[len(latencies)-1]), "max-ms")
			b.ReportMetric(0, "ns/op") // what an iteration takes says nothing
		})
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func measureGate(b *testing.B, wait bool) []time.Duration {
	w := newWorld(b)
	built, err := kube.Watch(b.Context(), &v1alpha1.NotebookBuildList{}, client.InNamespace(w.namespace))
	require.NoError(b, err)
	defer built.Stop()
	created, err := kube.Watch(b.Context(), &batchv1.JobList{}, client.InNamespace(w.namespace))
	require.NoError(b, err)
	defer created.Stop()
	seen := make(chan gateEvent, 4*jobsBuilding)
	go timeEvents(built, seen)
	go timeEvents(created, seen)

	jobs := make([]*v1alpha1.NotebookValidationJob, jobsBuilding)
	for i := range jobs {
		jobs[i] = w.create(fmt.Sprintf("job-%d", i), withOwnBuild)
	}
	for _, job := range jobs {
		theNode.run(b, theNode.podOf(b, w.builderOf(job)), ending{})
	}
	began, ended := map[string]time.Time{}, map[string]time.Time{}
	for i, job := range jobs {
		w.finishBuild(job, "a")
		for wait && len(ended) <= i || i == len(jobs)-1 && len(ended) < len(jobs) {
			note(<-seen, began, ended)
		}
	}
	var latencies []time.Duration
	for _, job := range jobs {
		latencies = append(latencies, ended[naming.Run(job)].Sub(began[naming.Build(job)]))
	}
	return latencies
}

// gateEvent is one end of a latency.
type gateEvent struct {
	name  string
	run   bool
	local time.Time
}

func note(e gateEvent, began, ended map[string]time.Time) {
	if e.run {
		ended[e.name] = e.local
	} else if _, known := began[e.name]; !known {
		began[e.name] = e.local
	}
}

// timeEvents notes when builds succeed and when runs are created.
func timeEvents(watcher watch.Interface, seen chan<- gateEvent) {
	for event := range watcher.ResultChan() {
		now := time.Now()
		switch object := event.Object.(type) {
		case *v1alpha1.NotebookBuild:
			if meta.IsStatusConditionPresentAndEqual(object.Status.Conditions, v1alpha1.ConditionSucceeded, metav1.ConditionTrue) {
				seen <- gateEvent{name: object.Name, local: now}
			}
		case *batchv1.Job:
			if event.Type == watch.Added && executeImage(object) != "" {
				seen <- gateEvent{name: object.Name, run: true, local: now}
			}
		}
	}
}
