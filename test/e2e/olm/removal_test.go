package olm

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

func TestUninstallingLeavesTheJobsAndFullRemovalLeavesNothing(t *testing.T) {
	w := newWork(t, "endings")
	i := subscribe(t, wish{})
	i.awaitVersion(current)
	i.follow("## Subscribe")
	w.apply("before", "passes.ipynb")
	before := w.requireSucceeded("before")

	i.follow("## Uninstall")
	i.awaitNobody()
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
	i.follow("## Remove everything")
	assert.Empty(t, left(t, i.namespace), "the documented commands leave something behind")
}

// awaitNobody waits until the operator's pods are gone.
func (i *installation) awaitNobody() {
	i.t.Helper()
	i.await("the end of the operator", func(ctx context.Context) (string, bool, error) {
		pods := &corev1.PodList{}
		err := cluster.Client.List(ctx, pods, client.InNamespace(i.namespace))
		return fmt.Sprintf("%d pods", len(pods.Items)), len(pods.Items) == 0, err
	})
}

// follow runs the documented commands below a heading of docs/olm.md.
func (i *installation) follow(heading string) {
	i.t.Helper()
	follow(i.t, "olm.md", heading, i.namespace)
}

// follow runs the documented commands below a heading of a page of docs.
func follow(t *testing.T, page, heading, namespace string) {
	t.Helper()
	for _, command := range documented(t, page, heading, namespace) {
		_, err := cluster.Kubectl(t.Context(), command...)
		require.NoError(t, err, "kubectl %v", command)
	}
}

// documented are the commands of kubectl below a heading of a page of docs, for this namespace.
func documented(t *testing.T, page, heading, namespace string) [][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(published.root, "docs", page))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), heading+"\n")
	require.True(t, found, "docs/%s has no %s", page, heading)
	section, _, _ = strings.Cut(section, "\n##")
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
