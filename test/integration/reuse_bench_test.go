package integration

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// BenchmarkReuse measures how long a job waits for an image that is there already: from the moment that the API server has
// the job to its BuildReady, as a watch shows it. The jobs come one after another, or thirty at once.
func BenchmarkReuse(b *testing.B) {
	for _, c := range []struct {
		name string
		wave int
	}{{"one after another", 1}, {"thirty at once", sharers}} {
		b.Run(c.name, func(b *testing.B) {
			w := newWorld(b)
			first := w.create("first", withBuild)
			w.finishBuild(first, "a")
			w.finishRun(first, w.passing())
			w.awaitSucceeded(first)
			var latencies []time.Duration
			for range b.N {
				latencies = append(latencies, w.measureReuse(b, c.wave)...)
			}
			require.Len(b, w.builders(), 1)
			slices.Sort(latencies)
			b.ReportMetric(milliseconds(latencies[len(latencies)/2]), "p50-ms")
			b.ReportMetric(milliseconds(latencies[len(latencies)-1]), "max-ms")
			b.ReportMetric(0, "ns/op") // what an iteration takes says nothing
		})
	}
}

func (w *world) measureReuse(b *testing.B, wave int) []time.Duration {
	watcher, err := kube.Watch(b.Context(), &v1alpha1.NotebookValidationJobList{}, client.InNamespace(w.namespace))
	require.NoError(b, err)
	defer watcher.Stop()
	began := map[string]time.Time{}
	for range wave {
		job := newJob(w.namespace, "", withBuild, func(job *v1alpha1.NotebookValidationJob) {
			job.GenerateName, job.Spec.Notebook.Git.URL = "wave-", w.repository.url
		})
		require.NoError(b, kube.Create(b.Context(), job))
		began[job.Name] = time.Now()
	}
	var latencies []time.Duration
	for event := range watcher.ResultChan() {
		job, ok := event.Object.(*v1alpha1.NotebookValidationJob)
		at, known := began[job.GetName()]
		if ok && known && meta.IsStatusConditionPresentAndEqual(job.Status.Conditions, v1alpha1.ConditionBuildReady, metav1.ConditionTrue) {
			latencies = append(latencies, time.Since(at))
			if delete(began, job.Name); len(began) == 0 {
				break
			}
		}
	}
	return latencies
}
