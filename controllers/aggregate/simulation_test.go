package aggregate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/status"
)

var (
	withoutBuild = []v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseValidationRunning}
	buildOnly    = []v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseBuilding}
	whole        = []v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseBuilding, v1alpha1.PhaseBuildComplete, v1alpha1.PhaseValidationRunning}
)

func then(way []v1alpha1.Phase, end v1alpha1.Phase) []v1alpha1.Phase {
	return append(append([]v1alpha1.Phase{}, way...), end)
}

func pass(w *world)    { w.validate(yes, v1alpha1.ReasonPassed) }
func fail(w *world)    { w.validate(no, v1alpha1.ReasonCellFailed) }
func running(w *world) { w.validate(unknown, v1alpha1.ReasonRunning) }
func pending(w *world) { w.validate(unknown, v1alpha1.ReasonRunPending) }
func nothing(*world)   {}

// longerTimeout keeps the build, another notebook does not.
func longerTimeout(w *world) {
	w.change(func(s *v1alpha1.NotebookValidationJobSpec) { s.Timeout = &metav1.Duration{Duration: time.Hour} })
}

func otherNotebook(w *world) {
	w.change(func(s *v1alpha1.NotebookValidationJobSpec) { s.Notebook.Path = "tier2/other.ipynb" })
}

func TestEveryPhaseIsSeenOnceAndInOrder(t *testing.T) {
	type step = func(*world)
	create, building, complete, buildFailed := (*world).createBuild, (*world).building, (*world).complete, (*world).buildFailed
	tests := map[string]struct {
		build bool
		steps []step
		want  []v1alpha1.Phase
	}{
		"a build and a pass":          {true, []step{nothing, pending, create, building, complete, pending, running, pass}, then(whole, v1alpha1.PhaseSucceeded)},
		"a build and a failure":       {true, []step{create, building, complete, running, fail}, then(whole, v1alpha1.PhaseFailed)},
		"a build that fails":          {true, []step{pending, create, building, buildFailed, pending}, then(buildOnly, v1alpha1.PhaseFailed)},
		"no build and a pass":         {false, []step{nothing, pending, running, pass}, then(withoutBuild, v1alpha1.PhaseSucceeded)},
		"no build and a failure":      {false, []step{pending, fail}, then(withoutBuild, v1alpha1.PhaseFailed)},
		"a run that is quickly over":  {true, []step{create, complete, pass}, then(whole, v1alpha1.PhaseSucceeded)},
		"a build deleted and remade":  {true, []step{create, building, func(w *world) { w.build = nil }, create, complete, running, pass}, then(whole, v1alpha1.PhaseSucceeded)},
		"a build deleted when done":   {true, []step{create, complete, func(w *world) { w.build = nil }, running, pass}, then(whole, v1alpha1.PhaseSucceeded)},
		"a new notebook amid a build": {true, []step{create, building, otherNotebook, nothing, create, building, complete, running, pass}, then(whole, v1alpha1.PhaseSucceeded)},
		"a new notebook amid a run":   {true, []step{create, complete, running, otherNotebook, create, complete, running, fail}, then(whole, v1alpha1.PhaseFailed)},
		"a kept build amid a run":     {true, []step{create, complete, running, longerTimeout, running, pass}, then(whole, v1alpha1.PhaseSucceeded)},
		"a kept build after a pass":   {true, []step{create, complete, running, pass, longerTimeout, running, fail}, then(whole, v1alpha1.PhaseFailed)},
		"a kept build that failed":    {true, []step{create, buildFailed, longerTimeout}, then(buildOnly, v1alpha1.PhaseFailed)},
		"a build that is switched off": {true, []step{create, buildFailed, func(w *world) {
			w.change(func(s *v1alpha1.NotebookValidationJobSpec) { s.PodConfig.BuildConfig = nil })
		}, running, pass}, then(withoutBuild, v1alpha1.PhaseSucceeded)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(given().Obj())
			if test.build {
				w = newWorld(built().Obj())
			}
			for _, step := range test.steps {
				step(w)
				require.LessOrEqual(t, w.settle(), 6, "it comes to rest")
			}
			assert.Equal(t, test.want, w.phases)
			assertEnd(t, w)
		})
		t.Run(name+", with a controller that sees only every second change", func(t *testing.T) {
			w := newWorld(given().Obj())
			if test.build {
				w = newWorld(built().Obj())
			}
			for i, step := range test.steps {
				step(w)
				if i%2 == 1 {
					w.look()
				}
			}
			finish(w, test.want[len(test.want)-1])
			assert.Equal(t, test.want, w.phases)
			assertEnd(t, w)
		})
	}
}

