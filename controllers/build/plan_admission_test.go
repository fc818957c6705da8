package build

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/registry"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// other is a resolved build of the same environment and namespace, of that name.
func other(name string) *builders.BuildBuilder {
	return builders.MakeBuild(name, "team").Resolved(builders.Commit)
}

// crowd are builds of other environments that have begun.
func crowd(n int) []v1alpha1.NotebookBuild {
	var all []v1alpha1.NotebookBuild
	for i := range n {
		all = append(all, *ofNamespace(fmt.Sprintf("busy-%d", i), fmt.Sprintf("run-%02d", i)).Begun().Obj())
	}
	return all
}

// ofNamespace is a resolved build of an environment of its own.
func ofNamespace(namespace, name string) *builders.BuildBuilder {
	return builders.MakeBuild(name, namespace).Resolved(builders.Commit).Status(func(s *v1alpha1.NotebookBuildStatus) {
		s.Environment.Hash = namespace + name
	})
}

func list(all ...*builders.BuildBuilder) []v1alpha1.NotebookBuild {
	var fleet []v1alpha1.NotebookBuild
	for _, b := range all {
		fleet = append(fleet, *b.Obj())
	}
	return fleet
}

func TestABuildBeginsByAWriteThatOthersSee(t *testing.T) {
	p := planAt(time.Minute, resolved().Obj(), seen{fleet: list(resolved())}, &strategy{name: "tekton"}, &strategy{name: "job"})
	check(t, p, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonBuilding, "being started")
	assert.Equal(t, builders.At(time.Minute).Time, p.status.StartTime.UTC())
	assert.Equal(t, "tekton", p.status.Strategy, "auto takes the best")
	assert.Nil(t, p.createChild, "a child comes when that is written")
}

func TestWhoDoesTheWork(t *testing.T) {
	never := func(s *v1alpha1.NotebookBuildSpec) { s.Cache = v1alpha1.CacheNever }
	me := func() *builders.BuildBuilder { return resolved().Created(time.Minute) }
	tests := map[string]struct {
		build *builders.BuildBuilder
		fleet []v1alpha1.NotebookBuild
		waits string
	}{
		"alone":                                 {me(), list(me()), ""},
		"an older one":                          {me(), list(me(), other("first")), "first"},
		"the oldest of them":                    {me(), list(me(), other("second").Created(time.Second), other("first")), "first"},
		"of one age, the first by name":         {resolved(), list(resolved(), other("image-0"), other("a")), "a"},
		"a younger one waits for this":          {me(), list(me(), other("later").Created(time.Hour)), ""},
		"a younger one that has begun":          {me(), list(me(), other("later").Created(time.Hour).Begun()), "later"},
		"one that has begun and an older":       {me(), list(me(), other("first"), other("later").Created(time.Hour).Begun()), "later"},
		"an older one that waits for something": {me(), list(me(), other("first").Condition(v1alpha1.ConditionSucceeded, unknown, v1alpha1.ReasonRegistryUnreachable, "x")), ""},
		"an older one after one that waits":     {me(), list(me(), other("second").Created(time.Second), other("first").Condition(v1alpha1.ConditionSucceeded, unknown, v1alpha1.ReasonStrategyUnavailable, "x")), "second"},
		"one of another namespace":              {me(), list(me(), builders.MakeBuild("first", "other").Resolved(builders.Commit)), ""},
		"one of another environment":            {me(), list(me(), ofNamespace("team", "first")), ""},
		"one that is not resolved":              {me(), list(me(), builders.MakeBuild("first", "team")), ""},
		"one that builds for itself alone":      {me(), list(me(), other("first").Spec(never)), ""},
		"itself alone":                          {me().Spec(never), list(me().Spec(never), other("first")), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := planAt(2*time.Minute, test.build.Obj(), seen{fleet: test.fleet}, &strategy{name: "job"})
			assert.Equal(t, test.waits, p.status.ReusedFrom)
			assert.Equal(t, test.waits == "", p.status.StartTime != nil)
			if test.waits != "" {
				check(t, p, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonWaitingForSharedBuild, "Build "+test.waits+" is building the same environment")
			}
		})
	}
}

