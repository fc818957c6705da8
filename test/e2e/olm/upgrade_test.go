package olm

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
)

// The upgrade is approved by hand, while one job is being built and one is running. Both end when the new version has taken over.
func TestUpgradeLosesRepeatsAndJudgesNothingTwice(t *testing.T) {
	g := newGate(t)
	w := newWorkOn(t, g.repository(t))
	i := subscribe(t, wish{starting: csvName(first), approval: operatorsv1alpha1.ApprovalManual})
	i.approve(first)
	i.awaitVersion(first)

	w.apply("done", "passes.ipynb")
	done := w.requireSucceeded("done")
	i.awaitPlan(current)
	w.apply("running", "waits.ipynb")
	w.awaitContainer("running", kit.ComponentRun, executeContainer)
	w.apply("building", "slow/passes.ipynb", kit.Build)
	w.awaitContainer("building", kit.ComponentBuild, buildContainer)
	before := w.children("done", "running", "building")
	leases, err := cluster.Record(t.Context(), i.namespace, &coordinationv1.LeaseList{})
	require.NoError(t, err)
	i.approve(current)
	i.awaitVersion(current)
	gap := handover(t, leases, i.awaitOnly(current))
	for _, name := range []string{"running", "building"} {
		assert.False(t, kit.Ended(w.Job(name)), "%s ended before the new version took over, and shows nothing", name)
	}
	g.open(t)

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
	w.apply("afterwards", "passes.ipynb")
	w.requireSucceeded("afterwards")
	fmt.Printf("olm: nobody reconciled for %s during the upgrade\n", gap)
}

// gate keeps a notebook and a build waiting until it is opened: a repository that is not there before.
type gate string

func newGate(t *testing.T) gate {
	t.Helper()
	return gate("olm/gate-" + suffix(t))
}

// repository has a notebook that waits at the gate, and one whose image does.
func (g gate) repository(t *testing.T) map[string][]byte {
	t.Helper()
	wait := fmt.Sprintf(`import time
import urllib.request

for attempt in range(1800):
    try:
        with urllib.request.urlopen(%q, timeout=5) as answer:
            answer.read()
        break
    except OSError:
        time.sleep(1)
else:
    raise TimeoutError("nobody opened the gate")
print("open")`, cluster.Env.Git.HTTPPublic+"/"+string(g)+".git/info/refs?service=git-upload-pack")
	passes := repository(t, "endings")["passes.ipynb"]
	source, err := json.Marshal(wait)
	require.NoError(t, err)
	waits := bytes.ReplaceAll(passes, []byte(`"print(\"fine\")"`), source)
	require.NotEqual(t, passes, waits, "the notebook prints something else now")
	step, err := json.Marshal([]string{"python3", "-c", wait})
	require.NoError(t, err)
	return map[string][]byte{
		"passes.ipynb": passes, "waits.ipynb": waits, "slow/passes.ipynb": passes,
		"slow/Dockerfile": fmt.Appendf(nil, "FROM %s\nRUN %s\n", cluster.Env.Images.NotebookBase, step),
	}
}

func (g gate) open(t *testing.T) {
	t.Helper()
	_, err := cluster.Repository(t.Context(), kit.Public, string(g), kit.Tree{Files: repository(t, "endings")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.RemoveRepository(kit.Public, string(g))) })
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

// awaitOnly waits until every pod of the operator is of that version, and returns their names.
func (i *installation) awaitOnly(version string) (names []string) {
	i.t.Helper()
	i.await("pods of version "+version+" only", func(ctx context.Context) (string, bool, error) {
		pods := &corev1.PodList{}
		if err := cluster.Client.List(ctx, pods, client.InNamespace(i.namespace)); err != nil {
			return "", false, err
		}
		names = nil
		for _, pod := range pods.Items {
			// OLM gives the pods of each version its name.
			if !slices.Contains(pod.Spec.Containers[0].Env, corev1.EnvVar{Name: "OPERATOR_CONDITION_NAME", Value: csvName(version)}) {
				return pod.Name + " is there", false, nil
			}
			names = append(names, pod.Name)
		}
		return fmt.Sprint(names), len(names) > 0, nil
	})
	return names
}

// handover waits until one of the pods leads, and returns the longest time for which nobody did. A leader that leaves without
// a word is counted out from when it was last heard of.
func handover(t *testing.T, leases *kit.Recorder, pods []string) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var gap time.Duration
	require.NoError(t, leases.Await(ctx, "the lease in other hands", func() (handed bool) {
		handed, gap = hands(leases, pods)
		return handed
	}))
	return gap
}

// hands says whether one of the pods has taken the lease over from another, and for how long nobody held it at most.
func hands(leases *kit.Recorder, pods []string) (handed bool, gap time.Duration) {
	var holder string
	var since time.Time
	for _, s := range kit.All[*coordinationv1.Lease](leases) {
		now := ptr.Deref(s.Object.(*coordinationv1.Lease).Spec.HolderIdentity, "")
		if now != "" && holder != "" && now != holder {
			pod, _, _ := strings.Cut(now, "_")
			handed, gap = slices.Contains(pods, pod), max(gap, s.At.Sub(since).Round(time.Millisecond))
		}
		if now != "" {
			holder = now
		}
		since = s.At
	}
	return handed, gap
}
