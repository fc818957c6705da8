package aggregate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/status"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// rank orders the phases; a job ends in one of the last two.
var rank = map[v1alpha1.Phase]int{
	"": 0, v1alpha1.PhaseInitializing: 1, v1alpha1.PhaseBuilding: 2, v1alpha1.PhaseBuildComplete: 3,
	v1alpha1.PhaseValidationRunning: 4, v1alpha1.PhaseSucceeded: 5, v1alpha1.PhaseFailed: 5,
}

// happenings are what may happen at any time, in any order.
func happenings(random *rand.Rand) []func(*world) {
	noImage := func(w *world) { w.build = builders.MakeBuildOf(w.job).Complete("").Obj() }
	stale := func(w *world) {
		w.build = builders.MakeBuildOf(w.job).Complete(builders.Image).Obj()
		w.build.Generation++
	}
	toggle := func(w *world) {
		w.change(func(s *v1alpha1.NotebookValidationJobSpec) {
			if s.PodConfig.BuildConfig == nil {
				s.PodConfig.BuildConfig = &v1alpha1.BuildConfig{Enabled: true}
				return
			}
			s.PodConfig.BuildConfig = nil
		})
	}
	rerun := func(w *world) {
		w.change(func(s *v1alpha1.NotebookValidationJobSpec) { s.Rerun = fmt.Sprint(random.Int()) })
	}
	return []func(*world){
		(*world).createBuild, (*world).building, (*world).complete, (*world).buildFailed, noImage, stale,
		func(w *world) { w.build = nil }, pass, fail, running, pending, pass, running,
		longerTimeout, otherNotebook, toggle, rerun, nothing, nothing, nothing,
		func(w *world) { w.now = w.now.Add(time.Duration(random.IntN(100)) * time.Hour) },
	}
}

func TestWhateverHappensInWhateverOrder(t *testing.T) {
	for seed := range uint64(400) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			w := newWorld(given().Spec(func(s *v1alpha1.NotebookValidationJobSpec) {
				if seed%4 != 0 {
					s.PodConfig.BuildConfig = &v1alpha1.BuildConfig{Enabled: true}
				}
			}).Obj())
			all := happenings(random)
			for range 80 {
				all[random.IntN(len(all))](w)
				for range random.IntN(3) {
					before := w.job.DeepCopy()
					w.look()
					checkStep(t, before, w.job)
				}
			}
			require.LessOrEqual(t, w.settle(), 6)
			checkGate(t, w.job)
		})
	}
}

// checkStep holds one write of the controller against what must never happen.
func checkStep(t *testing.T, before, after *v1alpha1.NotebookValidationJob) {
	t.Helper()
	checkGate(t, after)
	was := before.Status
	if was.ObservedGeneration != after.Generation {
		require.Equal(t, 1, rank[after.Status.Phase], "a generation begins at the beginning, not at %s", after.Status.Phase)
		return
	}
	require.GreaterOrEqual(t, rank[after.Status.Phase], rank[was.Phase], "from %s back to %s", was.Phase, after.Status.Phase)
	if rank[was.Phase] == 5 {
		require.Equal(t, was.Phase, after.Status.Phase, "an end is an end")
	}
	checkNoPhaseLeftOut(t, after, was.Phase)
	for _, kind := range []string{v1alpha1.ConditionBuildReady, v1alpha1.ConditionSucceeded} {
		if decided := status.Decided(was.Conditions, kind, after.Generation); decided != nil {
			require.Equal(t, decided, status.Decided(after.Status.Conditions, kind, after.Generation), "%s was decided", kind)
		}
	}
	require.Equal(t, was.StartTime, after.Status.StartTime)
}

func checkNoPhaseLeftOut(t *testing.T, job *v1alpha1.NotebookValidationJob, was v1alpha1.Phase) {
	t.Helper()
	is := job.Status.Phase
	if is == was {
		return
	}
	steps := [][2]v1alpha1.Phase{
		{v1alpha1.PhaseValidationRunning, v1alpha1.PhaseSucceeded}, {v1alpha1.PhaseValidationRunning, v1alpha1.PhaseFailed},
	}
	if job.Spec.PodConfig.BuildEnabled() {
		steps = append(steps, [2]v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseBuilding},
			[2]v1alpha1.Phase{v1alpha1.PhaseBuilding, v1alpha1.PhaseBuildComplete}, [2]v1alpha1.Phase{v1alpha1.PhaseBuilding, v1alpha1.PhaseFailed},
			[2]v1alpha1.Phase{v1alpha1.PhaseBuildComplete, v1alpha1.PhaseValidationRunning})
	} else {
		steps = append(steps, [2]v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseValidationRunning})
	}
	require.True(t, slices.Contains(steps, [2]v1alpha1.Phase{was, is}), "from %s to %s", was, is)
}

// checkGate holds that an open gate brings an image along, and that the sum agrees with the phase.
func checkGate(t *testing.T, job *v1alpha1.NotebookValidationJob) {
	t.Helper()
	s := job.Status
	if status.IsTrue(s.Conditions, v1alpha1.ConditionBuildReady, job.Generation) && job.Spec.PodConfig.BuildEnabled() {
		require.NotNil(t, s.BuildStatus)
		require.Equal(t, builders.Image, s.BuildStatus.ImageReference)
	}
	if s.ObservedGeneration != job.Generation {
		return
	}
	succeeded := status.Current(s.Conditions, v1alpha1.ConditionSucceeded, job.Generation)
	require.NotNil(t, succeeded)
	want := map[v1alpha1.Phase]metav1.ConditionStatus{v1alpha1.PhaseSucceeded: yes, v1alpha1.PhaseFailed: no}[s.Phase]
	if want == "" {
		want = unknown
	}
	require.Equal(t, want, succeeded.Status, s.Phase)
	require.Equal(t, want != unknown, s.CompletionTime != nil)
	if want == yes {
		require.True(t, status.IsTrue(s.Conditions, v1alpha1.ConditionValidated, job.Generation), "nothing succeeds without a verdict")
	}
}
