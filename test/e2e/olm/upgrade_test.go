package olm

import (
	"bytes"
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

// The upgrade is approved by hand, while one job is being built and one is running. Both take longer than the upgrade does.
func TestUpgradeLosesRepeatsAndJudgesNothingTwice(t *testing.T) {
	w := newWorkOn(t, unhurried(t))
	i := subscribe(t, wish{starting: csvName(first), approval: operatorsv1alpha1.ApprovalManual})
	i.approve(first)
	i.awaitVersion(first)

	w.apply("done", "passes.ipynb")
	done := w.requireSucceeded("done")
	i.awaitPlan(current)
	w.apply("running", "patient.ipynb")
	w.awaitContainer("running", kit.ComponentRun, executeContainer)
	w.apply("building", "slow/passes.ipynb", kit.Build)
	w.awaitContainer("building", kit.ComponentBuild, buildContainer)
	before := w.children("done", "running", "building")
	leases, err := cluster.Record(t.Context(), i.namespace, &coordinationv1.LeaseList{})
	require.NoError(t, err)
	i.approve(current)
	i.awaitVersion(current)

	w.requireSucceeded("running")
	w.requireOnce("running", phasesOfARun...)
	w.requireSucceeded("building")
	w.requireOnce("building", wholeWay...)
	after := &v1alpha1.NotebookValidationJob{}
	require.NoError(t, cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(done), after))
	assert.Equal(t, done.Status, after.Status, "a decided job is left as it is")
	for uid, child := range before {
		assert.False(t, w.Deleted(child), "%T %s (%s) is gone", child, child.GetName(), uid)
	}
	taken, gap := handover(t, leases)
	for _, name := range []string{"running", "building"} {
		ended := kit.First(w.Recorder, func(job *v1alpha1.NotebookValidationJob) bool { return job.Name == name && kit.Ended(job) })
		assert.True(t, taken.Before(ended.At), "%s ended before the new version took over, and shows nothing", name)
	}
	w.apply("afterwards", "passes.ipynb")
	w.requireSucceeded("afterwards")
	fmt.Printf("olm: nobody reconciled for %s during the upgrade\n", gap)
}

// unhurried is a repository with a notebook that runs for more than two minutes, and one whose image takes nearly as long.
func unhurried(t *testing.T) map[string][]byte {
	t.Helper()
	files := repository(t, "endings")
	patient := bytes.ReplaceAll(files["patient.ipynb"], []byte("range(20)"), []byte("range(150)"))
	patient = bytes.ReplaceAll(patient, []byte("second == 19"), []byte("second == 149"))
	require.Equal(t, 2, bytes.Count(patient, []byte("(150)"))+bytes.Count(patient, []byte("== 149")), "the notebook waits another way now")
	return map[string][]byte{
		"passes.ipynb": files["passes.ipynb"], "patient.ipynb": patient, "slow/passes.ipynb": files["passes.ipynb"],
		"slow/Dockerfile": []byte("FROM " + cluster.Env.Images.NotebookBase + "\nRUN [\"sleep\", \"120\"]\n"),
	}
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

// handover tells when the next version's leader began to lead, and the longest time for which nobody did. A leader that leaves
// without a word is counted out from when it was last heard of.
func handover(t *testing.T, leases *kit.Recorder) (taken time.Time, gap time.Duration) {
	t.Helper()
	var holder string
	var since time.Time
	for _, s := range kit.All[*coordinationv1.Lease](leases) {
		now := ptr.Deref(s.Object.(*coordinationv1.Lease).Spec.HolderIdentity, "")
		if now != "" && holder != "" && now != holder {
			taken, gap = s.At, max(gap, s.At.Sub(since).Round(time.Millisecond))
		}
		if now != "" {
			holder = now
		}
		since = s.At
	}
	require.False(t, taken.IsZero(), "the lease never changed hands")
	return taken, gap
}
