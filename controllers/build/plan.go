package build

import (
	"cmp"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/settings"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// seen is everything that a plan is made from beside the build.
type seen struct {
	// resolution of the ref and the environment, made just now; only while the status has none.
	resolution *resolution
	// child that does the work, empty for none, and what is known of it.
	child buildstrategy.Seen
	// told is the image by digest that the registry has under the tag that the build system pushed, where that is all that it
	// says; untold is why the registry does not tell.
	told   string
	untold error
	// vanished is set where the child that the status names is gone.
	vanished bool
	// dockerfile is the text that the child is to build; only where there is no child. lost is why there is none.
	dockerfile, lost string
	// foreign tells of an object of somebody else under the child's name.
	foreign error
	// reuse is what is known of other builds of the same environment; only until the build has its own work.
	reuse reuse
	// fleet are all undecided builds, this one among them; only until the build has its own work.
	fleet []v1alpha1.NotebookBuild
	// strategies that the cluster offers, best first; settling where that is still being found out.
	strategies []buildstrategy.Strategy
	settling   bool
	// leftover is the child of a failed build that would go on: whoever decided died before it was cancelled.
	leftover object
}

// resolution is what a ref and a repository's requirements came to, or why not.
type resolution struct {
	commit      string
	environment environment.Environment
	hash        string
	err         error
}

// plan is what to do, and the complete status of the build.
type plan struct {
	applyDockerfile *corev1.ConfigMap
	companions      []object
	createChild     object
	// deleteChild is cancelled last, when it is written why.
	deleteChild object
	// replaceChild is deleted before the status is written: nobody looks for it any more once the status names another.
	replaceChild object
	status       v1alpha1.NotebookBuildStatus
	requeueAfter time.Duration
	// retry is a passing trouble; the build is looked at again with back-off.
	retry error
}

// planner holds what is the same for all builds.
type planner struct {
	settings settings.Settings
	now      time.Time
}

// plan decides. It reads nothing but its arguments.
func (p planner) plan(build *v1alpha1.NotebookBuild, s seen) plan {
	out := plan{status: *build.Status.DeepCopy()}
	if status.Decided(build.Status.Conditions, v1alpha1.ConditionSucceeded, build.Generation) != nil {
		out.deleteChild = s.leftover
		return out
	}
	out.status.ObservedGeneration = build.Generation
	switch {
	case build.Status.Commit == "":
		p.planResolve(&out, build, s.resolution)
	case build.Status.StartTime == nil:
		p.planAdmission(&out, build, s)
	default:
		p.planChild(&out, build, s)
	}
	return out
}

// planUnavailable waits for the build system.
func (p planner) planUnavailable(out *plan, build *v1alpha1.NotebookBuild, until time.Time, err error) {
	if left := until.Sub(p.now); left > 0 {
		p.wait(out, build, v1alpha1.ReasonStrategyUnavailable, err.Error())
		out.requeueAfter = left
		return
	}
	p.fail(out, build, v1alpha1.ReasonStrategyUnavailable, err.Error())
}

// strategy that the build has, or is to get.
func strategyOf(build *v1alpha1.NotebookBuild, available []buildstrategy.Strategy) (buildstrategy.Strategy, error) {
	return buildstrategy.Select(cmp.Or(build.Status.Strategy, build.Spec.Strategy), available)
}

// patience is when the build gives up on what has to be there before the work can begin, such as a Git server or a build
// system: its timeout after the condition of that kind began to be as it is. What is seen for the first time is always
// tried again, however long the build waited for something else, such as an operator that was down.
func (p planner) patience(build *v1alpha1.NotebookBuild, kind, reason string) time.Time {
	c := status.Current(build.Status.Conditions, kind, build.Generation)
	if c == nil || c.Status == metav1.ConditionFalse {
		return p.now.Add(timeout(build))
	}
	until := c.LastTransitionTime.Add(timeout(build))
	if now := status.Current(build.Status.Conditions, v1alpha1.ConditionSucceeded, build.Generation); now == nil || now.Reason != reason {
		return later(until, p.now.Add(grace))
	}
	return until
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// wait says what an undecided build is at.
func (p planner) wait(out *plan, build *v1alpha1.NotebookBuild, reason, message string) {
	p.set(out, build, v1alpha1.ConditionSucceeded, metav1.ConditionUnknown, reason, message)
}

func (p planner) fail(out *plan, build *v1alpha1.NotebookBuild, reason, message string) {
	p.finish(out, build, v1alpha1.BuildPhaseFailed, metav1.ConditionFalse, reason, message)
}

// finish decides the build, for good.
func (p planner) finish(out *plan, build *v1alpha1.NotebookBuild, phase v1alpha1.BuildPhase, s metav1.ConditionStatus, reason, message string) {
	at := metav1.NewTime(p.now).Rfc3339Copy()
	out.status.Phase, out.status.CompletionTime, out.status.RetryTime = phase, &at, nil
	p.set(out, build, v1alpha1.ConditionSucceeded, s, reason, message)
}

func (p planner) set(out *plan, build *v1alpha1.NotebookBuild, kind string, s metav1.ConditionStatus, reason, message string) {
	out.status.Conditions = status.Set(out.status.Conditions, status.Carry(build.Status.Conditions, metav1.Condition{
		Type: kind, Status: s, Reason: reason, Message: message, ObservedGeneration: build.Generation,
	}, metav1.NewTime(p.now)))
}

// same keeps the message of a trouble that is still there: a text that names a port is another at every try, and its write
// would bring the next one past the back-off.
func (p planner) same(build *v1alpha1.NotebookBuild, kind, reason, message string) string {
	if old := status.Current(build.Status.Conditions, kind, build.Generation); old != nil && old.Reason == reason {
		return old.Message
	}
	return message
}

// again is a sentence about trouble that is tried again.
func again(message string) string { return fmt.Sprintf("%s It is tried again.", message) }
