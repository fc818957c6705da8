package e2e

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
	"mlops.dev/notebook-validator-operator/test/notebooks"
)

// patience is how long one wait may take: many times what a quiet machine needs.
const patience = 20 * time.Minute

// scene is a test's own namespace and repository, and all that happens in it.
type scene struct {
	*kit.Recorder
	t         *testing.T
	ctx       context.Context
	namespace string
	// repository is a path of the git server's public tree.
	repository string
	commit     string
}

// newScene makes a namespace that enforces a Pod Security Standard, and a repository with the content of one folder of
// test/notebooks. Both go at the end of the test, and what is in them is told if it failed.
func newScene(t *testing.T, standard, folder string, also ...client.ObjectList) *scene {
	t.Helper()
	files, err := notebooks.Repository(folder)
	require.NoError(t, err)
	return newSceneOf(t, standard, kit.Tree{Files: files}, also...)
}

// newSceneOf is newScene with any repository. The scene also sees what happens to other kinds, of which a list is given.
func newSceneOf(t *testing.T, standard string, content kit.Tree, also ...client.ObjectList) *scene {
	t.Helper()
	s := &scene{t: t, ctx: t.Context(), namespace: "nbv-e2e-" + suffix(t)}
	s.repository = "e2e/" + s.namespace
	var err error
	s.commit, err = cluster.Repository(s.ctx, kit.Public, s.repository, content)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.RemoveRepository(kit.Public, s.repository)) })
	require.NoError(t, cluster.Namespace(s.ctx, s.namespace, standard))
	t.Cleanup(s.close)
	s.Recorder, err = cluster.Record(s.ctx, s.namespace, also...)
	require.NoError(t, err)
	return s
}

// close runs after the test's own context has ended. However long the description takes, the namespace goes.
func (s *scene) close() {
	if s.t.Failed() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		s.t.Log(cluster.Describe(ctx, s.namespace))
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(s.t, cluster.DeleteNamespace(ctx, s.namespace))
}

// onlyOnOwnCluster skips a test of what nobody wants done to a cluster that others use.
func onlyOnOwnCluster(t *testing.T, why string) {
	t.Helper()
	if kit.Foreign() {
		t.Skipf("%s names a cluster that the harness did not make: %s", kit.KubeconfigVariable, why)
	}
}

func suffix(t *testing.T) string {
	random := make([]byte, 4)
	_, err := rand.Read(random)
	require.NoError(t, err)
	return hex.EncodeToString(random)
}

func (s *scene) url() string { return cluster.Env.Git.HTTPPublic + "/" + s.repository + ".git" }

// change of a job's spec.
type change = func(*v1alpha1.NotebookValidationJobSpec)

func (s *scene) job(name, notebook string, changes ...change) *v1alpha1.NotebookValidationJob {
	job := cluster.Job(s.namespace, name, s.url(), notebook)
	for _, change := range changes {
		change(&job.Spec)
	}
	return job
}

func (s *scene) create(t *testing.T, object client.Object) {
	t.Helper()
	require.NoError(t, cluster.Client.Create(s.ctx, object))
}

// validate applies a job and waits for its end.
func (s *scene) validate(t *testing.T, job *v1alpha1.NotebookValidationJob) *v1alpha1.NotebookValidationJob {
	t.Helper()
	s.create(t, job)
	return s.end(t, job)
}

// end waits until a job is decided.
func (s *scene) end(t *testing.T, job *v1alpha1.NotebookValidationJob) *v1alpha1.NotebookValidationJob {
	t.Helper()
	ctx, cancel := s.patient()
	defer cancel()
	ended, err := s.AwaitEnd(ctx, job.Name, job.Generation)
	if err != nil && ended != nil {
		err = fmt.Errorf("%w; it is %s: %s", err, ended.Status.Phase, ended.Status.Message)
	}
	require.NoError(t, err)
	return ended
}

// await waits for something that is seen.
func (s *scene) await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := s.patient()
	defer cancel()
	require.NoError(t, s.Await(ctx, what, holds))
}

func (s *scene) patient() (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(s.ctx, patience, fmt.Errorf("it takes longer than %s", patience))
}

// condition of a job, for its present spec.
func condition(t *testing.T, job *v1alpha1.NotebookValidationJob, kind string) metav1.Condition {
	t.Helper()
	found := meta.FindStatusCondition(job.Status.Conditions, kind)
	require.NotNil(t, found, "job %s has no condition %s", job.Name, kind)
	require.Equal(t, job.Generation, found.ObservedGeneration, "the condition is about another generation")
	return *found
}

// requireEnd checks phase, the condition that kubectl waits for, and its reason.
func requireEnd(t *testing.T, job *v1alpha1.NotebookValidationJob, phase v1alpha1.Phase, reason string) {
	t.Helper()
	succeeded := condition(t, job, v1alpha1.ConditionSucceeded)
	require.Equal(t, phase, job.Status.Phase, job.Status.Message)
	require.Equal(t, phase == v1alpha1.PhaseSucceeded, succeeded.Status == metav1.ConditionTrue, succeeded.Message)
	require.Equal(t, reason, succeeded.Reason, succeeded.Message)
	require.NotEmpty(t, succeeded.Message)
}

// cell returns the result of one cell.
func cell(t *testing.T, job *v1alpha1.NotebookValidationJob, index int32) v1alpha1.CellResult {
	t.Helper()
	for _, result := range job.Status.Results {
		if result.CellIndex == index {
			return result
		}
	}
	require.FailNow(t, "no such cell", "job %s has no result of cell %d: %v", job.Name, index, job.Status.Results)
	return v1alpha1.CellResult{}
}
