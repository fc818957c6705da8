package build

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/registry"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

func TestAChildUnderWay(t *testing.T) {
	child := builders.MakeRunJob("image-builder-1", "team").Obj()
	tests := map[string]struct {
		outcome      buildstrategy.Outcome
		status       metav1.ConditionStatus
		phase        v1alpha1.BuildPhase
		reason, says string
		image        string
		cancelled    bool
	}{
		"runs":                 {buildstrategy.Outcome{Phase: buildstrategy.Running, Message: "Step 3 of 7."}, unknown, v1alpha1.BuildPhaseRunning, v1alpha1.ReasonBuilding, "Step 3 of 7.", "", false},
		"says nothing":         {buildstrategy.Outcome{}, unknown, v1alpha1.BuildPhaseRunning, v1alpha1.ReasonBuilding, "", "", false},
		"is done":              {buildstrategy.Outcome{Phase: buildstrategy.Succeeded, Image: builders.Image, Message: "Pushed."}, yes, v1alpha1.BuildPhaseComplete, v1alpha1.ReasonBuildSucceeded, "Pushed.", builders.Image, false},
		"failed":               {buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: buildstrategy.PushFailed, Message: "The registry said no."}, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonPushFailed, "The registry said no.", "", false},
		"would go on for ever": {buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: buildstrategy.BuilderForbidden, Message: "No.", Cancel: true}, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBuilderForbidden, "No.", "", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := planAt(14*time.Minute, resolved().Running().Obj(), under(child), &strategy{name: "job", outcome: test.outcome})
			check(t, p, test.status, test.phase, test.reason, test.says)
			assert.Equal(t, test.image, p.status.ImageReference)
			assert.Equal(t, "image-builder-1", p.status.ChildName)
			assert.Equal(t, test.cancelled, p.deleteChild != nil)
			assert.Nil(t, p.createChild, "exactly one child")
			assert.Equal(t, builders.At(0), *p.status.StartTime)
			if test.status == unknown {
				assert.Equal(t, time.Minute+grace, p.requeueAfter, "nobody waits for ever")
			}
		})
	}
}

func TestABuildSystemThatDoesNotEndTheWorkIsStopped(t *testing.T) {
	stuck := &strategy{name: "job", outcome: buildstrategy.Outcome{Phase: buildstrategy.Running, Message: "Waits for the Secret."}}
	child := builders.MakeRunJob("image-builder-1", "team").Obj()
	p := planAt(15*time.Minute+grace, resolved().Running().Obj(), under(child), stuck)
	check(t, p, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBuildTimeout, "Last it was at this: Waits for the Secret.")
	assert.Equal(t, child, p.deleteChild)
}

func TestTroubleThatMayPassIsTriedAgainWithPauses(t *testing.T) {
	evicted := &strategy{name: "job", outcome: buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: buildstrategy.BuildEvicted, Message: "Evicted.", Temporary: true}}
	child := builders.MakeRunJob("image-builder-1", "team").Obj()
	tests := map[string]struct {
		retries int32
		status  metav1.ConditionStatus
		reason  string
		pause   time.Duration
	}{
		"the first time":  {0, unknown, v1alpha1.ReasonBuildRetrying, 10 * time.Second},
		"the second time": {1, unknown, v1alpha1.ReasonBuildRetrying, 20 * time.Second},
		"the third time":  {2, unknown, v1alpha1.ReasonBuildRetrying, 40 * time.Second},
		"and no more":     {3, no, v1alpha1.ReasonBuildEvicted, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			build := resolved().Running().Status(func(s *v1alpha1.NotebookBuildStatus) { s.Retries, s.ChildName = test.retries, "image-builder-1" }).Obj()
			p := planAt(time.Minute, build, under(child), evicted)
			c := succeeded(t, p)
			assert.Equal(t, test.status, c.Status)
			assert.Equal(t, test.reason, c.Reason)
			assert.Contains(t, c.Message, "Evicted.")
			assert.Equal(t, test.pause, p.requeueAfter)
			if test.status == no {
				assert.Nil(t, p.status.RetryTime)
				return
			}
			assert.Equal(t, test.retries+1, p.status.Retries)
			assert.Empty(t, p.status.ChildName)
			assert.Equal(t, child, p.replaceChild, "before the status names another")
			assert.Nil(t, p.deleteChild)
			assert.Equal(t, builders.At(time.Minute+test.pause).Time, p.status.RetryTime.UTC())
			assert.Contains(t, c.Message, "It is tried again at 09:2")

			before := naming.BuildChild(build)
			build.Status = p.status
			early := planAt(time.Minute, build, seen{}, evicted)
			assert.Nil(t, early.createChild)
			assert.Equal(t, test.pause, early.requeueAfter)
			due := planAt(time.Minute+test.pause, build, seen{}, evicted)
			require.NotNil(t, due.createChild)
			assert.NotEqual(t, before, due.createChild.GetName())
			assert.Nil(t, due.status.RetryTime)
		})
	}
}