func TestWhatAnotherBuildCameTo(t *testing.T) {
	done := other("first").Complete(builders.Image).Obj()
	broken := other("first").Failed(v1alpha1.ReasonBuildFailed, "pip found no such package.").Obj()
	unreachable := &registry.Error{Reason: registry.Unreachable, Message: "The registry does not answer.", Temporary: true}
	waiting := resolved().Status(func(s *v1alpha1.NotebookBuildStatus) { s.ReusedFrom = "first" })

	p := planAt(time.Minute, waiting.Obj(), seen{reuse: reuse{image: done}}, &strategy{name: "job"})
	check(t, p, yes, v1alpha1.BuildPhaseComplete, v1alpha1.ReasonBuildReused, "Build first has built the same environment")
	assert.Equal(t, builders.Image, p.status.ImageReference)
	assert.Equal(t, "first", p.status.ReusedFrom)
	assert.Equal(t, "job", p.status.Strategy)
	assert.Nil(t, p.status.StartTime)

	p = planAt(time.Minute, waiting.Obj(), seen{reuse: reuse{failed: broken}}, &strategy{name: "job"})
	check(t, p, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBuildFailed, "Build first of the same environment failed. pip found no such package.")

	p = planAt(time.Minute, waiting.Obj(), seen{reuse: reuse{err: unreachable}}, &strategy{name: "job"})
	check(t, p, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonRegistryUnreachable, "It is tried again.")
	assert.ErrorIs(t, p.retry, unreachable)

	p = planAt(time.Hour, waiting.Obj(), seen{fleet: list(waiting), reuse: reuse{err: unreachable}}, &strategy{name: "job"})
	check(t, p, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonRegistryUnreachable, "It is tried again.") // the first time, however long it was in the queue

	waiting.Condition(v1alpha1.ConditionSucceeded, unknown, v1alpha1.ReasonRegistryUnreachable, "x")
	p = planAt(15*time.Minute, waiting.Obj(), seen{fleet: list(waiting), reuse: reuse{err: unreachable}}, &strategy{name: "job"})
	assert.NotNil(t, p.status.StartTime, "nobody waits for ever: it is built")
	assert.Empty(t, p.status.ReusedFrom)
}

func TestABuildWaitsForTheBuildSystemsToBeFoundOut(t *testing.T) {
	p := planAt(0, resolved().Obj(), seen{settling: true}, &strategy{name: "job"})
	check(t, p, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonBuildPending, "being found out")
	assert.Nil(t, p.status.StartTime, "auto would take the wrong one")
}

