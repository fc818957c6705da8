package olm

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
	"mlops.dev/notebook-validator-operator/test/notebooks"
)

// The containers of pods in which a test waits for something.
const (
	executeContainer = "execute"
	buildContainer   = "build"
)

// work is a namespace of users, with a repository, and all that happens in it.
type work struct {
	*kit.Recorder
	t         *testing.T
	namespace string
}

// newWork makes a namespace and a repository with the content of one folder of test/notebooks. Both go at the end of the test.
func newWork(t *testing.T, folder string) *work {
	t.Helper()
	return newWorkOn(t, repository(t, folder))
}

func repository(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files, err := notebooks.Repository(folder)
	require.NoError(t, err)
	return files
}

// newWorkOn is newWork with any files.
func newWorkOn(t *testing.T, files map[string][]byte) *work {
	t.Helper()
	w := workIn(t, files, "nbv-work-"+suffix(t))
	require.NoError(t, cluster.Namespace(t.Context(), w.namespace, kit.Baseline))
	t.Cleanup(w.close)
	return w
}

// workIn is newWorkOn in a namespace that is somebody else's.
func workIn(t *testing.T, files map[string][]byte, namespace string) *work {
	t.Helper()
	w := &work{t: t, namespace: namespace}
	_, err := cluster.Repository(t.Context(), kit.Public, w.repository(), kit.Tree{Files: files})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.RemoveRepository(kit.Public, w.repository())) })
	return w
}

// record begins to follow what happens; the CRDs have to be there.
func (w *work) record() {
	w.t.Helper()
	if w.Recorder != nil {
		return
	}
	var err error
	w.Recorder, err = cluster.Record(w.t.Context(), w.namespace)
	require.NoError(w.t, err)
}

func (w *work) repository() string { return "olm/" + w.namespace }

func (w *work) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if w.t.Failed() {
		w.t.Log(cluster.Describe(ctx, w.namespace))
	}
	require.NoError(w.t, cluster.DeleteAndWait(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}))
}

// The ways that a job goes.
var (
	phasesOfARun = []v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseValidationRunning, v1alpha1.PhaseSucceeded}
	wholeWay     = []v1alpha1.Phase{
		v1alpha1.PhaseInitializing, v1alpha1.PhaseBuilding, v1alpha1.PhaseBuildComplete, v1alpha1.PhaseValidationRunning, v1alpha1.PhaseSucceeded,
	}
)

// apply makes a job.
func (w *work) apply(name, notebook string, changes ...func(*v1alpha1.NotebookValidationJobSpec)) {
	w.t.Helper()
	w.record()
	job := cluster.Job(w.namespace, name, cluster.Env.Git.HTTPPublic+"/"+w.repository()+".git", notebook)
	for _, change := range changes {
		change(&job.Spec)
	}
	require.NoError(w.t, cluster.Client.Create(w.t.Context(), job))
}

func (w *work) await(what string, holds func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeoutCause(w.t.Context(), patience, fmt.Errorf("it takes longer than %s", patience))
	defer cancel()
	require.NoError(w.t, w.Await(ctx, what, holds))
}

// requireSucceeded waits for the end of a job, which has to be good.
func (w *work) requireSucceeded(name string) *v1alpha1.NotebookValidationJob {
	w.t.Helper()
	ctx, cancel := context.WithTimeoutCause(w.t.Context(), patience, fmt.Errorf("it takes longer than %s", patience))
	defer cancel()
	job, err := w.AwaitEnd(ctx, name, 1)
	require.NoError(w.t, err)
	require.Equal(w.t, v1alpha1.PhaseSucceeded, job.Status.Phase, job.Status.Message)
	require.True(w.t, kit.ConditionTrue(job, v1alpha1.ConditionSucceeded))
	return job
}

// awaitContainer waits until a container of the job's pods runs.
func (w *work) awaitContainer(job, component, container string) {
	w.t.Helper()
	w.await("container "+container+" of "+job, func() bool {
		for _, pod := range w.Pods(job, component) {
			if kit.Running(pod, container) {
				return true
			}
		}
		return false
	})
}

// requireOnce checks that a job that has ended went one way, with one child of each kind, and was judged once.
func (w *work) requireOnce(name string, phases ...v1alpha1.Phase) {
	w.t.Helper()
	job := w.Job(name)
	assert.Equal(w.t, phases, w.Phases(name, job.Generation), "no phase comes twice or goes back")
	assert.Len(w.t, w.Runs(name), 1, "one run")
	assert.Len(w.t, w.Pods(name, kit.ComponentRun), 1, "one pod of it")
	if job.Status.BuildStatus != nil && job.Status.BuildStatus.BuildName != "" {
		assert.Len(w.t, w.Builds(name), 1, "one NotebookBuild")
		assert.Len(w.t, w.Pods(name, kit.ComponentBuild), 1, "one build")
	}
	require.NotEmpty(w.t, job.UID)
}

// untouched says whether nobody has written anything about a job.
func (w *work) untouched(name string) bool {
	w.t.Helper()
	job := &v1alpha1.NotebookValidationJob{}
	require.NoError(w.t, cluster.Client.Get(w.t.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, job))
	return job.Status.Phase == "" && len(job.Status.Conditions) == 0
}
