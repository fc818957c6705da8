package aggregate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/status"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

const (
	unknown = metav1.ConditionUnknown
	yes     = metav1.ConditionTrue
	no      = metav1.ConditionFalse
)

func given() *builders.JobBuilder { return builders.MakeJob("iris", "team") }
func built() *builders.JobBuilder { return given().Build() }

// buildOf is the build of a job that differs from built() in its status alone.
func buildOf() *builders.BuildBuilder { return builders.MakeBuildOf(built().Obj()) }

// now is when every plan of a table is made.
var now = builders.Epoch.Add(time.Hour + 123*time.Millisecond)

type stand struct {
	phase           v1alpha1.Phase
	ready           metav1.ConditionStatus
	readyReason     string
	readySays       string
	succeeded       metav1.ConditionStatus
	succeededReason string
	message         string
	buildPhase      v1alpha1.BuildPhase
	completed       bool
}

func TestPlan(t *testing.T) {
	tests := map[string]struct {
		job   *builders.JobBuilder
		build *builders.BuildBuilder
		want  stand
	}{
		"a job without a build, seen for the first time": {given(), nil, stand{
			phase: v1alpha1.PhaseInitializing, ready: yes, readyReason: v1alpha1.ReasonBuildNotRequired, readySays: builders.GivenImage,
			succeeded: unknown, succeededReason: v1alpha1.ReasonRunPending, message: "The image is ready; the run is next.",
		}},
		"its run waits for its pod": {given().Phase(v1alpha1.PhaseInitializing).BuildReady(yes, v1alpha1.ReasonBuildNotRequired).Validated(unknown, v1alpha1.ReasonRunPending), nil, stand{
			phase: v1alpha1.PhaseValidationRunning, ready: yes, readyReason: v1alpha1.ReasonBuildNotRequired,
			succeeded: unknown, succeededReason: v1alpha1.ReasonRunPending, message: "About the run.",
		}},
		"its notebook passed": {given().Phase(v1alpha1.PhaseValidationRunning).BuildReady(yes, v1alpha1.ReasonBuildNotRequired).Validated(yes, v1alpha1.ReasonPassed), nil, stand{
			phase: v1alpha1.PhaseSucceeded, ready: yes, readyReason: v1alpha1.ReasonBuildNotRequired,
			succeeded: yes, succeededReason: v1alpha1.ReasonPassed, message: "About the run.", completed: true,
		}},
		"its notebook failed": {given().Phase(v1alpha1.PhaseValidationRunning).BuildReady(yes, v1alpha1.ReasonBuildNotRequired).Validated(no, v1alpha1.ReasonCellFailed), nil, stand{
			phase: v1alpha1.PhaseFailed, ready: yes, readyReason: v1alpha1.ReasonBuildNotRequired,
			succeeded: no, succeededReason: v1alpha1.ReasonCellFailed, message: "About the run.", completed: true,
		}},
		"a verdict of an earlier generation is none": {given().Validated(yes, v1alpha1.ReasonPassed).Generation(2).Phase(v1alpha1.PhaseValidationRunning).BuildReady(yes, v1alpha1.ReasonBuildNotRequired), nil, stand{
			phase: v1alpha1.PhaseValidationRunning, ready: yes, readyReason: v1alpha1.ReasonBuildNotRequired,
			succeeded: unknown, succeededReason: v1alpha1.ReasonRunPending, message: "The image is ready; the run is next.",
		}},
		"a job with a build that is not there yet": {built(), nil, stand{
			phase: v1alpha1.PhaseInitializing, ready: unknown, readyReason: v1alpha1.ReasonBuildPending, readySays: "is being created",
			succeeded: unknown, succeededReason: v1alpha1.ReasonBuildPending, message: "The build is being created.", buildPhase: v1alpha1.BuildPhasePending,
		}},
		"a build that nobody has looked at": {built().Phase(v1alpha1.PhaseInitializing), buildOf(), stand{
			phase: v1alpha1.PhaseBuilding, ready: unknown, readyReason: v1alpha1.ReasonBuildPending, readySays: "to begin",
			succeeded: unknown, succeededReason: v1alpha1.ReasonBuildPending, message: "Waiting for build " + buildOf().Obj().Name + " to begin.", buildPhase: v1alpha1.BuildPhasePending,
		}},
		"a build under way": {built().Phase(v1alpha1.PhaseBuilding), buildOf().Resolved(builders.Commit).Running(), stand{
			phase: v1alpha1.PhaseBuilding, ready: unknown, readyReason: v1alpha1.ReasonBuilding, readySays: "being built",
			succeeded: unknown, succeededReason: v1alpha1.ReasonBuilding, message: "The image is being built.", buildPhase: v1alpha1.BuildPhaseRunning,
		}},
		"a build that is done opens the gate": {built().Phase(v1alpha1.PhaseBuilding), buildOf().Resolved(builders.Commit).Complete(builders.Image), stand{
			phase: v1alpha1.PhaseBuildComplete, ready: yes, readyReason: v1alpha1.ReasonBuildSucceeded, readySays: builders.Image,
			succeeded: unknown, succeededReason: v1alpha1.ReasonRunPending, message: "The image is ready; the run is next.", buildPhase: v1alpha1.BuildPhaseComplete,
		}},
		"a build that was done at the first look does not, before the phases on the way were seen": {built(), buildOf().Resolved(builders.Commit).Complete(builders.Image), stand{
			phase: v1alpha1.PhaseInitializing, ready: unknown, readyReason: v1alpha1.ReasonBuilding, readySays: "Built " + builders.Image,
			succeeded: unknown, succeededReason: v1alpha1.ReasonBuilding, message: "Built " + builders.Image + ".", buildPhase: v1alpha1.BuildPhaseComplete,
		}},
		"a build that failed ends the job": {built().Phase(v1alpha1.PhaseBuilding), buildOf().Failed(v1alpha1.ReasonPushFailed, "The registry said no."), stand{
			phase: v1alpha1.PhaseFailed, ready: no, readyReason: v1alpha1.ReasonBuildFailed, readySays: "PushFailed: The registry said no.",
			succeeded: no, succeededReason: v1alpha1.ReasonBuildFailed, message: "PushFailed: The registry said no.", buildPhase: v1alpha1.BuildPhaseFailed, completed: true,
		}},
		"a build without an image opens nothing": {built().Phase(v1alpha1.PhaseBuilding), buildOf().Complete(""), stand{
			phase: v1alpha1.PhaseFailed, ready: no, readyReason: v1alpha1.ReasonBuildFailed, readySays: "without the digest",
			succeeded: no, succeededReason: v1alpha1.ReasonBuildFailed, message: "Build " + buildOf().Obj().Name + " ended without the digest of an image.", buildPhase: v1alpha1.BuildPhaseComplete, completed: true,
		}},
		"a build that spoke of an earlier generation has not spoken": {built().Phase(v1alpha1.PhaseBuilding), buildOf().Complete(builders.Image).Generation(2), stand{
			phase: v1alpha1.PhaseBuilding, ready: unknown, readyReason: v1alpha1.ReasonBuildPending, readySays: "to begin",
			succeeded: unknown, succeededReason: v1alpha1.ReasonBuildPending, message: "Waiting for build " + buildOf().Obj().Name + " to begin.", buildPhase: v1alpha1.BuildPhaseComplete,
		}},
		"the gate stays open when the build is deleted": {built().Phase(v1alpha1.PhaseBuildComplete).Built(builders.Image, builders.Commit).Validated(unknown, v1alpha1.ReasonRunning), nil, stand{
			phase: v1alpha1.PhaseValidationRunning, ready: yes, readyReason: v1alpha1.ReasonBuildSucceeded,
			succeeded: unknown, succeededReason: v1alpha1.ReasonRunning, message: "About the run.", buildPhase: v1alpha1.BuildPhaseComplete,
		}},
		"a validation that has not seen the open gate yet": {built().Phase(v1alpha1.PhaseBuildComplete).Built(builders.Image, builders.Commit).Validated(unknown, v1alpha1.ReasonWaitingForBuild), nil, stand{
			phase: v1alpha1.PhaseBuildComplete, ready: yes, readyReason: v1alpha1.ReasonBuildSucceeded,
			succeeded: unknown, succeededReason: v1alpha1.ReasonRunPending, message: "The image is ready; the run is next.", buildPhase: v1alpha1.BuildPhaseComplete,
		}},
		"a verdict that came before its phase was shown": {built().Phase(v1alpha1.PhaseBuildComplete).Built(builders.Image, builders.Commit).Validated(no, v1alpha1.ReasonCellFailed), nil, stand{
			phase: v1alpha1.PhaseValidationRunning, ready: yes, readyReason: v1alpha1.ReasonBuildSucceeded,
			succeeded: unknown, succeededReason: v1alpha1.ReasonRunPending, message: "The image is ready; the run is next.", buildPhase: v1alpha1.BuildPhaseComplete,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			job, build := test.job.Obj(), (*v1alpha1.NotebookBuild)(nil)
			if test.build != nil {
				build = test.build.Obj()
			}
			check(t, test.want, job, plan(job, build, now))
			assert.Equal(t, test.job.Obj(), job, "the job that was read stays as it is")
		})
	}
}

