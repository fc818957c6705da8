package integration

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// oneAtATime is an operator that lets one build work at a time.
func oneAtATime() setup {
	with := setup{settings: theSettings, images: &registries{}}
	with.settings.MaxBuilds = 1
	return with
}

// wayOfThree takes three builds to their end, one place between them: two of one environment and one for itself alone. Whose
// work comes first loses its builder once.
func wayOfThree(t *testing.T, w *world) {
	t.Helper()
	builds := []*v1alpha1.NotebookBuild{w.createBuild("a-shared"), w.createBuild("b-shared"), w.createBuild("c-apart", alone)}
	lost, finished := "", map[types.UID]bool{}
	for range 2 { // pieces of work
		var next v1alpha1.NotebookBuild
		eventually(t, func(c *assert.CollectT) {
			next = v1alpha1.NotebookBuild{}
			for _, build := range allBuilds(w) {
				if isUnderWay(&build) && !finished[build.UID] {
					next = build
				}
			}
			require.NotEmpty(c, next.UID, "no build is under way")
		})
		if lost == "" {
			lost = w.loseBuilder(&next).Name
			eventually(t, func(c *assert.CollectT) {
				require.NoError(c, kube.Get(t.Context(), client.ObjectKeyFromObject(&next), &next))
				assert.Equal(c, int32(1), next.Status.Retries)
			})
		}
		w.finishBuilder(&next, "a")
		finished[next.UID] = true
	}
	reasons := map[string]int{}
	for _, build := range builds {
		eventually(t, func(c *assert.CollectT) {
			require.NoError(c, kube.Get(t.Context(), client.ObjectKeyFromObject(build), build))
			assert.Equal(c, v1alpha1.BuildPhaseComplete, build.Status.Phase)
		})
		assert.Equal(t, w.image("a"), build.Status.ImageReference)
		reasons[succeeded(build).Reason]++
	}
	assert.Equal(t, map[string]int{v1alpha1.ReasonBuildSucceeded: 2, v1alpha1.ReasonBuildReused: 1}, reasons)
	most, _ := mostAtOnce(buildStates(w))
	assert.Equal(t, 1, most, "there is one place")
	assert.Len(t, w.buildersEver(), 3, "two pieces of work, one of them begun twice")
}

// buildersEver are the names of all Jobs that ever built in the world.
func (w *world) buildersEver() map[string]bool {
	w.Helper()
	names := map[string]bool{}
	for _, last := range w.builders() {
		for _, state := range w.history.until(w, &last) {
			if job, ok := state.(*batchv1.Job); ok && job.Labels[v1alpha1.LabelComponent] == "build" {
				names[job.Name] = true
			}
		}
	}
	return names
}

// The operator dies before each of its writes in turn: who leads, who waits, whose turn it is and which try it is all stand in
// the builds' status, so that another operator comes to the same end.
func TestOperatorThatDiesWhileBuildsShareQueueAndAreTriedAgain(t *testing.T) {
	t.Parallel()
	undisturbed := newWorldWithoutOperator(t)
	undisturbed.operator = startOperatorWith(t, newLine(), oneAtATime(), undisturbed.namespace)
	wayOfThree(t, undisturbed)
	writes := undisturbed.operator.line.written()
	require.Greater(t, writes, 15, "the operator writes less than three builds take")

	for n := range writes {
		t.Run(fmt.Sprintf("write %d of %d", n+1, writes), func(t *testing.T) {
			t.Parallel()
			w := newWorldWithoutOperator(t)
			w.operator = startOperatorWith(t, cutAfter(n), oneAtATime(), w.namespace)
			w.replaceOnceDeadWith(w.operator, oneAtATime())
			wayOfThree(t, w)
		})
	}
}