func TestTheQueue(t *testing.T) {
	mine := func(name string, after time.Duration) *builders.BuildBuilder {
		return ofNamespace("team", name).Created(after)
	}
	theirs := func(name string, after time.Duration) *builders.BuildBuilder {
		return ofNamespace("other", name).Created(after)
	}
	waitsForSystem := mine("no-system", 0).Condition(v1alpha1.ConditionSucceeded, unknown, v1alpha1.ReasonStrategyUnavailable, "x")
	follower := other("follower").Created(time.Second)
	tests := map[string]struct {
		limits limits
		build  *builders.BuildBuilder
		fleet  []v1alpha1.NotebookBuild
		ahead  int
	}{
		"no limit":                                  {limits{}, mine("a", 0), append(crowd(99), *mine("a", 0).Obj()), 0},
		"a free place":                              {limits{3, 0}, mine("a", 0), append(crowd(2), *mine("a", 0).Obj()), 0},
		"no free place":                             {limits{2, 0}, mine("a", 0), append(crowd(2), *mine("a", 0).Obj()), 1},
		"the second in the line":                    {limits{2, 0}, mine("b", time.Second), append(crowd(2), list(mine("a", 0), mine("b", time.Second))...), 2},
		"one free place is the older one's":         {limits{3, 0}, mine("b", time.Second), append(crowd(2), list(mine("a", 0), mine("b", time.Second))...), 1},
		"two free places":                           {limits{4, 0}, mine("b", time.Second), append(crowd(2), list(mine("a", 0), mine("b", time.Second))...), 0},
		"a namespace with fewer builds goes first":  {limits{3, 0}, theirs("z", time.Hour), list(mine("r1", 0).Begun(), mine("r2", 0).Begun(), mine("a", 0), theirs("z", time.Hour)), 0},
		"and the one with more waits":               {limits{3, 0}, mine("a", 0), list(mine("r1", 0).Begun(), mine("r2", 0).Begun(), mine("a", 0), theirs("z", time.Hour)), 1},
		"as many as a namespace may have":           {limits{9, 2}, mine("a", 0), list(mine("r1", 0).Begun(), mine("r2", 0).Begun(), mine("a", 0)), 1},
		"while another namespace goes on":           {limits{9, 2}, theirs("z", time.Hour), list(mine("r1", 0).Begun(), mine("r2", 0).Begun(), mine("a", 0), theirs("z", time.Hour)), 0},
		"namespaces take turns":                     {limits{1, 0}, mine("b", 2), append(crowd(1), list(mine("a", 0), mine("b", 2), theirs("x", 1), theirs("y", 3))...), 3},
		"one without a build system blocks nobody":  {limits{3, 0}, mine("b", time.Second), append(crowd(2), list(waitsForSystem, mine("b", time.Second))...), 0},
		"one that waits for another blocks nobody":  {limits{3, 0}, mine("b", time.Hour), append(crowd(1), list(other("leader").Begun(), follower, mine("b", time.Hour))...), 0},
		"one that is not resolved blocks nobody":    {limits{3, 0}, mine("b", time.Hour), append(crowd(2), list(builders.MakeBuild("fresh", "team"), mine("b", time.Hour))...), 0},
		"one that the list does not show is behind": {limits{1, 0}, mine("b", time.Hour), crowd(1), 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.ahead, test.limits.ahead(test.build.Obj(), test.fleet))
		})
	}
}

// TestTheQueueNeverLetsTooManyBegin plays every order in which builds may ask for their turn.
func TestTheQueueNeverLetsTooManyBegin(t *testing.T) {
	l := limits{all: 3, inNamespace: 2}
	for shift := range 12 {
		var fleet []v1alpha1.NotebookBuild
		for i := range 12 {
			b := ofNamespace(fmt.Sprintf("n%d", i%3), fmt.Sprintf("b%02d", i)).Created(time.Duration(i/2) * time.Second)
			fleet = append(fleet, *b.Obj())
		}
		for range 3 {
			for i := range fleet {
				b := &fleet[(i*5+shift)%len(fleet)]
				if b.Status.StartTime == nil && l.ahead(b, fleet) == 0 {
					at := builders.At(0)
					b.Status.StartTime = &at
				}
			}
		}
		running, _ := split(&fleet[0], fleet)
		under := map[string]int{}
		for _, b := range running {
			under[b.Namespace]++
		}
		assert.Len(t, running, 3, "all places are used, and no more")
		assert.Equal(t, map[string]int{"n0": 1, "n1": 1, "n2": 1}, under, "each namespace has its share")
	}
}

func TestThePositionIsTold(t *testing.T) {
	assert.Contains(t, queueMessage(1), "number 1 in the queue")
	assert.Contains(t, queueMessage(10), "number 10 in the queue")
	assert.Contains(t, queueMessage(11), "among the first 20 in the queue")
	assert.Equal(t, queueMessage(11), queueMessage(20), "one build that ends does not have all the others written")
	p := planner{settings: operator, now: builders.Epoch}
	p.settings.MaxBuilds = 10
	out := p.plan(resolved().Obj(), seen{fleet: append(crowd(10), *resolved().Obj()), strategies: []buildstrategy.Strategy{&strategy{name: "job"}}})
	check(t, out, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonBuildQueued, "number 1 in the queue")
	assert.Nil(t, out.status.StartTime)
}

func TestOnlyPassingTroubleOfARegistryIsWaitedFor(t *testing.T) {
	assert.False(t, passing(nil))
	assert.True(t, passing(errors.New("what is this")))
	assert.True(t, passing(&registry.Error{Temporary: true}))
	assert.False(t, passing(fmt.Errorf("x: %w", &registry.Error{Reason: registry.Unauthorized})), "else its images are never built")
}
