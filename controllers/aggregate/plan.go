package aggregate

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// plan is the complete status that this controller owns, from a job's conditions and its build. It reads nothing but its
// arguments. build is nil where there is none (yet).
func plan(job *v1alpha1.NotebookValidationJob, build *v1alpha1.NotebookBuild, now time.Time) v1alpha1.NotebookValidationJobStatus {
	at := metav1.NewTime(now).Rfc3339Copy()
	before := owned(job.Status)
	if before.ObservedGeneration != job.Generation {
		before = v1alpha1.NotebookValidationJobStatus{}
	}
	if status.Decided(before.Conditions, v1alpha1.ConditionSucceeded, job.Generation) != nil {
		return before
	}
	p := planner{job: job, at: at}
	after := v1alpha1.NotebookValidationJobStatus{ObservedGeneration: job.Generation, StartTime: before.StartTime}
	if after.StartTime == nil {
		after.StartTime = &at
	}
	ready := p.buildReady(&after, before, build)
	after.Phase = p.nextPhase(before.Phase, ready, build)
	ready = p.holdGate(ready, after.Phase)
	succeeded := p.succeeded(ready, after.Phase)
	after.Message = succeeded.Message
	if succeeded.Status != metav1.ConditionUnknown {
		after.CompletionTime = &at
	}
	after.Conditions = []metav1.Condition{ready, succeeded}
	if conflict := p.dependencyConflict(build); conflict != nil {
		after.Conditions = append(after.Conditions, *conflict)
	}
	return after
}

type planner struct {
	job *v1alpha1.NotebookValidationJob
	at  metav1.Time
}

// buildReady is the gate. What was decided stays, with the image that it brought along.
func (p planner) buildReady(after *v1alpha1.NotebookValidationJobStatus, before v1alpha1.NotebookValidationJobStatus, build *v1alpha1.NotebookBuild) metav1.Condition {
	if decided := status.Decided(before.Conditions, v1alpha1.ConditionBuildReady, p.job.Generation); decided != nil {
		after.BuildStatus, after.Environment = before.BuildStatus, before.Environment
		return *decided
	}
	if !p.job.Spec.PodConfig.BuildEnabled() {
		return p.condition(v1alpha1.ConditionBuildReady, metav1.ConditionTrue, v1alpha1.ReasonBuildNotRequired,
			"No build is enabled; the notebook runs in "+p.job.Spec.PodConfig.ContainerImage+".")
	}
	if build == nil {
		after.BuildStatus = &v1alpha1.BuildStatus{Phase: v1alpha1.BuildPhasePending, Message: "The build is being created."}
		return p.condition(v1alpha1.ConditionBuildReady, metav1.ConditionUnknown, v1alpha1.ReasonBuildPending, "The build is being created.")
	}
	ready := p.fromBuild(build)
	after.BuildStatus, after.Environment = buildStatus(build, ready.Message), build.Status.Environment.DeepCopy()
	return ready
}

// fromBuild says what a build means for the gate. An image without a digest opens nothing.
func (p planner) fromBuild(build *v1alpha1.NotebookBuild) metav1.Condition {
	done := status.Current(build.Status.Conditions, v1alpha1.ConditionSucceeded, build.Generation)
	switch {
	case done == nil:
		return p.condition(v1alpha1.ConditionBuildReady, metav1.ConditionUnknown, v1alpha1.ReasonBuildPending, "Waiting for build "+build.Name+" to begin.")
	case done.Status == metav1.ConditionFalse:
		return p.condition(v1alpha1.ConditionBuildReady, metav1.ConditionFalse, v1alpha1.ReasonBuildFailed, done.Reason+": "+done.Message)
	case done.Status == metav1.ConditionTrue && !v1alpha1.PinnedImage(build.Status.ImageReference):
		return p.condition(v1alpha1.ConditionBuildReady, metav1.ConditionFalse, v1alpha1.ReasonBuildFailed, "Build "+build.Name+" ended without the digest of an image.")
	case done.Status == metav1.ConditionTrue && done.Reason == v1alpha1.ReasonBuildReused:
		return p.condition(v1alpha1.ConditionBuildReady, metav1.ConditionTrue, v1alpha1.ReasonBuildReused, done.Message+" It is "+build.Status.ImageReference+".")
	case done.Status == metav1.ConditionTrue:
		return p.condition(v1alpha1.ConditionBuildReady, metav1.ConditionTrue, v1alpha1.ReasonBuildSucceeded, "Built "+build.Status.ImageReference+".")
	}
	return p.condition(v1alpha1.ConditionBuildReady, metav1.ConditionUnknown, undecidedReason(done.Reason), done.Message)
}

