package e2e

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
)

func artifacts(claim, path string) change {
	return func(spec *v1alpha1.NotebookValidationJobSpec) {
		spec.Artifacts = &v1alpha1.Artifacts{PersistentVolumeClaim: v1alpha1.ArtifactsClaim{ClaimName: claim, Path: path}}
	}
}

// claim makes a PersistentVolumeClaim on a folder of this machine, which is the node.
func (s *scene) claim(t *testing.T, name, folder string) {
	t.Helper()
	volume := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: s.namespace + "-" + name}, Spec: corev1.PersistentVolumeSpec{
		Capacity:                      corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")},
		AccessModes:                   []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
		PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimRetain,
		PersistentVolumeSource:        corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: folder}},
		ClaimRef:                      &corev1.ObjectReference{Namespace: s.namespace, Name: name},
	}}
	s.create(t, volume)
	t.Cleanup(func() { _ = cluster.Client.Delete(context.Background(), volume) })
	s.create(t, &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes:      []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
		StorageClassName: ptr.To(""),
		VolumeName:       volume.Name,
		Resources:        corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
	}})
}

func TestArtifactsAreKeptWhereTheUserAsks(t *testing.T) {
	t.Parallel()
	onlyOnOwnCluster(t, "the volume is a folder of this machine")
	s := newScene(t, kit.Restricted, "validation")
	open, shut := t.TempDir(), t.TempDir()
	require.NoError(t, os.Chmod(open, 0o777)) //nolint:gosec // any user may write to this volume
	s.claim(t, "results", open)
	s.claim(t, "shut", shut)

	job := s.validate(t, s.job("kept", "squares.ipynb", artifacts("results", "nightly")))
	requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	folder := filepath.Join("nightly", job.Name, job.Status.Validation.RunName)
	assert.Equal(t, folder, job.Status.Validation.ArtifactsPath)
	for _, name := range []string{"executed.ipynb", "report.json", "report.html", "junit.xml"} {
		kept, err := os.ReadFile(filepath.Join(open, folder, name))
		require.NoError(t, err)
		assert.NotEmpty(t, kept, name)
	}
	executed, err := os.ReadFile(filepath.Join(open, folder, "executed.ipynb"))
	require.NoError(t, err)
	assert.Contains(t, string(executed), "[0, 1, 4, 9, 16]")
	assert.Equal(t, string(executed), reportFile(t, s, job, "executed.ipynb"), "a small one is in the ConfigMap as well")
	assert.Contains(t, reportFile(t, s, job, "report.html"), "squares.ipynb")

	refused := s.validate(t, s.job("refused", "squares.ipynb", artifacts("shut", "")))
	requireEnd(t, refused, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	assert.Empty(t, refused.Status.Validation.ArtifactsPath)
	assert.Contains(t, reportFile(t, s, refused, "report.json"), "artifacts were not kept")
}
