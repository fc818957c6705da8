package build

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/settings"
	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// seen is everything that a plan is made from beside the build.
type seen struct {
	// commit and environment that the ref was resolved to just now, or why not; only while the status has none.
	commit      string
	environment environment.Environment
	resolveErr  error
	// child that does the work, nil for none, its pods, and what the cluster said when it refused to create one.
	child   object
	pods    []corev1.Pod
	refused string
	// leftover is the child of a failed build that would go on: whoever decided died before it was cancelled.
	leftover object
}

// plan is what to do, and the complete status of the build.
type plan struct {
	applyDockerfile *corev1.ConfigMap
	createChild     object
	deleteChild     object
	status          v1alpha1.NotebookBuildStatus
	requeueAfter    time.Duration
	// retry is a passing trouble; the build is looked at again with back-off.
	retry error
}

// planner holds what is the same for all builds.
type planner struct {
	settings   settings.Settings
	strategies []buildstrategy.Strategy
	now        time.Time
}

// plan decides. It reads nothing but its arguments.
func (p planner) plan(build *v1alpha1.NotebookBuild, s seen) plan {
	out := plan{status: *build.Status.DeepCopy()}
	if status.Decided(build.Status.Conditions, v1alpha1.ConditionSucceeded, build.Generation) != nil {
		out.deleteChild = s.leftover
		return out
	}
	at := metav1.NewTime(p.now).Rfc3339Copy()
	out.status.ObservedGeneration = build.Generation
	if out.status.StartTime == nil {
		out.status.StartTime = &at
	}
	if build.Status.Commit == "" {
		p.planResolve(&out, build, s)
		return out
	}
	p.planChild(&out, build, s)
	return out
}

// planResolve records the commit and the environment, in one step: whoever sees one sees both.
func (p planner) planResolve(out *plan, build *v1alpha1.NotebookBuild, s seen) {
	out.status.Phase = v1alpha1.BuildPhasePending
	if s.resolveErr != nil {
		p.planUnresolved(out, build, s.commit, s.resolveErr)
		return
	}
	out.status.Commit = s.commit
	out.status.Environment = environmentStatus(build, s.environment)
	if out.status.Environment.DockerfileConfigMap != "" {
		out.applyDockerfile = dockerfileConfigMap(build, s.environment.Dockerfile)
	}
	p.sourceResolved(out, build, s.commit)
	p.set(out, build, v1alpha1.ConditionEnvironmentResolved, metav1.ConditionTrue, v1alpha1.ReasonResolved, s.environment.Why)
	p.set(out, build, v1alpha1.ConditionSucceeded, metav1.ConditionUnknown, v1alpha1.ReasonBuildPending, "The source is resolved; the build is next.")
}

func (p planner) sourceResolved(out *plan, build *v1alpha1.NotebookBuild, commit string) {
	p.set(out, build, v1alpha1.ConditionSourceResolved, metav1.ConditionTrue, v1alpha1.ReasonResolved,
		fmt.Sprintf("The ref %q is commit %s.", build.Spec.Git.Ref, commit))
}

// planUnresolved tells what only the user can mend from what may pass by itself, which is tried until the timeout.
func (p planner) planUnresolved(out *plan, build *v1alpha1.NotebookBuild, commit string, err error) {
	var environmentErr *environment.Error
	if errors.As(err, &environmentErr) {
		p.sourceResolved(out, build, commit)
		p.set(out, build, v1alpha1.ConditionEnvironmentResolved, metav1.ConditionFalse, string(environmentErr.Reason), environmentErr.Message)
		p.fail(out, build, string(environmentErr.Reason), environmentErr.Message)
		return
	}
	reason, message, temporary := v1alpha1.ReasonSourceUnreachable, err.Error(), true
	var sourceErr *source.Error
	if errors.As(err, &sourceErr) {
		reason, message, temporary = string(sourceErr.Reason), sourceErr.Message, sourceErr.Temporary
	}
	if temporary && p.now.Before(deadline(build)) {
		message = strings.TrimSuffix(message, ".") + ". It is tried again."
		if old := status.Current(build.Status.Conditions, v1alpha1.ConditionSourceResolved, build.Generation); old != nil && old.Reason == reason {
			message = old.Message // a text that names a port is another at every try, and its write would bring the next one past the back-off
		}
		p.set(out, build, v1alpha1.ConditionSourceResolved, metav1.ConditionUnknown, reason, message)
		p.set(out, build, v1alpha1.ConditionSucceeded, metav1.ConditionUnknown, v1alpha1.ReasonResolving, message)
		out.retry = err
		return
	}
	p.set(out, build, v1alpha1.ConditionSourceResolved, metav1.ConditionFalse, reason, message)
	p.fail(out, build, reason, message)
}

