package build

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/status"
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
	case s.foreign != nil:
		p.planForeign(out, build, s.foreign, end.Add(grace))
	case s.vanished:
		p.planVanished(out, build)
	case s.lost != "":
		p.fail(out, build, v1alpha1.ReasonBuilderFailed, s.lost+" Change spec.rerun, or make another NotebookBuild, to build anew.")
	default:
		p.planCreate(out, build, s, strategy, end)
	}
}

func (p planner) planOutcome(out *plan, build *v1alpha1.NotebookBuild, s seen, strategy buildstrategy.Strategy, end time.Time) {
	out.status.ChildName, out.status.Phase, out.status.RetryTime = s.child.Child.GetName(), v1alpha1.BuildPhaseRunning, nil
	switch outcome := strategy.Outcome(s.child); {
	case outcome.Phase == buildstrategy.Succeeded && s.untold != nil:
		p.planUntold(out, build, outcome, s.untold, end.Add(grace))
	case outcome.Phase == buildstrategy.Succeeded:
		out.status.ImageReference = cmp.Or(outcome.Image, s.told)
		p.finish(out, build, v1alpha1.BuildPhaseComplete, metav1.ConditionTrue, v1alpha1.ReasonBuildSucceeded, outcome.Message)
	case outcome.Phase == buildstrategy.Failed && p.now.Before(outcome.Settles):
		p.wait(out, build, v1alpha1.ReasonBuilding, outcome.Message)
		out.requeueAfter = outcome.Settles.Sub(p.now)
	case p.retries(build, outcome, end):
		p.planRetry(out, build, pause(build.Status.Retries), outcome.Message)
		out.replaceChild = s.child.Child
	case outcome.Phase == buildstrategy.Failed:
		p.fail(out, build, string(outcome.Reason), outcome.Message)
		if outcome.Cancel {
			out.deleteChild = s.child.Child
		}
	default:
		p.planUnderWay(out, build, s, outcome, end.Add(grace))
	}
}

// retries says whether a failure may pass, and the work can be begun anew before the time is up. Where it cannot, the
// failure itself is what the user has to know, and not that time has passed since.
func (p planner) retries(build *v1alpha1.NotebookBuild, outcome buildstrategy.Outcome, end time.Time) bool {
	return outcome.Phase == buildstrategy.Failed && outcome.Temporary && build.Status.Retries < maxRetries &&
		p.now.Add(pause(build.Status.Retries)).Before(end)
}

// planUntold waits for a registry that has the image, but does not tell its digest.
func (p planner) planUntold(out *plan, build *v1alpha1.NotebookBuild, outcome buildstrategy.Outcome, err error, end time.Time) {
	trouble := explain(err)
	if !trouble.temporary || !p.now.Before(end) {
		p.fail(out, build, v1alpha1.ReasonBuildResultInvalid,
			fmt.Sprintf("The build pushed %s, but which image that is cannot be told. %s", outcome.Tag, trouble.message))
		return
	}
	p.wait(out, build, v1alpha1.ReasonRegistryUnreachable, p.same(build, v1alpha1.ConditionSucceeded, v1alpha1.ReasonRegistryUnreachable, again(trouble.message)))
	out.retry = err
}

// planUnderWay gives up on a build system that does not end the work, such as one that waits for a Secret for ever.
func (p planner) planUnderWay(out *plan, build *v1alpha1.NotebookBuild, s seen, outcome buildstrategy.Outcome, end time.Time) {
	if left := end.Sub(p.now); left > 0 {
		p.wait(out, build, cmp.Or(string(outcome.Reason), v1alpha1.ReasonBuilding), outcome.Message)
		out.requeueAfter = left
		return
	}
	message := fmt.Sprintf("The build did not end within its timeout of %s, and was stopped. Last it was at this: %s", timeout(build), outcome.Message)
	if outcome.Reason == "" { // nothing kept it from going on
		message += " Raise buildConfig.timeout, or ask for fewer packages."
	}
	p.fail(out, build, cmp.Or(string(outcome.Reason), v1alpha1.ReasonBuildTimeout), message)
	out.deleteChild = s.child.Child
}

// planForeign waits until somebody has freed the child's name.
func (p planner) planForeign(out *plan, build *v1alpha1.NotebookBuild, foreign error, end time.Time) {
	message := foreign.Error() + "."
	if !p.now.Before(end) {
		p.fail(out, build, v1alpha1.ReasonBuilderWaiting, message)
		return
	}
	p.wait(out, build, v1alpha1.ReasonBuilderWaiting, again(message))
	out.retry = foreign
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
		p.planTooLate(out, build)
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

// planTooLate ends a build that never came to have a child, or not again, with what kept it from that.
func (p planner) planTooLate(out *plan, build *v1alpha1.NotebookBuild) {
	reason, why := v1alpha1.ReasonBuildTimeout, ""
	if last := status.Current(build.Status.Conditions, v1alpha1.ConditionSucceeded, build.Generation); last != nil {
		switch last.Reason {
		case v1alpha1.ReasonBuilderWaiting:
			reason, why = last.Reason, " Last it was at this: "+last.Message
		case v1alpha1.ReasonBuildRetrying:
			why = " Last it was at this: " + last.Message
		}
	}
	p.fail(out, build, reason,
		fmt.Sprintf("The build did not end within its timeout of %s. Raise buildConfig.timeout, or change spec.rerun to try again.%s", timeout(build), why))
}

// planTrouble is a child that the cluster does not take now. Told are its own words where somebody has to mend something;
// those of a server in trouble are others at every try, and the first ones stay.
func (p planner) planTrouble(out *plan, build *v1alpha1.NotebookBuild, trouble error, blocked bool) {
	message := again(fmt.Sprintf("%v.", trouble))
	if !blocked {
		message = p.same(build, v1alpha1.ConditionSucceeded, v1alpha1.ReasonBuilderWaiting, again(fmt.Sprintf("The cluster does not take the build. It says: %v.", trouble)))
	}
	out.status.ObservedGeneration = build.Generation
	end := p.patience(build, v1alpha1.ConditionSucceeded, v1alpha1.ReasonBuilderWaiting)
	if build.Status.StartTime != nil {
		end = build.Status.StartTime.Add(timeout(build) + grace)
	}
	if !p.now.Before(end) {
		p.fail(out, build, v1alpha1.ReasonBuilderWaiting, message)
		out.retry = nil
		return
	}
	p.wait(out, build, v1alpha1.ReasonBuilderWaiting, message)
}