// finish has a build that went missing made again, and the validation controller come to its verdict once the gate is open.
func finish(w *world, end v1alpha1.Phase) {
	for range 12 {
		if w.build == nil && w.job.Spec.PodConfig.BuildEnabled() {
			w.complete()
		}
		w.settle()
		if end == v1alpha1.PhaseSucceeded {
			pass(w)
		} else {
			fail(w)
		}
	}
}

func assertEnd(t *testing.T, w *world) {
	t.Helper()
	end := w.phases[len(w.phases)-1]
	succeeded := status.Decided(w.job.Status.Conditions, v1alpha1.ConditionSucceeded, w.job.Generation)
	require.NotNil(t, succeeded)
	assert.Equal(t, end == v1alpha1.PhaseSucceeded, succeeded.Status == yes)
	assert.NotNil(t, w.job.Status.CompletionTime)
	assert.Equal(t, w.job.Generation, w.job.Status.ObservedGeneration)
	assert.False(t, w.look(), "at rest")
}

func TestEverythingWasDecidedBeforeTheFirstLook(t *testing.T) {
	for name, test := range map[string]struct {
		before func(*world)
		want   []v1alpha1.Phase
	}{
		"a build that failed":  {func(w *world) { w.buildFailed(); w.validate(no, v1alpha1.ReasonBuildFailed) }, then(buildOnly, v1alpha1.PhaseFailed)},
		"a build that is done": {func(w *world) { w.complete() }, whole[:3]},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(built().Obj())
			test.before(w)
			w.settle()
			assert.Equal(t, test.want, w.phases)
		})
	}
	t.Run("a verdict on a job without a build", func(t *testing.T) {
		w := newWorld(given().Validated(yes, v1alpha1.ReasonPassed).Obj())
		w.settle()
		assert.Equal(t, then(withoutBuild, v1alpha1.PhaseSucceeded), w.phases)
	})
	t.Run("a verdict on a job whose gate nobody has opened counts only behind it", func(t *testing.T) {
		w := newWorld(built().Validated(yes, v1alpha1.ReasonPassed).Obj())
		w.settle()
		assert.Equal(t, whole[:1], w.phases)
		assert.Nil(t, status.Decided(w.job.Status.Conditions, v1alpha1.ConditionSucceeded, 1))
	})
}

func TestAPlanOfItsOwnOutcomeIsTheSameButForAStepOfThePhase(t *testing.T) {
	for name, prepare := range map[string]func() *world{
		"no build":        func() *world { return newWorld(given().Obj()) },
		"a build pending": func() *world { return newWorld(built().Obj()) },
		"a build under way": func() *world {
			w := newWorld(built().Obj())
			w.building()
			return w
		},
		"a build that is done": func() *world {
			w := newWorld(built().Obj())
			w.complete()
			return w
		},
		"a build that failed": func() *world {
			w := newWorld(built().Obj())
			w.buildFailed()
			return w
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := prepare()
			w.settle()
			before := w.job.DeepCopy()
			w.now = w.now.Add(time.Hour)
			assert.False(t, w.look(), "a later clock alone changes nothing")
			assert.Equal(t, before, w.job)
		})
	}
}
