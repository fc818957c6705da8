package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
)

func TestRestrictedNamespaceAdmitsRunsAndSaysThatItAdmitsNoBuild(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Restricted, "endings")
	t.Run("run", func(t *testing.T) {
		t.Parallel()
		job := s.validate(t, s.job("run", "passes.ipynb"))
		requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	})
	t.Run("build", func(t *testing.T) {
		t.Parallel()
		job := s.validate(t, s.job("build", "passes.ipynb", kit.Build))
		requireEnd(t, job, v1alpha1.PhaseFailed, v1alpha1.ReasonBuildFailed)
		assert.Contains(t, job.Status.Message, v1alpha1.ReasonBuilderForbidden+": ")
		assert.Contains(t, job.Status.Message, "pod-security.kubernetes.io/enforce=baseline")
		assert.Empty(t, s.Runs(job.Name))
		builds := kit.Latest(s.Recorder, func(*v1alpha1.NotebookBuild) bool { return true })
		require.Len(t, builds, 1)
		succeeded := meta.FindStatusCondition(builds[0].Status.Conditions, v1alpha1.ConditionSucceeded)
		require.NotNil(t, succeeded)
		assert.Equal(t, v1alpha1.ReasonBuilderForbidden, succeeded.Reason)
	})
}

// The operator's own namespace is one that enforces the restricted standard, and it runs there as config/default says.
func TestOperatorRunsRestrictedWithRightsOfItsOwn(t *testing.T) {
	t.Parallel()
	namespace := &corev1.Namespace{}
	require.NoError(t, cluster.Client.Get(t.Context(), key("", kit.OperatorNamespace), namespace))
	assert.Equal(t, kit.Restricted, namespace.Labels["pod-security.kubernetes.io/enforce"])
	pod := &corev1.Pod{}
	require.NoError(t, cluster.Client.Get(t.Context(), key(kit.OperatorNamespace, begun.Pod), pod))
	assert.Equal(t, "notebook-validator-controller-manager", pod.Spec.ServiceAccountName)
	assert.True(t, *pod.Spec.SecurityContext.RunAsNonRoot)
	assert.True(t, *pod.Spec.Containers[0].SecurityContext.ReadOnlyRootFilesystem)
}