// planChild has the work done and reads what came of it.
func (p planner) planChild(out *plan, build *v1alpha1.NotebookBuild, s seen) {
	strategy, err := buildstrategy.Select(cmp.Or(build.Status.Strategy, build.Spec.Strategy), p.strategies)
	if err != nil {
		p.planUnavailable(out, build, err)
		return
	}
	out.status.Strategy = strategy.Name()
	if s.child == nil {
		p.planCreate(out, build, strategy)
		return
	}
	out.status.ChildName = s.child.GetName()
	out.status.Phase = v1alpha1.BuildPhaseRunning
	switch outcome := strategy.Outcome(s.child, s.pods, s.refused); outcome.Phase {
	case buildstrategy.Succeeded:
		out.status.ImageReference = outcome.Image
		p.finish(out, build, v1alpha1.BuildPhaseComplete, metav1.ConditionTrue, v1alpha1.ReasonBuildSucceeded, outcome.Message)
	case buildstrategy.Failed:
		p.fail(out, build, string(outcome.Reason), outcome.Message)
		if outcome.Cancel {
			out.deleteChild = s.child
		}
	default:
		p.set(out, build, v1alpha1.ConditionSucceeded, metav1.ConditionUnknown, v1alpha1.ReasonBuilding, outcome.Message)
	}
}

// planUnavailable waits for the build system until the timeout.
func (p planner) planUnavailable(out *plan, build *v1alpha1.NotebookBuild, err error) {
	if left := deadline(build).Sub(p.now); left > 0 {
		p.set(out, build, v1alpha1.ConditionSucceeded, metav1.ConditionUnknown, v1alpha1.ReasonStrategyUnavailable, err.Error())
		out.requeueAfter = left
		return
	}
	p.fail(out, build, v1alpha1.ReasonStrategyUnavailable, err.Error())
}

func (p planner) planCreate(out *plan, build *v1alpha1.NotebookBuild, strategy buildstrategy.Strategy) {
	if deadline(build).Sub(p.now) < time.Second { // no child can be given less
		p.fail(out, build, v1alpha1.ReasonBuildTimeout, "The build did not begin within its timeout. Raise buildConfig.timeout, or change spec.rerun to try again.")
		return
	}
	inputs, err := p.inputs(build)
	if err != nil {
		p.fail(out, build, v1alpha1.ReasonRegistryNotConfigured, err.Error())
		return
	}
	child, err := strategy.Child(inputs)
	if err != nil {
		p.fail(out, build, v1alpha1.ReasonBuildFailed, "The build cannot be started: "+err.Error()+".")
		return
	}
	out.createChild = child
	p.set(out, build, v1alpha1.ConditionSucceeded, metav1.ConditionUnknown, v1alpha1.ReasonBuilding, "The build is being started.")
}

func (p planner) fail(out *plan, build *v1alpha1.NotebookBuild, reason, message string) {
	p.finish(out, build, v1alpha1.BuildPhaseFailed, metav1.ConditionFalse, reason, message)
}

// finish decides the build, for good.
func (p planner) finish(out *plan, build *v1alpha1.NotebookBuild, phase v1alpha1.BuildPhase, s metav1.ConditionStatus, reason, message string) {
	at := metav1.NewTime(p.now).Rfc3339Copy()
	out.status.Phase, out.status.CompletionTime = phase, &at
	p.set(out, build, v1alpha1.ConditionSucceeded, s, reason, message)
}

func (p planner) set(out *plan, build *v1alpha1.NotebookBuild, kind string, s metav1.ConditionStatus, reason, message string) {
	out.status.Conditions = status.Set(out.status.Conditions, status.Carry(build.Status.Conditions, metav1.Condition{
		Type: kind, Status: s, Reason: reason, Message: message, ObservedGeneration: build.Generation,
	}, metav1.NewTime(p.now)))
}
