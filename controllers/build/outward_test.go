package build

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

func named(namespace string, n int) types.NamespacedName {
	return types.NamespacedName{Namespace: namespace, Name: fmt.Sprint(n)}
}

// turn is whose turn it is, empty for nobody's.
func turn(turns <-chan event.GenericEvent) string {
	select {
	case e := <-turns:
		return client.ObjectKeyFromObject(e.Object).String()
	default:
		return ""
	}
}

func TestOneNamespaceDoesNotTakeEveryPlace(t *testing.T) {
	o, turns := newOutward()
	for i := range outwardInNamespace {
		assert.True(t, o.enter(named("slow", i)))
	}
	assert.True(t, o.enter(named("slow", 0)), "it has a place")
	assert.False(t, o.enter(named("slow", 70)))
	assert.False(t, o.enter(named("slow", 80)))
	assert.True(t, o.enter(named("other", 0)))

	o.leave(named("other", 0))
	assert.Empty(t, turn(turns), "those who wait have as many as they may")
	o.leave(named("slow", 1))
	assert.Equal(t, "slow/70", turn(turns), "the first one first")
	assert.False(t, o.enter(named("slow", 90)), "the place is kept")
	assert.True(t, o.enter(named("slow", 70)))
}

func TestThereAreSoManyPlacesAndNoMore(t *testing.T) {
	o, turns := newOutward()
	for i := range outwardPlaces {
		assert.True(t, o.enter(named(fmt.Sprint("team-", i), 0)))
	}
	assert.False(t, o.enter(named("late", 0)))
	o.leave(named("team-3", 0))
	assert.Equal(t, "late/0", turn(turns))
}

func TestAPlaceThatNobodyHasAUseForGoesOn(t *testing.T) {
	o, turns := newOutward()
	for i := range outwardInNamespace {
		o.enter(named("a", i))
	}
	o.enter(named("a", 50))
	o.enter(named("a", 60))
	o.leave(named("a", 0))
	assert.Equal(t, "a/50", turn(turns))
	o.leave(named("a", 50)) // it was deleted meanwhile
	assert.Equal(t, "a/60", turn(turns))
	o.leave(named("a", 99))
	assert.Empty(t, turn(turns))
}

func TestABuildWithoutAPlaceAsksNobody(t *testing.T) {
	build := fresh().Obj()
	finished := finished("first", builders.Image, 0).Obj()
	reuses := resolved().Obj()
	reuses.Name = "reuses"
	c := newCluster(t, build, reuses, finished)
	for i := range outwardInNamespace {
		require.True(t, c.outward.enter(named("team", i)))
	}
	for _, b := range []*v1alpha1.NotebookBuild{build, reuses} {
		require.NoError(t, c.reconcile(t, b))
	}
	assert.Empty(t, c.resolver.asked)
	assert.Empty(t, c.images.asked)
	assert.Empty(t, c.applied)
	assert.Len(t, c.outward.waiting, 2)
}
