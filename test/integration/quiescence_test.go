package integration

import (
	"slices"
	"strings"
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
	settled = 5 * time.Second
	// quiet is how long nothing may happen after that.
	quiet = time.Minute
)

// Jobs that have ended, and jobs that wait for a pod, cost the API server nothing: the operator sends no request at all, not
// even a read, and writes nothing.
func TestNothingHappensAfterTheEnd(t *testing.T) {
	w := newWorld(t)
	built := w.create("built", withOwnBuild)
	w.finishBuild(built, "a")
	w.finishRun(built, w.passing())
	given := w.create("given")
	w.finishRun(given, failing(w))
	broken := w.create("broken", withOwnBuild)
	result := buildstrategy.Result{Reason: buildstrategy.BuildFailed, Message: "no such package"}
	theNode.run(t, theNode.podOf(t, w.builderOf(broken)), ending{}, ending{code: 1, message: string(result.Encode(buildstrategy.ResultLimit))})
	running := w.create("running")
	w.executeRun(running)
	building := w.create("building", withOwnBuild)
	theNode.run(t, theNode.podOf(t, w.builderOf(building)), ending{})
	w.awaitSucceeded(built)
	w.awaitFailed(given, v1alpha1.ReasonCellFailed)
	w.awaitFailed(broken, v1alpha1.ReasonBuildFailed)
	w.awaitCondition(running, v1alpha1.ConditionValidated, metav1.ConditionUnknown, v1alpha1.ReasonRunning)
	w.await(building, func(c *assert.CollectT, job *v1alpha1.NotebookValidationJob) {
		assert.Equal(c, "Building the image.", job.Status.Message)
	})
	assertQuiet(t, w)
}

// Builds that have an image of another, wait for one or wait their turn cost nothing either: what they wait for wakes them.
func TestNothingHappensWhileBuildsWait(t *testing.T) {
	w := newWorldWithoutOperator(t)
	w.operator = startOperatorWith(t, newLine(), oneAtATime(), w.namespace)
	built := w.createBuild("built")
	w.finishBuilder(built, "a")
	w.awaitBuild(built, v1alpha1.ReasonBuildSucceeded)
	w.awaitGate(w.create("reused", withBuild), v1alpha1.ReasonBuildReused)
	w.repository.commit(t, map[string]string{"requirements.txt": "tiny==2.0\n"})
	leader := w.createBuild("leader")
	theNode.run(t, theNode.podOf(t, w.childOf(leader)), ending{})
	w.awaitTold(leader, "Building the image.")
	w.awaitCondition(w.create("waiting", withBuild), v1alpha1.ConditionBuildReady, metav1.ConditionUnknown, v1alpha1.ReasonWaitingForSharedBuild)
	for _, name := range []string{"queued", "behind"} {
		w.awaitCondition(w.create(name, withOwnBuild), v1alpha1.ConditionBuildReady, metav1.ConditionUnknown, v1alpha1.ReasonBuildQueued)
	}
	assertQuiet(t, w)
}

// assertQuiet checks that from now on the world's operator sends nothing, and nothing in the world changes. Tests that are not
// parallel change which APIs there are, about which every operator asks; so they come first.
func assertQuiet(t *testing.T, w *world) {
	t.Helper()
	t.Parallel() // the others may go on in this minute
	<-time.After(settled)
	requests, versions := w.operator.asked(), w.versions()
	<-time.After(quiet)
	assert.Empty(t, w.operator.asked()[len(requests):], "the operator asks or writes although nothing happens")
	assert.Equal(t, versions, w.versions())
}

// asked are all requests so far but those that open a watch: an API server ends each of them after a while, and the next
// one is begun.
func (o *operator) asked() []string {
	return slices.DeleteFunc(o.line.seen(), func(request string) bool { return strings.Contains(request, "watch=true") })
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
