package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
	"mlops.dev/notebook-validator-operator/test/notebooks"
)

// The golden notebook may be in another repository, which is opened by a Secret of its own: the credentials of one
// repository are never seen by the container that talks to the other.
func TestGoldenNotebookOfAnotherRepository(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Restricted, "validation")
	files, err := notebooks.Repository("validation")
	require.NoError(t, err)
	commit, err := cluster.Repository(s.ctx, kit.Private, s.repository, kit.Tree{Files: files})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.RemoveRepository(kit.Private, s.repository)) })
	for name, data := range gitSecrets(t) {
		require.NoError(t, cluster.Secret(s.ctx, s.namespace, name, corev1.SecretTypeOpaque, data))
	}
	other := func(path, secret string) change {
		return func(spec *v1alpha1.NotebookValidationJobSpec) {
			spec.GoldenNotebook = &v1alpha1.GoldenNotebook{Path: path, Git: &v1alpha1.GitSource{
				URL: cluster.Env.Git.HTTPSPrivate + "/" + s.repository + ".git", Ref: "main", CredentialsSecret: secret,
			}}
		}
	}

	same := s.validate(t, s.job("same", "squares.ipynb", other("golden/squares.ipynb", passwordSecret)))
	requireEnd(t, same, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	require.NotNil(t, same.Status.ComparisonResult)
	assert.Equal(t, v1alpha1.ComparisonMatched, same.Status.ComparisonResult.Result)
	assert.Equal(t, commit, same.Status.ComparisonResult.GoldenCommit)
	assert.Equal(t, int32(2), same.Status.ComparisonResult.MatchedCells)
	requireSecretsApart(t, s.Pods(same.Name, kit.ComponentRun)[0])

	wrong := s.validate(t, s.job("wrong", "squares.ipynb", other("golden/squares-wrong.ipynb", passwordSecret)))
	requireEnd(t, wrong, v1alpha1.PhaseFailed, v1alpha1.ReasonGoldenMismatch)
	require.Len(t, wrong.Status.ComparisonResult.Diffs, 1)
	diff := wrong.Status.ComparisonResult.Diffs[0]
	assert.Equal(t, int32(2), *diff.CellIndex)
	assert.Equal(t, "6.06", strings.TrimSpace(diff.Expected))
	assert.Equal(t, "6.0", strings.TrimSpace(diff.Actual))

	shut := s.validate(t, s.job("shut", "squares.ipynb", other("golden/squares.ipynb", wrongSecret)))
	requireEnd(t, shut, v1alpha1.PhaseFailed, v1alpha1.ReasonAuthenticationFailed)
	assert.Contains(t, shut.Status.Message, "golden notebook")
}

func requireSecretsApart(t *testing.T, pod *corev1.Pod) {
	t.Helper()
	for _, container := range append(pod.Spec.InitContainers, pod.Spec.Containers...) {
		for _, mount := range container.VolumeMounts {
			if strings.HasPrefix(mount.MountPath, "/var/run/notebook-validator/") {
				assert.Equal(t, "fetch-golden", container.Name, "the Secret of the golden repository")
			}
		}
	}
}