func TestAJobSaysWhatItsBuildWaitsFor(t *testing.T) {
	for _, reason := range []string{
		v1alpha1.ReasonBuildQueued, v1alpha1.ReasonWaitingForSharedBuild, v1alpha1.ReasonBuildRetrying, v1alpha1.ReasonStrategyUnavailable,
		v1alpha1.ReasonBuilderWaiting, v1alpha1.ReasonBuilderImagePullFailed, v1alpha1.ReasonRegistryUnreachable,
	} {
		build := buildOf().Resolved(builders.Commit).Condition(v1alpha1.ConditionSucceeded, unknown, reason, "It waits.").Obj()
		ready := status.Current(plan(built().Phase(v1alpha1.PhaseBuilding).Obj(), build, now).Conditions, v1alpha1.ConditionBuildReady, 1)
		require.NotNil(t, ready)
		assert.Equal(t, reason, ready.Reason)
		assert.Equal(t, "It waits.", ready.Message)
	}
	resolving := buildOf().Condition(v1alpha1.ConditionSucceeded, unknown, v1alpha1.ReasonResolving, "x").Obj()
	ready := status.Current(plan(built().Phase(v1alpha1.PhaseBuilding).Obj(), resolving, now).Conditions, v1alpha1.ConditionBuildReady, 1)
	assert.Equal(t, v1alpha1.ReasonBuilding, ready.Reason)
}

