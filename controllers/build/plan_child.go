package build

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

const (
	// maxRetries is how often work that met a passing trouble is begun anew.
	maxRetries = 3
	// firstPause comes before the first retry; each later one is twice as long.
	firstPause = 10 * time.Second
	// grace is how much longer than the timeout a build system may take to end the work by itself, and to say why.
	grace = 30 * time.Second
)

// planChild has the work done and reads what came of it.
func (p planner) planChild(out *plan, build *v1alpha1.NotebookBuild, s seen) {
	end := build.Status.StartTime.Add(timeout(build))
	strategy, err := strategyOf(build, s.strategies)
	switch {
	case err != nil && s.settling:
		return // it is being found out; the build is looked at again then
	case err != nil:
		p.planUnavailable(out, build, end.Add(grace), err)
	case s.child.Child != nil:
		p.planOutcome(out, build, s, strategy, end)
	case s.vanished:
		p.planVanished(out, build)
	default:
		p.planCreate(out, build, s, strategy, end)
	}
}

func (p planner) planOutcome(out *plan, build *v1alpha1.NotebookBuild, s seen, strategy buildstrategy.Strategy, end time.Time) {
	out.status.ChildName, out.status.Phase, out.status.RetryTime = s.child.Child.GetName(), v1alpha1.BuildPhaseRunning, nil
	switch outcome := strategy.Outcome(s.child); {
	case outcome.Phase == buildstrategy.Succeeded:
		out.status.ImageReference = outcome.Image
		p.finish(out, build, v1alpha1.BuildPhaseComplete, metav1.ConditionTrue, v1alpha1.ReasonBuildSucceeded, outcome.Message)
	case outcome.Phase == buildstrategy.Failed && outcome.Temporary && build.Status.Retries < maxRetries:
		p.planRetry(out, build, pause(build.Status.Retries), outcome.Message)
		out.deleteChild = s.child.Child
	case outcome.Phase == buildstrategy.Failed:
		p.fail(out, build, string(outcome.Reason), outcome.Message)
		if outcome.Cancel {
			out.deleteChild = s.child.Child
		}
	default:
		p.planUnderWay(out, build, s, outcome, end.Add(grace))
	}
}

// planUnderWay gives up on a build system that does not end the work, such as one that waits for a Secret for ever.
func (p planner) planUnderWay(out *plan, build *v1alpha1.NotebookBuild, s seen, outcome buildstrategy.Outcome, end time.Time) {
	if left := end.Sub(p.now); left > 0 {
		p.wait(out, build, cmp.Or(string(outcome.Reason), v1alpha1.ReasonBuilding), outcome.Message)
		out.requeueAfter = left
		return
	}
	p.fail(out, build, cmp.Or(string(outcome.Reason), v1alpha1.ReasonBuildTimeout),
		fmt.Sprintf("The build did not end within its timeout of %s, and was stopped. Last it was at this: %s", timeout(build), outcome.Message))
	out.deleteChild = s.child.Child
}

// planVanished makes another child where somebody deleted it, a few times.
func (p planner) planVanished(out *plan, build *v1alpha1.NotebookBuild) {
	if build.Status.Retries >= maxRetries {
		p.fail(out, build, v1alpha1.ReasonBuildCancelled,
			fmt.Sprintf("The work was begun %d times, and %s was deleted before it ended. Change spec.rerun to try again.", maxRetries+1, build.Status.ChildName))
		return
	}
	p.planRetry(out, build, 0, build.Status.ChildName+" was deleted before it ended.")
}

// planRetry begins the work anew after a pause, with a child of another name.
func (p planner) planRetry(out *plan, build *v1alpha1.NotebookBuild, pause time.Duration, trouble string) {
	at := metav1.NewTime(p.now.Add(pause)).Rfc3339Copy()
	out.status.Retries++
	out.status.ChildName, out.status.RetryTime = "", &at
	p.wait(out, build, v1alpha1.ReasonBuildRetrying,
		fmt.Sprintf("%s\nIt is tried again at %s, for the %d. of at most %d times.", trouble, at.UTC().Format(time.TimeOnly), out.status.Retries, maxRetries))
	out.requeueAfter = pause
}

func pause(retries int32) time.Duration { return firstPause << retries }

func (p planner) planCreate(out *plan, build *v1alpha1.NotebookBuild, s seen, strategy buildstrategy.Strategy, end time.Time) {
	if at := build.Status.RetryTime; at != nil && p.now.Before(at.Time) {
		out.requeueAfter = at.Sub(p.now)
		return
	}
	left := end.Sub(p.now).Truncate(time.Second)
	if left < time.Second { // no child can be given less
		p.fail(out, build, v1alpha1.ReasonBuildTimeout, "The build did not end within its timeout. Raise buildConfig.timeout, or change spec.rerun to try again.")
		return
	}
	inputs := p.inputs(build, s.dockerfile)
	inputs.Timeout = left
	child, err := strategy.Child(inputs)
	switch {
	case errors.Is(err, buildstrategy.ErrNoRegistry):
		p.fail(out, build, v1alpha1.ReasonRegistryNotConfigured, err.Error()+".")
	case err != nil:
		p.fail(out, build, v1alpha1.ReasonBuildConfigInvalid, "The build cannot be started: "+err.Error()+".")
	default:
		out.createChild, out.companions, out.status.RetryTime = child, strategy.Companions(inputs), nil
		p.wait(out, build, v1alpha1.ReasonBuilding, "The build is being started.")
	}
}
