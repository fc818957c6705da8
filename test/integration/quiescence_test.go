package integration

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

const (
	// settled is how long after the end an event may still be on its way.
	settled = 2 * time.Second
	// quiet is how long nothing may happen after that.
	quiet = time.Minute
)

// Jobs that have ended, and jobs that wait for a pod, cost the API server nothing: the operator sends no request at all, not
// even a read, and writes nothing. A watch counts when it is opened.
func TestNothingHappensAfterTheEnd(t *testing.T) {
	w := newWorld(t)
	built := w.create("built", withBuild)
	w.finishBuild(built, "a")
	w.finishRun(built, w.passing())
	given := w.create("given")
	w.finishRun(given, failing(w))
	broken := w.create("broken", withBuild)
	result := buildstrategy.Result{Reason: buildstrategy.BuildFailed, Message: "no such package"}
	theNode.run(t, theNode.podOf(t, w.builderOf(broken)), ending{}, ending{code: 1, message: string(result.Encode())})
	running := w.create("running")
	w.executeRun(running)
	building := w.create("building", withBuild)
	theNode.run(t, theNode.podOf(t, w.builderOf(building)), ending{})
	w.awaitSucceeded(built)
	w.awaitFailed(given, v1alpha1.ReasonCellFailed)
	w.awaitFailed(broken, v1alpha1.ReasonBuildFailed)
	w.awaitCondition(running, v1alpha1.ConditionValidated, metav1.ConditionUnknown, v1alpha1.ReasonRunning)
	w.await(building, func(c *assert.CollectT, job *v1alpha1.NotebookValidationJob) {
		assert.Equal(c, "Building the image.", job.Status.Message)
	})
	<-time.After(settled)
	requests, versions := w.operator.line.seen(), w.versions()
	end := time.After(quiet)

	t.Parallel() // the others may go on in this minute
	<-end
	assert.Empty(t, w.operator.line.seen()[len(requests):], "the operator asks or writes although nothing happens")
	assert.Equal(t, versions, w.versions())
}

// versions are the resource versions of the world's jobs and builds.
func (w *world) versions() map[string]string {
	w.Helper()
	versions := map[string]string{}
	jobs, builds := &v1alpha1.NotebookValidationJobList{}, &v1alpha1.NotebookBuildList{}
	require.NoError(w, kube.List(w.Context(), jobs, client.InNamespace(w.namespace)))
	require.NoError(w, kube.List(w.Context(), builds, client.InNamespace(w.namespace)))
	for _, job := range jobs.Items {
		versions["job "+job.Name] = job.ResourceVersion
	}
	for _, build := range builds.Items {
		versions["build "+build.Name] = build.ResourceVersion
	}
	return versions
}
