package olm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/test/kit"
)

// The same operator without OLM: one file, with both replicas, at first with the defaults of every setting.
func TestOneFileInstallsTheOperatorWithoutOLM(t *testing.T) {
	file := oneFile(t)
	_, err := cluster.Kubectl(t.Context(), "apply", "--server-side", "--filename="+file)
	require.NoError(t, err)
	defer func() {
		_, err := cluster.Kubectl(t.Context(), "delete", "--filename="+file, "--ignore-not-found", "--wait", "--timeout=10m")
		require.NoError(t, err)
	}()
	_, err = cluster.Kubectl(t.Context(), "--namespace="+kit.OperatorNamespace, "rollout", "status", "deployment/"+kit.OperatorDeployment, "--timeout=2m")
	require.NoError(t, err, cluster.Describe(t.Context(), kit.OperatorNamespace))

	w := newWork(t, "endings")
	w.apply("passes", "passes.ipynb")
	w.requireSucceeded("passes")
	w.requireOnce("passes", phasesOfARun...)

	assert.EventuallyWithT(t, func(c *assert.CollectT) {
		budget, err := cluster.Kubectl(t.Context(), "--namespace="+kit.OperatorNamespace, "get", "poddisruptionbudget", "--output=jsonpath={.items[*].status.currentHealthy} {.items[*].status.disruptionsAllowed}")
		require.NoError(c, err)
		assert.Equal(c, "2 1", budget, "the budget counts both replicas, and lets one go")
	}, time.Minute, time.Second)
	_, err = cluster.Kubectl(t.Context(), "get", "--raw", "/api/v1/namespaces/"+kit.OperatorNamespace+"/services/https:notebook-validator-controller-manager-metrics:8443/proxy/metrics")
	require.ErrorContains(t, err, "provide credentials", "metrics are for those who may read them")

	require.NoError(t, cluster.Client.Create(t.Context(), settingsIn(kit.OperatorNamespace)))
	follow(t, "install.md", "### By environment variables", kit.OperatorNamespace)
	built := newWork(t, "colours")
	built.apply("built", "heights.ipynb", kit.Build)
	built.requireSucceeded("built")
	built.requireOnce("built", wholeWay...)
}

// oneFile is dist/install.yaml with the image by digest, so that nothing that the node still has is taken for it.
func oneFile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(published.root, "dist", "install.yaml"))
	require.NoError(t, err)
	tag := "registry.example.com/" + operatorName + ":" + current
	require.Equal(t, 2, strings.Count(string(text), tag), "the image stands in two places")
	file := filepath.Join(t.TempDir(), "install.yaml")
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), tag, published.operators[current])), 0o600))
	return file
}
