package olm

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

func TestUninstallingLeavesTheJobsAndFullRemovalLeavesNothing(t *testing.T) {
	w := newWork(t, "endings")
	i := subscribe(t, wish{})
	i.awaitVersion(current)
	w.apply("before", "passes.ipynb")
	before := w.requireSucceeded("before")

	require.NoError(t, i.unsubscribe(t.Context()))
	w.apply("between", "passes.ipynb")
	still := &v1alpha1.NotebookValidationJob{}
	require.NoError(t, cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(before), still))
	assert.Equal(t, before.Status, still.Status)
	assert.True(t, w.untouched("between"), "somebody works though nothing is installed")

	i.subscribe(wish{})
	i.awaitVersion(current)
	w.requireSucceeded("between")
	require.NoError(t, cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(before), still))
	assert.Equal(t, before.Status, still.Status, "what was decided before stays as it is")

	require.NoError(t, i.unsubscribe(t.Context()))
	for _, command := range documented(t, "## Remove everything", i.namespace) {
		_, err := cluster.Kubectl(t.Context(), command...)
		require.NoError(t, err, "kubectl %v", command)
	}
	assert.Empty(t, left(t, i.namespace), "the documented commands leave something behind")
}

// documented are the commands of kubectl below a heading of docs/olm.md, for this namespace.
func documented(t *testing.T, heading, namespace string) [][]string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(published.root, "docs", "olm.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), heading+"\n")
	require.True(t, found, "docs/olm.md has no %s", heading)
	section, _, _ = strings.Cut(section, "\n## ")
	var commands [][]string
	for line := range strings.Lines(section) {
		if command, is := strings.CutPrefix(line, "kubectl "); is {
			commands = append(commands, strings.Fields(strings.ReplaceAll(command, "notebook-validator-system", namespace)))
		}
	}
	require.NotEmpty(t, commands)
	return commands
}

// left are the cluster's objects with a name that is the operator's, or this installation's.
func left(t *testing.T, namespace string) []string {
	t.Helper()
	kinds, err := cluster.Kubectl(t.Context(), "api-resources", "--namespaced=false", "--verbs=list", "--output=name")
	require.NoError(t, err)
	all, err := cluster.Kubectl(t.Context(), "get", "--output=name", strings.ReplaceAll(kinds, "\n", ","))
	require.NoError(t, err)
	var found []string
	for _, name := range strings.Fields(all) {
		ours := strings.Contains(name, "notebook") || strings.Contains(name, "mlops") || strings.Contains(name, namespace)
		if ours && !others(name, namespace) {
			found = append(found, name)
		}
	}
	return found
}

// others says whether an object belongs to the harness, or is what OLM keeps about installations of other tests.
func others(name, namespace string) bool {
	return strings.HasSuffix(name, "/notebook-validator-apiserver") ||
		strings.HasPrefix(name, "operator.operators.coreos.com/") && !strings.HasSuffix(name, "."+namespace)
}
