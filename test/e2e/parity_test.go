package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
)

// The packages that were built, that production pulls, that the report tells of and that the notebook saw are the same;
// and so are those of another build of the same commit.
func TestOneEnvironmentFromBuildToProduction(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Baseline, "colours")
	job := s.validate(t, s.job("packages", "packages.ipynb", kit.Build))
	requireBuilt(t, s, job)
	requireLabels(t, s, job)

	lock := s.lock(t, job)
	assert.Contains(t, lock, "nbv-colours==1.1.0\n")
	assert.Contains(t, lock, "nbv-units==1.0.0\n")
	assert.Equal(t, lock, s.freeze(t, job.Status.BuildStatus.ImageReference), "a fresh container of the image")
	sum := sha256.Sum256([]byte(lock))
	assert.Equal(t, hex.EncodeToString(sum[:]), cell(t, job, 1).Output, "what the notebook saw")
	assert.Equal(t, hex.EncodeToString(sum[:]), job.Status.Validation.RequirementsLockHash)

	again := s.validate(t, s.job("packages-again", "packages.ipynb", kit.Build, kit.Alone))
	requireBuilt(t, s, again)
	assert.Equal(t, lock, s.lock(t, again))
	assert.Equal(t, job.Status.Validation.RequirementsLockHash, again.Status.Validation.RequirementsLockHash)
	assert.Equal(t, 2, s.builders())
}

// lock is requirements.lock of a job's report without its first line, which is a comment.
func (s *scene) lock(t *testing.T, job *v1alpha1.NotebookValidationJob) string {
	t.Helper()
	report := &corev1.ConfigMap{}
	require.NoError(t, cluster.Client.Get(s.ctx, key(s.namespace, job.Status.Validation.ReportConfigMap), report))
	comment, lock, _ := strings.Cut(report.Data["requirements.lock"], "\n")
	require.True(t, strings.HasPrefix(comment, "# "), "the first line is %q", comment)
	assert.Contains(t, comment, job.Status.Validation.Image)
	return lock
}

// freeze asks pip in a pod that has nothing to do with the operator.
func (s *scene) freeze(t *testing.T, image string) string {
	t.Helper()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "production"}}
	pod.Spec.RestartPolicy = corev1.RestartPolicyNever
	pod.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: kit.PushSecret}}
	pod.Spec.Containers = []corev1.Container{{
		Name: "freeze", Image: image, Command: []string{"python3", "-m", "pip", "--disable-pip-version-check", "freeze"},
	}}
	s.create(t, pod)
	s.await(t, "the end of pod "+pod.Name, func() bool {
		seen := kit.Latest(s.Recorder, func(p *corev1.Pod) bool { return p.Name == pod.Name })
		return len(seen) == 1 && (seen[0].Status.Phase == corev1.PodSucceeded || seen[0].Status.Phase == corev1.PodFailed)
	})
	stream, err := cluster.Clientset.CoreV1().Pods(s.namespace).GetLogs(pod.Name, &corev1.PodLogOptions{}).Stream(s.ctx)
	require.NoError(t, err)
	defer stream.Close()
	text, err := io.ReadAll(stream)
	require.NoError(t, err)
	return string(text)
}