// undecidedReason keeps the reasons of a build that tell what is waited for; the rest is building.
func undecidedReason(reason string) string {
	switch reason {
	case v1alpha1.ReasonBuildQueued, v1alpha1.ReasonWaitingForSharedBuild, v1alpha1.ReasonBuildRetrying, v1alpha1.ReasonStrategyUnavailable,
		v1alpha1.ReasonBuilderWaiting, v1alpha1.ReasonBuilderImagePullFailed, v1alpha1.ReasonRegistryUnreachable:
		return reason
	}
	return v1alpha1.ReasonBuilding
}

// dependencyConflict is what the build says of it, kept for the job's generation. It is set once known, and from then on
// never removed; nil before.
func (p planner) dependencyConflict(build *v1alpha1.NotebookBuild) *metav1.Condition {
	existing := meta.FindStatusCondition(p.job.Status.Conditions, v1alpha1.ConditionDependencyConflict)
	var found *metav1.Condition
	if build != nil {
		found = status.Current(build.Status.Conditions, v1alpha1.ConditionDependencyConflict, build.Generation)
	}
	switch {
	case found != nil:
		c := p.condition(v1alpha1.ConditionDependencyConflict, found.Status, found.Reason, found.Message)
		return &c
	case existing == nil || existing.ObservedGeneration == p.job.Generation:
		return existing
	}
	c := p.condition(v1alpha1.ConditionDependencyConflict, metav1.ConditionFalse, v1alpha1.ReasonNoConflict, "The environment of this generation is not known to be described twice.")
	return &c
}

// holdGate keeps the gate shut until the phases before it have been shown: each phase is seen once, in order.
func (p planner) holdGate(ready metav1.Condition, phase v1alpha1.Phase) metav1.Condition {
	shown := phase != v1alpha1.PhaseInitializing && phase != v1alpha1.PhaseBuilding
	if ready.Status == metav1.ConditionUnknown || shown || !p.job.Spec.PodConfig.BuildEnabled() {
		return ready
	}
	return p.condition(v1alpha1.ConditionBuildReady, metav1.ConditionUnknown, v1alpha1.ReasonBuilding, ready.Message)
}

// succeeded sums up: the verdict of the run, or the failure of the build.
func (p planner) succeeded(ready metav1.Condition, phase v1alpha1.Phase) metav1.Condition {
	validated := status.Current(p.job.Status.Conditions, v1alpha1.ConditionValidated, p.job.Generation)
	switch {
	case phase == v1alpha1.PhaseFailed && ready.Status == metav1.ConditionFalse:
		return p.condition(v1alpha1.ConditionSucceeded, metav1.ConditionFalse, ready.Reason, ready.Message)
	case (phase == v1alpha1.PhaseSucceeded || phase == v1alpha1.PhaseFailed) && validated != nil:
		return p.condition(v1alpha1.ConditionSucceeded, validated.Status, validated.Reason, validated.Message)
	case ready.Status != metav1.ConditionTrue:
		return p.condition(v1alpha1.ConditionSucceeded, metav1.ConditionUnknown, ready.Reason, ready.Message)
	case validated != nil && validated.Status == metav1.ConditionUnknown && validated.Reason != v1alpha1.ReasonWaitingForBuild:
		return p.condition(v1alpha1.ConditionSucceeded, metav1.ConditionUnknown, validated.Reason, validated.Message)
	}
	return p.condition(v1alpha1.ConditionSucceeded, metav1.ConditionUnknown, v1alpha1.ReasonRunPending, "The image is ready; the run is next.")
}

func (p planner) condition(kind string, s metav1.ConditionStatus, reason, message string) metav1.Condition {
	return status.Carry(p.job.Status.Conditions, metav1.Condition{
		Type: kind, Status: s, Reason: reason, Message: message, ObservedGeneration: p.job.Generation,
	}, p.at)
}

func buildStatus(build *v1alpha1.NotebookBuild, message string) *v1alpha1.BuildStatus {
	s := &v1alpha1.BuildStatus{
		Phase: build.Status.Phase, Message: message, BuildName: build.Name, Strategy: build.Status.Strategy,
		ImageReference: build.Status.ImageReference, Commit: build.Status.Commit,
		StartTime: build.Status.StartTime, CompletionTime: build.Status.CompletionTime,
	}
	if s.Phase == "" {
		s.Phase = v1alpha1.BuildPhasePending
	}
	if s.StartTime != nil && s.CompletionTime != nil {
		s.Duration = &metav1.Duration{Duration: s.CompletionTime.Sub(s.StartTime.Time)}
	}
	return s
}
