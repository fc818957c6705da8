package aggregate

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// nextPhase goes one step on the job's way towards where its conditions say that it is. So a watcher sees every phase,
// once and in order; the step is a status write, and thereby the event that brings the next one.
func (p planner) nextPhase(current v1alpha1.Phase, ready metav1.Condition, build *v1alpha1.NotebookBuild) v1alpha1.Phase {
	target := p.targetPhase(ready, build)
	way := p.way(ready, target)
	at, to := slices.Index(way, current), slices.Index(way, target)
	if at < to {
		return way[at+1] // a new generation has no phase yet: at is -1
	}
	if current == "" {
		return way[0]
	}
	return current
}

// way is every phase that this job passes. A job without a build has no phases of a build, and one whose build failed
// ends there.
func (p planner) way(ready metav1.Condition, target v1alpha1.Phase) []v1alpha1.Phase {
	end := v1alpha1.PhaseSucceeded
	if target == v1alpha1.PhaseFailed {
		end = target
	}
	switch {
	case !p.job.Spec.PodConfig.BuildEnabled():
		return []v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseValidationRunning, end}
	case ready.Status == metav1.ConditionFalse:
		return []v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseBuilding, end}
	}
	return []v1alpha1.Phase{
		v1alpha1.PhaseInitializing, v1alpha1.PhaseBuilding, v1alpha1.PhaseBuildComplete, v1alpha1.PhaseValidationRunning, end,
	}
}

// targetPhase is where the conditions say that the job is.
func (p planner) targetPhase(ready metav1.Condition, build *v1alpha1.NotebookBuild) v1alpha1.Phase {
	validated := status.Current(p.job.Status.Conditions, v1alpha1.ConditionValidated, p.job.Generation)
	switch {
	case ready.Status == metav1.ConditionFalse:
		return v1alpha1.PhaseFailed
	case ready.Status == metav1.ConditionUnknown && build != nil:
		return v1alpha1.PhaseBuilding
	case ready.Status == metav1.ConditionUnknown:
		return v1alpha1.PhaseInitializing
	case validated == nil || validated.Reason == v1alpha1.ReasonWaitingForBuild:
		return v1alpha1.PhaseBuildComplete
	case validated.Status == metav1.ConditionTrue:
		return v1alpha1.PhaseSucceeded
	case validated.Status == metav1.ConditionFalse:
		return v1alpha1.PhaseFailed
	}
	return v1alpha1.PhaseValidationRunning
}
