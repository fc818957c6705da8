package build

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// planAdmission gives the build an image that is there already, has it wait for one that is under way, or lets it begin
// its own work when it is its turn. Beginning is a status write of its own, before there is any child: it is what the
// others see.
func (p planner) planAdmission(out *plan, build *v1alpha1.NotebookBuild, s seen) {
	out.status.ReusedFrom = ""
	switch {
	case s.reuse.image != nil:
		p.reuse(out, build, s.reuse.image)
		return
	case s.reuse.failed != nil:
		p.shareFailure(out, build, s.reuse.failed)
		return
	case s.reuse.err != nil && p.now.Before(p.patience(build, v1alpha1.ConditionEnvironmentResolved, v1alpha1.ReasonRegistryUnreachable)):
		p.planUnchecked(out, build, s.reuse)
		return
	}
	if leader := leaderOf(build, leaders(s.fleet)); leader != nil {
		out.status.ReusedFrom = leader.Name
		p.wait(out, build, v1alpha1.ReasonWaitingForSharedBuild,
			fmt.Sprintf("Build %s is building the same environment; its image is waited for.", leader.Name))
		return
	}
	if s.settling {
		p.wait(out, build, v1alpha1.ReasonBuildPending, "The build systems of the cluster are being found out.")
		return
	}
	strategy, err := strategyOf(build, s.strategies)
	if err != nil {
		p.planUnavailable(out, build, p.patience(build, v1alpha1.ConditionEnvironmentResolved, v1alpha1.ReasonStrategyUnavailable), err)
		return
	}
	if ahead := p.limits().ahead(build, s.fleet); ahead > 0 {
		p.wait(out, build, v1alpha1.ReasonBuildQueued, queueMessage(ahead))
		return
	}
	at := metav1.NewTime(p.now).Rfc3339Copy()
	out.status.StartTime, out.status.Strategy = &at, strategy.Name()
	p.wait(out, build, v1alpha1.ReasonBuilding, "The build is being started.")
}

// reuse ends the build with the image of another.
func (p planner) reuse(out *plan, build, from *v1alpha1.NotebookBuild) {
	out.status.ReusedFrom, out.status.Strategy = from.Name, from.Status.Strategy
	out.status.ImageReference = from.Status.ImageReference
	p.finish(out, build, v1alpha1.BuildPhaseComplete, metav1.ConditionTrue, v1alpha1.ReasonBuildReused,
		fmt.Sprintf("Build %s has built the same environment; its image is used.", from.Name))
}

// shareFailure ends a build that waited for another, which failed at a step of the very Dockerfile that both have.
func (p planner) shareFailure(out *plan, build, from *v1alpha1.NotebookBuild) {
	out.status.ReusedFrom = from.Name
	p.fail(out, build, v1alpha1.ReasonBuildFailed,
		fmt.Sprintf("Build %s of the same environment failed. %s", from.Name, succeededMessage(from)))
}

// planUnchecked waits for a registry that does not say whether an image is still there.
func (p planner) planUnchecked(out *plan, build *v1alpha1.NotebookBuild, r reuse) {
	trouble := explain(r.err)
	p.wait(out, build, v1alpha1.ReasonRegistryUnreachable, p.same(build, v1alpha1.ConditionSucceeded, v1alpha1.ReasonRegistryUnreachable, again(trouble.message)))
	out.retry = r.err
}
