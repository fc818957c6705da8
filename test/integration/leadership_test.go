package integration

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	coordinationv1 "k8s.io/api/coordination/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// holder is who has the lease of an operator in that namespace.
func holder(t testing.TB, namespace string) string {
	t.Helper()
	lease := &coordinationv1.Lease{}
	require.NoError(t, client.IgnoreNotFound(kube.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "notebook-validator.mlops.dev"}, lease)))
	return ptr.Deref(lease.Spec.HolderIdentity, "")
}

// A standby is ready while another replica leads, for a rolling update waits for it. It takes over at once when that one
// goes in order, and after the lease's time when it dies.
func TestReplicas(t *testing.T) {
	t.Parallel()
	w := newWorldWithoutOperator(t)
	a := newOperatorAccount(t, w.namespace)
	args := []string{"--leader-elect", "--leader-elect-namespace=" + a.namespace, "--watch-namespaces=" + w.namespace}
	first := startProcess(t, a, directly(), nil, args...)
	first.awaitReady(t)
	leads := holder(t, a.namespace)
	require.NotEmpty(t, leads)

	second := startProcess(t, a, directly(), nil, args...)
	second.awaitReady(t)
	assert.Equal(t, leads, holder(t, a.namespace), "the standby is ready and does not lead")

	first.stop(t)
	gone := time.Now()
	w.runOf(w.create("after-the-first"))
	t.Logf("a job was taken up %s after the leader had gone in order", time.Since(gone).Round(time.Millisecond))
	second.awaitReady(t)
	assert.NotEqual(t, leads, holder(t, a.namespace))

	third := startProcess(t, a, directly(), nil, args...)
	third.awaitReady(t)
	require.NoError(t, second.cmd.Process.Kill())
	assert.Error(t, <-second.ended)
	close(second.ended)
	gone = time.Now()
	w.runOf(w.create("after-the-second"))
	t.Logf("a job was taken up %s after the leader had died", time.Since(gone).Round(time.Millisecond))
	third.awaitReady(t)
	assertToldOfLeaders(t, a.namespace)
}

// assertToldOfLeaders checks that the events of the lease arrived, with the rights that the operator has.
func assertToldOfLeaders(t *testing.T, namespace string) {
	t.Helper()
	eventually(t, func(c *assert.CollectT) {
		list := &eventsv1.EventList{}
		require.NoError(c, kube.List(t.Context(), list, client.InNamespace(namespace)))
		reasons := map[string]int{}
		for _, event := range list.Items {
			reasons[event.Reason]++
		}
		assert.GreaterOrEqual(c, reasons["LeaderElection"], 3, reasons)
	})
}