func check(t *testing.T, want stand, job *v1alpha1.NotebookValidationJob, got v1alpha1.NotebookValidationJobStatus) {
	t.Helper()
	ready := status.Current(got.Conditions, v1alpha1.ConditionBuildReady, job.Generation)
	succeeded := status.Current(got.Conditions, v1alpha1.ConditionSucceeded, job.Generation)
	require.NotNil(t, ready)
	require.NotNil(t, succeeded)
	require.Len(t, got.Conditions, 2, "nothing of another controller")
	assert.Contains(t, ready.Message, want.readySays)
	gotStand := stand{
		phase: got.Phase, ready: ready.Status, readyReason: ready.Reason, readySays: want.readySays,
		succeeded: succeeded.Status, succeededReason: succeeded.Reason, message: got.Message, completed: got.CompletionTime != nil,
	}
	if got.BuildStatus != nil {
		gotStand.buildPhase = got.BuildStatus.Phase
	}
	assert.Equal(t, want, gotStand)
	assert.Equal(t, got.Message, succeeded.Message)
	assert.Equal(t, job.Generation, got.ObservedGeneration)
	assert.NotNil(t, got.StartTime)
	assert.Nil(t, got.Validation)
	assert.Nil(t, got.Results)
}

func TestTheBuildIsSummedUp(t *testing.T) {
	job := built().Phase(v1alpha1.PhaseBuilding).Obj()
	build := buildOf().Resolved(builders.Commit).Complete(builders.Image).Status(func(s *v1alpha1.NotebookBuildStatus) { s.Strategy = "job" }).Obj()
	got := plan(job, build, now)
	started, completed := builders.At(0), builders.At(time.Minute)
	assert.Equal(t, &v1alpha1.BuildStatus{
		Phase: v1alpha1.BuildPhaseComplete, Message: "Built " + builders.Image + ".", ImageReference: builders.Image, Commit: builders.Commit,
		StartTime: &started, CompletionTime: &completed, Duration: &metav1.Duration{Duration: time.Minute}, BuildName: build.Name, Strategy: "job",
	}, got.BuildStatus)
	assert.Equal(t, build.Status.Environment, got.Environment)
	got.Environment.Source = "changed"
	assert.NotEqual(t, build.Status.Environment, got.Environment, "a copy")
}

