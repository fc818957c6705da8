package olm

import (
	"fmt"
	"testing"
	"time"

	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
)

// The upgrade is approved by hand, while one job is being built and one is running.
func TestUpgradeLosesRepeatsAndJudgesNothingTwice(t *testing.T) {
	w := newWork(t, "colours")
	i := subscribe(t, wish{starting: csvName(first), approval: operatorsv1alpha1.ApprovalManual})
	i.approve(first)
	i.awaitVersion(first)
	leases, err := cluster.Record(t.Context(), i.namespace, &coordinationv1.LeaseList{})
	require.NoError(t, err)

	w.apply("done", "heights.ipynb", kit.Build)
	done := w.requireSucceeded("done")
	w.apply("running", "patient.ipynb", kit.Build)
	w.awaitContainer("running", kit.ComponentRun, executeContainer)
	w.apply("building", "patient.ipynb", kit.Build, kit.Alone)
	w.awaitContainer("building", kit.ComponentBuild, buildContainer)
	require.False(t, kit.Ended(w.Job("running")), "it ended before the upgrade")
	before := w.children("done", "running", "building")
	i.approve(current)
	i.awaitVersion(current)

	for _, name := range []string{"running", "building"} {
		w.requireSucceeded(name)
		w.requireOnce(name, wholeWay...)
	}
	after := &v1alpha1.NotebookValidationJob{}
	require.NoError(t, cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(done), after))
	assert.Equal(t, done.Status, after.Status, "a decided job is left as it is")
	for uid, child := range before {
		assert.False(t, w.Deleted(child), "%T %s (%s) is gone", child, child.GetName(), uid)
	}
	w.apply("afterwards", "heights.ipynb", kit.Build)
	w.requireSucceeded("afterwards")
	fmt.Printf("olm: nobody reconciled for %s during the upgrade\n", handover(t, leases))
}

// children are the objects that the operator has made for the jobs so far.
func (w *work) children(jobs ...string) map[types.UID]client.Object {
	all := map[types.UID]client.Object{}
	for _, job := range jobs {
		for _, build := range w.Builds(job) {
			all[build.UID] = build
		}
		for _, run := range w.Runs(job) {
			all[run.UID] = run
		}
	}
	return all
}

// handover is the time from when the last version's leader was last known to lead to when the next one began to.
func handover(t *testing.T, leases *kit.Recorder) time.Duration {
	t.Helper()
	var longest time.Duration
	var holder string
	var since time.Time
	changes := 0
	for _, s := range kit.All[*coordinationv1.Lease](leases) {
		lease := s.Object.(*coordinationv1.Lease)
		now := ptr.Deref(lease.Spec.HolderIdentity, "")
		if now != "" && now != holder && holder != "" {
			longest = max(longest, s.At.Sub(since))
			changes++
		}
		if now != "" {
			holder = now
			since = s.At
		}
	}
	require.Positive(t, changes, "the lease never changed hands")
	return longest.Round(time.Millisecond)
}