func TestTroubleThatCannotPassInTimeIsWhatTheUserIsTold(t *testing.T) {
	push := &strategy{name: "job", outcome: buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: buildstrategy.PushFailed, Message: "The registry is down.", Temporary: true}}
	p := planAt(15*time.Minute-5*time.Second, resolved().Running().Obj(), under(builders.MakeRunJob("x", "team").Obj()), push)
	check(t, p, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonPushFailed, "The registry is down.")
	assert.Nil(t, p.replaceChild)

	retrying := begun().Condition(v1alpha1.ConditionSucceeded, unknown, v1alpha1.ReasonBuildRetrying, "The registry is down.").Obj()
	check(t, planAt(time.Hour, retrying, seen{}, push), no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBuildTimeout, "The registry is down.")
	refused := begun().Condition(v1alpha1.ConditionSucceeded, unknown, v1alpha1.ReasonBuilderWaiting, "The quota is used up.").Obj()
	check(t, planAt(time.Hour, refused, seen{}, push), no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBuilderWaiting, "The quota is used up.")
}

func TestABuildSystemThatMayTellMoreIsHeardOut(t *testing.T) {
	failed := &strategy{name: "s2i", outcome: buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: buildstrategy.BuildFailed, Message: "A step failed.", Settles: builders.At(time.Minute).Time}}
	child := builders.MakeRunJob("x", "team").Obj()
	p := planAt(55*time.Second, chosen("s2i").Obj(), under(child), failed)
	check(t, p, unknown, v1alpha1.BuildPhaseRunning, v1alpha1.ReasonBuilding, "A step failed.")
	assert.Equal(t, 5*time.Second, p.requeueAfter)
	check(t, planAt(time.Minute, chosen("s2i").Obj(), under(child), failed), no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBuildFailed, "A step failed.")
}

func TestATagThatWasPushedIsNoImageBeforeItsDigestIsKnown(t *testing.T) {
	pushed := &strategy{name: "s2i", outcome: buildstrategy.Outcome{Phase: buildstrategy.Succeeded, Tag: "registry.example.com/x:1", Message: "Pushed."}}
	build := chosen("s2i").Obj()
	told := func(image string, err error) seen {
		s := under(builders.MakeRunJob("x", "team").Obj())
		s.told, s.untold = image, err
		return s
	}
	p := planAt(time.Minute, build, told(builders.Image, nil), pushed)
	check(t, p, yes, v1alpha1.BuildPhaseComplete, v1alpha1.ReasonBuildSucceeded, "Pushed.")
	assert.Equal(t, builders.Image, p.status.ImageReference)

	silent := &registry.Error{Reason: registry.Unreachable, Message: "No answer.", Temporary: true}
	p = planAt(time.Minute, build, told("", silent), pushed)
	check(t, p, unknown, v1alpha1.BuildPhaseRunning, v1alpha1.ReasonRegistryUnreachable, "No answer. It is tried again.")
	assert.ErrorIs(t, p.retry, silent)
	p = planAt(15*time.Minute+grace, build, told("", silent), pushed)
	check(t, p, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBuildResultInvalid, "The build pushed registry.example.com/x:1")
	missing := &registry.Error{Reason: registry.NotFound, Message: "There is no such tag."}
	p = planAt(time.Minute, build, told("", missing), pushed)
	check(t, p, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBuildResultInvalid, "There is no such tag.")
}

func TestANameThatSomebodyElseHasIsWaitedForUntilTheTimeIsUp(t *testing.T) {
	taken := errors.New("image-builder-1 belongs to somebody else; delete it")
	p := planAt(time.Minute, begun().Obj(), seen{foreign: taken}, &strategy{name: "job"})
	check(t, p, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonBuilderWaiting, "belongs to somebody else; delete it. It is tried again.")
	assert.ErrorIs(t, p.retry, taken)
	p = planAt(15*time.Minute+grace, begun().Obj(), seen{foreign: taken}, &strategy{name: "job"})
	check(t, p, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBuilderWaiting, "belongs to somebody else; delete it.")
	assert.NoError(t, p.retry)
}

func TestAChildThatWasDeletedIsMadeAgainAFewTimes(t *testing.T) {
	job := &strategy{name: "job"}
	named := func(retries int32) *v1alpha1.NotebookBuild {
		return resolved().Running().Status(func(s *v1alpha1.NotebookBuildStatus) { s.Retries, s.ChildName = retries, "image-builder-1" }).Obj()
	}
	p := planAt(time.Minute, named(0), seen{vanished: true}, job)
	assert.Equal(t, v1alpha1.ReasonBuildRetrying, succeeded(t, p).Reason)
	assert.Contains(t, succeeded(t, p).Message, "image-builder-1 was deleted")
	assert.Equal(t, int32(1), p.status.Retries)
	check(t, planAt(time.Minute, named(3), seen{vanished: true}, job), no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBuildCancelled, "begun 4 times")
	check(t, planAt(time.Hour, named(0), seen{}, job), no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBuildTimeout, "within its timeout")
}