func TestTimes(t *testing.T) {
	at := metav1.NewTime(now).Rfc3339Copy()
	first := plan(given().Obj(), nil, now)
	assert.Equal(t, at, *first.StartTime, "in whole seconds, as the server keeps it")
	assert.Nil(t, first.CompletionTime)

	running := given().Phase(v1alpha1.PhaseValidationRunning).BuildReady(yes, v1alpha1.ReasonBuildNotRequired).Validated(yes, v1alpha1.ReasonPassed)
	end := plan(running.Obj(), nil, now)
	assert.Equal(t, builders.At(0), *end.StartTime)
	assert.Equal(t, at, *end.CompletionTime)
	succeeded := status.Current(end.Conditions, v1alpha1.ConditionSucceeded, 1)
	assert.Equal(t, at, succeeded.LastTransitionTime)
	assert.Equal(t, builders.At(0), status.Current(end.Conditions, v1alpha1.ConditionBuildReady, 1).LastTransitionTime)
}

func TestADecisionStays(t *testing.T) {
	decided := built().Phase(v1alpha1.PhaseFailed).Built(builders.Image, builders.Commit).
		Validated(no, v1alpha1.ReasonCellFailed).Succeeded(no, v1alpha1.ReasonCellFailed).Obj()
	later := []*v1alpha1.NotebookBuild{nil, buildOf().Obj(), buildOf().Failed(v1alpha1.ReasonPushFailed, "no").Obj()}
	for _, build := range later {
		got := plan(decided, build, now)
		assert.False(t, status.Owned[v1alpha1.NotebookValidationJobStatus]{Before: owned(decided.Status), After: got}.Changed())
	}
	passes := decided.DeepCopy()
	passes.Status.Conditions = status.Set(passes.Status.Conditions, metav1.Condition{Type: v1alpha1.ConditionValidated, Status: yes, Reason: v1alpha1.ReasonPassed, ObservedGeneration: 1})
	assert.Equal(t, v1alpha1.PhaseFailed, plan(passes, nil, now).Phase)
}

func TestANewGenerationBeginsAnew(t *testing.T) {
	old := built().Phase(v1alpha1.PhaseSucceeded).Built(builders.Image, builders.Commit).
		Validated(yes, v1alpha1.ReasonPassed).Succeeded(yes, v1alpha1.ReasonPassed)
	job := old.Generation(2).Obj()
	got := plan(job, nil, now)
	assert.Equal(t, v1alpha1.PhaseInitializing, got.Phase)
	assert.Equal(t, int64(2), got.ObservedGeneration)
	assert.Empty(t, got.BuildStatus.ImageReference)
	assert.Nil(t, got.CompletionTime)
	assert.Equal(t, metav1.NewTime(now).Rfc3339Copy(), *got.StartTime)
	for _, kind := range []string{v1alpha1.ConditionBuildReady, v1alpha1.ConditionSucceeded} {
		assert.Equal(t, unknown, status.Current(got.Conditions, kind, 2).Status, kind)
	}
}

func TestOwnedIsDisjointFromTheValidationControllers(t *testing.T) {
	job := built().Phase(v1alpha1.PhaseSucceeded).Built(builders.Image, builders.Commit).Validated(yes, v1alpha1.ReasonPassed).
		Status(func(s *v1alpha1.NotebookValidationJobStatus) {
			s.Validation, s.Results = &v1alpha1.ValidationStatus{Cells: 1}, []v1alpha1.CellResult{{}}
		}).Obj()
	mine := owned(job.Status)
	assert.Nil(t, mine.Validation)
	assert.Nil(t, mine.Results)
	require.Len(t, mine.Conditions, 1)
	assert.Equal(t, v1alpha1.ConditionBuildReady, mine.Conditions[0].Type)
	assert.Len(t, job.Status.Results, 1, "what was read stays as it is")
}
