package integration

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// newQueue starts one operator with limits for all the worlds.
func newQueue(t *testing.T, all, inNamespace, worlds int) []*world {
	t.Helper()
	with := setup{settings: theSettings, images: &registries{}}
	with.settings.MaxBuilds, with.settings.MaxBuildsPerNamespace = all, inNamespace
	var made []*world
	var namespaces []string
	for range worlds {
		w := newWorldWithoutOperator(t)
		made, namespaces = append(made, w), append(namespaces, w.namespace)
	}
	made[0].operator = startOperatorWith(t, newLine(), with, namespaces...)
	return made
}

// awaitUnderWay waits until so many builds are under way, and all others wait their turn.
func awaitUnderWay(t *testing.T, n int, worlds ...*world) {
	t.Helper()
	eventually(t, func(c *assert.CollectT) {
		running, queued, all := 0, 0, allBuilds(worlds...)
		for i := range all {
			switch {
			case isUnderWay(&all[i]):
				running++
			case succeeded(&all[i]).Reason == v1alpha1.ReasonBuildQueued:
				queued++
			}
		}
		assert.Equal(c, n, running)
		assert.Equal(c, len(all)-n, queued)
	})
}

// finishAll has builds end one by one as they come to work, until all have ended.
func finishAll(t *testing.T, worlds ...*world) {
	t.Helper()
	finished := map[types.UID]bool{}
	for range allBuilds(worlds...) {
		var in *world
		var next v1alpha1.NotebookBuild
		eventually(t, func(c *assert.CollectT) {
			in = nil
			for _, w := range worlds {
				for _, build := range allBuilds(w) {
					if isUnderWay(&build) && !finished[build.UID] {
						in, next = w, build
					}
				}
			}
			require.NotNil(c, in, "no build is under way")
		})
		in.finishBuilder(&next, "a")
		finished[next.UID] = true
	}
	for _, w := range worlds {
		for _, build := range allBuilds(w) {
			w.awaitBuild(&build, v1alpha1.ReasonBuildSucceeded)
		}
	}
}

func TestNeverMoreBuildsThanAllowedAndAllHaveTheirTurn(t *testing.T) {
	t.Parallel()
	worlds := newQueue(t, 4, 2, 3)
	for i, n := range []int{6, 3, 2} {
		for b := range n {
			worlds[i].createBuild(fmt.Sprintf("build-%d", b), alone)
		}
	}
	awaitUnderWay(t, 4, worlds...)
	finishAll(t, worlds...)

	all, inNamespace := mostAtOnce(buildStates(worlds...))
	assert.Equal(t, 4, all)
	for _, w := range worlds {
		assert.LessOrEqual(t, inNamespace[w.namespace], 2)
		assert.Positive(t, inNamespace[w.namespace])
	}
}

func TestTheNamespaceWithTheFewestBuildsIsNext(t *testing.T) {
	t.Parallel()
	worlds := newQueue(t, 2, 0, 2)
	for b := range 5 {
		worlds[0].createBuild(fmt.Sprintf("build-%d", b), alone)
	}
	awaitUnderWay(t, 2, worlds[0])
	<-time.After(time.Second) // ages are counted in seconds, and this one is to be the youngest
	late := worlds[1].createBuild("late", alone)
	assert.Contains(t, succeeded(worlds[1].awaitBuild(late, v1alpha1.ReasonBuildQueued)).Message, "number 1 in the queue", "before three that are older")
	finishAll(t, worlds...)

	states := buildStates(worlds...)
	before := 0
	for _, build := range allBuilds(worlds[0]) {
		if began(states, &build) < began(states, late) {
			before++
		}
	}
	assert.Equal(t, 2, before, "only those that were under way already")
	all, _ := mostAtOnce(states)
	assert.Equal(t, 2, all)
}

func TestThePositionInTheQueueIsToldAndMovesUp(t *testing.T) {
	t.Parallel()
	w := newQueue(t, 1, 0, 1)[0]
	first := w.createBuild("a", alone)
	w.childOf(first)
	second := w.createBuild("b", alone)
	w.awaitTold(second, "This one is number 1 in the queue.")
	third := w.createBuild("c", alone)
	w.awaitTold(third, "This one is number 2 in the queue.")

	w.finishBuilder(first, "a")
	w.childOf(second)
	w.awaitTold(third, "This one is number 1 in the queue.")
	require.NoError(t, kube.Delete(t.Context(), second))
	w.finishBuilder(third, "c") // a place that is free because of a deletion is taken
	w.awaitBuild(third, v1alpha1.ReasonBuildSucceeded)
}

func TestBuildsThatWaitForAnImageKeepNobodyFromBeginning(t *testing.T) {
	t.Parallel()
	w := newQueue(t, 2, 0, 1)[0]
	leader := w.createBuild("a-leader")
	w.childOf(leader)
	var followers []*v1alpha1.NotebookBuild
	for i := range 3 {
		followers = append(followers, w.createBuild(fmt.Sprintf("b-follower-%d", i)))
		w.awaitBuild(followers[i], v1alpha1.ReasonWaitingForSharedBuild)
	}
	apart := w.createBuild("c-apart", alone)
	w.finishBuilder(apart, "b")
	w.awaitBuild(apart, v1alpha1.ReasonBuildSucceeded)
	w.finishBuilder(leader, "a")
	for _, follower := range followers {
		assert.Equal(t, w.image("a"), w.awaitBuild(follower, v1alpha1.ReasonBuildReused).Status.ImageReference)
	}
}
