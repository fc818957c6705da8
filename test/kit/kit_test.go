package kit

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
)

func TestForeignClusterNeedsToBeDescribed(t *testing.T) {
	t.Setenv(KubeconfigVariable, "/somewhere/else")
	t.Setenv(EnvironmentVariable, "")
	_, err := loadEnvironment()
	require.ErrorContains(t, err, EnvironmentVariable)

	described := filepath.Join(t.TempDir(), "cluster.json")
	require.NoError(t, os.WriteFile(described, []byte(`{"kubeconfig":"/of/its/maker","kubectl":"/bin/kubectl"}`), 0o600))
	t.Setenv(EnvironmentVariable, described)
	_, err = loadEnvironment()
	require.ErrorContains(t, err, ImageVariable)

	t.Setenv(ImageVariable, "registry.example.com/notebook-validator@sha256:abc")
	env, err := loadEnvironment()
	require.NoError(t, err)
	assert.Equal(t, "/somewhere/else", env.Kubeconfig)
	assert.Equal(t, "/bin/kubectl", env.Kubectl)
}

func TestKubeconfigOfTheHarnessIsNotForeign(t *testing.T) {
	t.Setenv(clusterenv.StateVariable, "/state")
	t.Setenv(KubeconfigVariable, "/state/kubeconfig")
	assert.False(t, Foreign())
	t.Setenv(KubeconfigVariable, "/other/kubeconfig")
	assert.True(t, Foreign())
}

func TestOverlaySetsImageAndArguments(t *testing.T) {
	root, dir := t.TempDir(), t.TempDir()
	c := &Cluster{Env: &clusterenv.Env{Registry: clusterenv.Registry{Host: "registry.example.com", Insecure: true}}, root: root}
	require.NoError(t, c.writeOverlay(dir, "registry.example.com/validator@sha256:abc"))
	content, err := os.ReadFile(filepath.Join(dir, "kustomization.yaml"))
	require.NoError(t, err)
	text := string(content)
	assert.Contains(t, text, "/config/default")
	assert.NotContains(t, text, "- /", "kustomize takes relative paths only")
	assert.Contains(t, text, "image: registry.example.com/validator@sha256:abc")
	assert.Contains(t, text, "value: registry.example.com/validator@sha256:abc")
	assert.Contains(t, text, "replicas: 1")
	assert.Contains(t, text, "value: --insecure-registry=true")
	assert.Contains(t, text, "value: --push-secret="+PushSecret)
}

// recorded is a recorder that has seen a job in these phases.
func recorded(name string, generations map[int64][]v1alpha1.Phase, order ...int64) *Recorder {
	r := &Recorder{changed: make(chan struct{})}
	for _, generation := range order {
		for _, phase := range generations[generation] {
			job := &v1alpha1.NotebookValidationJob{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name), ResourceVersion: "1", Generation: generation}}
			job.Status.ObservedGeneration, job.Status.Phase = generation, phase
			r.add(watch.Modified, job)
		}
	}
	return r
}

func TestPhasesAreThoseOfOneGenerationWithoutRepeats(t *testing.T) {
	running, failed, succeeded := v1alpha1.PhaseValidationRunning, v1alpha1.PhaseFailed, v1alpha1.PhaseSucceeded
	r := recorded("a", map[int64][]v1alpha1.Phase{1: {"", running, running, failed}, 2: {running, succeeded, running}}, 1, 2)
	assert.Equal(t, []v1alpha1.Phase{running, failed}, r.Phases("a", 1))
	assert.Equal(t, []v1alpha1.Phase{running, succeeded, running}, r.Phases("a", 2), "a phase that comes back is shown")
	assert.Empty(t, r.Phases("b", 1))
	assert.False(t, Ended(r.Job("a")))
	assert.Nil(t, r.Job("b"))
}

func TestAwaitLooksAgainAtEveryEvent(t *testing.T) {
	r := recorded("a", nil)
	ended := make(chan error, 1)
	go func() {
		ended <- r.Await(t.Context(), "a pod", func() bool {
			return First(r, func(*corev1.Pod) bool { return true }) != nil
		})
	}()
	r.add(watch.Added, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: "p", ResourceVersion: "7"}})
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		t.Fatal("the event woke nobody")
	}
	assert.False(t, r.Deleted(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: "p"}}))
	r.add(watch.Deleted, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: "p", ResourceVersion: "8"}})
	assert.True(t, r.Deleted(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: "p"}}))
}

func TestAwaitEndsWithTheWatchAndWithTheContext(t *testing.T) {
	never := func() bool { return false }
	r := recorded("a", nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, r.Await(ctx, "nothing", never), context.Canceled)
	r.fail(os.ErrClosed)
	require.ErrorIs(t, r.Await(t.Context(), "nothing", never), os.ErrClosed)
}

func TestResourceVersionsThatAreNoNumbersAreAnError(t *testing.T) {
	r := recorded("a", nil)
	r.add(watch.Added, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{ResourceVersion: "opaque"}})
	require.ErrorContains(t, r.Await(t.Context(), "a pod", func() bool { return false }), "cannot be compared")
}

func TestAJobHasEndedWhenItsBuildIsSeenToHaveEnded(t *testing.T) {
	at := metav1.Now()
	job := &v1alpha1.NotebookValidationJob{ObjectMeta: metav1.ObjectMeta{Name: "a", UID: "a", ResourceVersion: "9", Generation: 1}}
	job.Status.ObservedGeneration, job.Status.Phase = 1, v1alpha1.PhaseFailed
	job.Status.BuildStatus = &v1alpha1.BuildStatus{BuildName: "a-build", CompletionTime: &at}
	build := &v1alpha1.NotebookBuild{ObjectMeta: metav1.ObjectMeta{Name: "a-build", UID: "b", ResourceVersion: "7"}}
	over := build.DeepCopy()
	over.Status.CompletionTime = &at

	r := recorded("other", nil)
	r.add(watch.Modified, job)
	assert.False(t, r.sawBuildOf(job), "its own watch is late")
	r.add(watch.Added, build)
	assert.False(t, r.sawBuildOf(job))
	r.add(watch.Modified, over)
	assert.True(t, r.sawBuildOf(job))

	gone := recorded("other", nil)
	gone.add(watch.Deleted, build)
	assert.True(t, gone.sawBuildOf(job), "nothing more will be seen of it")
}
