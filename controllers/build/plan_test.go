package build

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/settings"
	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/status"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

const (
	unknown = metav1.ConditionUnknown
	yes     = metav1.ConditionTrue
	no      = metav1.ConditionFalse
)

// strategy answers as a case tells it to, and keeps what it was asked to build.
type strategy struct {
	name     string
	outcome  buildstrategy.Outcome
	childErr error
	inputs   []buildstrategy.Inputs
}

func (s *strategy) Name() string            { return s.name }
func (s *strategy) NewChild() client.Object { return &batchv1.Job{} }

func (s *strategy) Child(in buildstrategy.Inputs) (client.Object, error) {
	s.inputs = append(s.inputs, in)
	return builders.MakeRunJob(in.Name, in.Namespace).Obj(), s.childErr
}

func (s *strategy) Ended(child client.Object) bool {
	return len(child.(*batchv1.Job).Status.Conditions) > 0
}

func (s *strategy) Outcome(client.Object, []corev1.Pod, string) buildstrategy.Outcome {
	return s.outcome
}

var operator = settings.Settings{
	OperatorImage: "registry.example.com/operator:1", BaseImage: "docker.io/library/python:3.12", BuilderImage: "registry.example.com/buildah:1",
	Registry: v1alpha1.ImageRegistry{Repository: "registry.example.com/notebooks", PushSecret: "push", Insecure: true},
}

func planAt(after time.Duration, build *v1alpha1.NotebookBuild, s seen, strategies ...buildstrategy.Strategy) plan {
	clock := clocktesting.NewFakePassiveClock(builders.Epoch.Add(after))
	return planner{settings: operator, strategies: strategies, now: clock.Now()}.plan(build, s)
}

func fresh() *builders.BuildBuilder    { return builders.MakeBuild("image", "team") }
func resolved() *builders.BuildBuilder { return fresh().Resolved(builders.Commit) }

func succeeded(t *testing.T, p plan) metav1.Condition {
	t.Helper()
	c := status.Current(p.status.Conditions, v1alpha1.ConditionSucceeded, 1)
	require.NotNil(t, c)
	return *c
}

// check holds what a plan says of the build as a whole.
func check(t *testing.T, p plan, s metav1.ConditionStatus, phase v1alpha1.BuildPhase, reason, says string) {
	t.Helper()
	c := succeeded(t, p)
	assert.Equal(t, s, c.Status, c.Message)
	assert.Equal(t, reason, c.Reason)
	assert.Contains(t, c.Message, says)
	assert.Equal(t, phase, p.status.Phase)
	assert.Equal(t, s != unknown, p.status.CompletionTime != nil)
	assert.Equal(t, int64(1), p.status.ObservedGeneration)
	assert.NotNil(t, p.status.StartTime)
	if s != yes {
		assert.Empty(t, p.status.ImageReference)
	}
}

func TestASourceThatIsResolvedIsRecordedInOneStep(t *testing.T) {
	found := environment.Environment{
		Source: environment.NotebookDirectory, Path: "tier1/requirements.txt", Why: "It lies beside the notebook.",
		BaseImage: "docker.io/library/python:3.12", Dockerfile: "FROM docker.io/library/python:3.12\n",
	}
	build := fresh().Obj()
	p := planAt(time.Minute, build, seen{commit: builders.Commit, environment: found})
	check(t, p, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonBuildPending, "the build is next")
	assert.Equal(t, builders.Commit, p.status.Commit)
	assert.Equal(t, &v1alpha1.Environment{
		Source: "NotebookDirectory", Path: "tier1/requirements.txt", Message: "It lies beside the notebook.",
		BaseImage: "docker.io/library/python:3.12", DockerfileConfigMap: naming.Dockerfile(build),
	}, p.status.Environment)
	for _, kind := range []string{v1alpha1.ConditionSourceResolved, v1alpha1.ConditionEnvironmentResolved} {
		assert.True(t, status.IsTrue(p.status.Conditions, kind, 1), kind)
	}
	require.NotNil(t, p.applyDockerfile)
	assert.Equal(t, naming.Dockerfile(build), p.applyDockerfile.Name)
	assert.Equal(t, map[string]string{"Dockerfile": found.Dockerfile}, p.applyDockerfile.Data)
	assert.Equal(t, v1alpha1.ManagedBy, p.applyDockerfile.Labels[v1alpha1.LabelManagedBy])
	assert.Nil(t, p.createChild, "one thing at a time")
	assert.Equal(t, builders.At(time.Minute).Time, p.status.StartTime.UTC())
}

func TestTheRepositorysOwnDockerfileNeedsNoConfigMap(t *testing.T) {
	p := planAt(0, fresh().Obj(), seen{commit: builders.Commit, environment: environment.Environment{Source: environment.Dockerfile, Path: "docker/Dockerfile", Why: "It was asked for."}})
	assert.Nil(t, p.applyDockerfile)
	assert.Equal(t, &v1alpha1.Environment{Source: "Dockerfile", Path: "docker/Dockerfile", Message: "It was asked for."}, p.status.Environment)
}

func TestASourceThatCannotBeResolved(t *testing.T) {
	temporary := &source.Error{Reason: source.SourceUnreachable, Message: "The server does not answer.", Temporary: true}
	permanent := &source.Error{Reason: source.RefNotFound, Message: `The repository has no branch "mian".`}
	missing := &environment.Error{Reason: environment.RequirementsNotFound, Message: "The repository has no requirements.txt."}
	sourceResolved, environmentResolved := v1alpha1.ConditionSourceResolved, v1alpha1.ConditionEnvironmentResolved
	tests := map[string]struct {
		err          error
		after        time.Duration
		status       metav1.ConditionStatus
		phase        v1alpha1.BuildPhase
		reason, says string
		condition    string
		why          string
	}{
		"a server that does not answer is tried again":    {temporary, 0, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonResolving, "does not answer. It is tried again.", sourceResolved, v1alpha1.ReasonSourceUnreachable},
		"until just before the deadline":                  {temporary, 15*time.Minute - time.Second, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonResolving, "It is tried again.", sourceResolved, v1alpha1.ReasonSourceUnreachable},
		"and no longer":                                   {temporary, 15 * time.Minute, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonSourceUnreachable, "The server does not answer.", sourceResolved, v1alpha1.ReasonSourceUnreachable},
		"a ref that is not there fails at once":           {permanent, 0, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonRefNotFound, `no branch "mian"`, sourceResolved, v1alpha1.ReasonRefNotFound},
		"also where the error is wrapped":                 {fmt.Errorf("resolve: %w", permanent), 0, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonRefNotFound, `no branch "mian"`, sourceResolved, v1alpha1.ReasonRefNotFound},
		"an error of unknown kind may pass":               {errors.New("what is this"), 0, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonResolving, "what is this. It is tried again.", sourceResolved, v1alpha1.ReasonSourceUnreachable},
		"requirements that are not there fail the build":  {missing, 0, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonRequirementsNotFound, "no requirements.txt", environmentResolved, v1alpha1.ReasonRequirementsNotFound},
		"requirements that are not there, long afterward": {missing, time.Hour, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonRequirementsNotFound, "no requirements.txt", environmentResolved, v1alpha1.ReasonRequirementsNotFound},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := planAt(test.after, fresh().Obj(), seen{resolveErr: test.err}, &strategy{name: "job"})
			check(t, p, test.status, test.phase, test.reason, test.says)
			c := status.Current(p.status.Conditions, test.condition, 1)
			require.NotNil(t, c)
			assert.Equal(t, test.status, c.Status)
			assert.Equal(t, test.why, c.Reason)
			assert.Equal(t, test.status == unknown, p.retry != nil, "a decision is not tried again")
			assert.Empty(t, p.status.Commit)
			assert.Nil(t, p.applyDockerfile)
			assert.Nil(t, p.createChild)
		})
	}
}

func TestTheSamePassingTroubleIsWrittenOnce(t *testing.T) {
	trouble := func(reason source.Reason, message string) seen {
		return seen{resolveErr: &source.Error{Reason: reason, Message: message, Temporary: true}}
	}
	build := fresh().Obj()
	build.Status = planAt(0, build, trouble(source.SourceUnreachable, "reset by peer, from port 41234")).status
	before := build.Status.DeepCopy()
	again := planAt(time.Minute, build, trouble(source.SourceUnreachable, "reset by peer, from port 41235"))
	assert.Equal(t, *before, again.status, "else every write brings the next try, with no back-off")
	assert.Error(t, again.retry)

	other := planAt(time.Minute, build, trouble(source.CredentialsInvalid, "no such Secret"))
	assert.Contains(t, succeeded(t, other).Message, "no such Secret", "another trouble is told")
	last := planAt(time.Hour, build, trouble(source.SourceUnreachable, "reset by peer, from port 41236"))
	assert.Contains(t, succeeded(t, last).Message, "41236")
}

func TestTheDeadlineIsCountedFromTheCreationOfTheBuild(t *testing.T) {
	assert.Equal(t, builders.Epoch.Add(15*time.Minute), deadline(fresh().Obj()).UTC())
	assert.Equal(t, builders.Epoch.Add(2*time.Hour), deadline(fresh().Timeout(2*time.Hour).Obj()).UTC())
	p := planAt(time.Hour, fresh().Timeout(2*time.Hour).Obj(), seen{resolveErr: errors.New("x")})
	assert.Equal(t, unknown, succeeded(t, p).Status)
}

func TestTheChildIsMadeOfWhatWasRecorded(t *testing.T) {
	build := resolved().Timeout(time.Hour).Spec(func(s *v1alpha1.NotebookBuildSpec) {
		s.Git.CredentialsSecret, s.Git.InsecureIgnoreHostKey, s.Git.Ref = "git", true, "moved-since"
	}).Obj()
	build.Labels = map[string]string{v1alpha1.LabelJob: "iris"}
	s := &strategy{name: "job"}
	p := planAt(10*time.Minute+time.Millisecond, build, seen{}, s)
	require.NotNil(t, p.createChild)
	assert.Equal(t, naming.BuildChild(build), p.createChild.GetName())
	check(t, p, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonBuilding, "being started")
	assert.Equal(t, "job", p.status.Strategy)
	require.Len(t, s.inputs, 1)
	assert.Equal(t, buildstrategy.Inputs{
		Name: naming.BuildChild(build), Namespace: "team",
		Labels: map[string]string{
			v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelComponent: "build", v1alpha1.LabelBuild: "image",
			v1alpha1.LabelOwnerUID: string(build.UID), v1alpha1.LabelJob: "iris",
		},
		Source: buildstrategy.Source{
			URL: build.Spec.Git.URL, Ref: "moved-since", Commit: builders.Commit, CredentialsSecret: "git", InsecureIgnoreHostKey: true,
		},
		NotebookPath: "tier1/iris.ipynb", BaseImage: "docker.io/library/python:3.12",
		DockerfileConfigMap: naming.Dockerfile(build), DockerfileKey: "Dockerfile",
		Image:        "registry.example.com/notebooks/team:" + naming.ImageTag(build),
		Registry:     buildstrategy.Registry{PushSecret: "push", Insecure: true},
		BuilderImage: "registry.example.com/buildah:1", OperatorImage: "registry.example.com/operator:1",
		Timeout: 49*time.Minute + 59*time.Second,
	}, s.inputs[0])
}

func TestTheChildOfARepositorysOwnDockerfile(t *testing.T) {
	build := resolved().Status(func(s *v1alpha1.NotebookBuildStatus) {
		s.Environment = &v1alpha1.Environment{Source: "Dockerfile", Path: "docker/Dockerfile"}
	}).Obj()
	s := &strategy{name: "job"}
	planAt(0, build, seen{}, s)
	assert.Equal(t, "docker/Dockerfile", s.inputs[0].DockerfilePath)
	assert.Empty(t, s.inputs[0].DockerfileConfigMap)
	assert.Empty(t, s.inputs[0].BaseImage)
}

func TestABuildThatCannotBeStarted(t *testing.T) {
	job := &strategy{name: "job"}
	tests := map[string]struct {
		build        *builders.BuildBuilder
		strategies   []buildstrategy.Strategy
		settings     func(*settings.Settings)
		after        time.Duration
		status       metav1.ConditionStatus
		reason, says string
		requeue      time.Duration
	}{
		"nobody says where images go":      {resolved(), []buildstrategy.Strategy{job}, func(s *settings.Settings) { s.Registry = v1alpha1.ImageRegistry{} }, 0, no, v1alpha1.ReasonRegistryNotConfigured, "Set buildConfig.registry.repository", 0},
		"the inputs can never be built":    {resolved(), []buildstrategy.Strategy{&strategy{name: "job", childErr: errors.New("no such tag")}}, nil, 0, no, v1alpha1.ReasonBuildFailed, "cannot be started: no such tag.", 0},
		"the deadline is over":             {resolved(), []buildstrategy.Strategy{job}, nil, 16 * time.Minute, no, v1alpha1.ReasonBuildTimeout, "Raise buildConfig.timeout", 0},
		"no second is left":                {resolved(), []buildstrategy.Strategy{job}, nil, 15*time.Minute - 900*time.Millisecond, no, v1alpha1.ReasonBuildTimeout, "Raise buildConfig.timeout", 0},
		"the cluster has no build system":  {resolved(), nil, nil, 5 * time.Minute, unknown, v1alpha1.ReasonStrategyUnavailable, "no way to build", 10 * time.Minute},
		"nor has it at the deadline":       {resolved(), nil, nil, 15 * time.Minute, no, v1alpha1.ReasonStrategyUnavailable, "no way to build", 0},
		"it lacks the one that was named":  {resolved().Spec(func(s *v1alpha1.NotebookBuildSpec) { s.Strategy = "tekton" }), []buildstrategy.Strategy{job}, nil, 0, unknown, v1alpha1.ReasonStrategyUnavailable, `"tekton" is not available`, 15 * time.Minute},
		"it lacks the one that was chosen": {resolved().Status(func(s *v1alpha1.NotebookBuildStatus) { s.Strategy = "tekton" }), []buildstrategy.Strategy{job}, nil, 0, unknown, v1alpha1.ReasonStrategyUnavailable, `"tekton" is not available`, 15 * time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := planner{settings: operator, strategies: test.strategies, now: builders.Epoch.Add(test.after)}
			if test.settings != nil {
				test.settings(&p.settings)
			}
			out := p.plan(test.build.Obj(), seen{})
			phase := v1alpha1.BuildPhasePending
			if test.status == no {
				phase = v1alpha1.BuildPhaseFailed
			}
			check(t, out, test.status, phase, test.reason, test.says)
			assert.Nil(t, out.createChild)
			assert.Equal(t, test.requeue, out.requeueAfter)
		})
	}
}

func TestTheStrategyThatWasChosenIsKept(t *testing.T) {
	first, second := &strategy{name: "tekton"}, &strategy{name: "job"}
	p := planAt(0, resolved().Status(func(s *v1alpha1.NotebookBuildStatus) { s.Strategy = "job" }).Obj(), seen{}, first, second)
	assert.Equal(t, "job", p.status.Strategy, "also when a better one came since")
	assert.Empty(t, first.inputs)
	assert.Len(t, second.inputs, 1)
	auto := planAt(0, resolved().Obj(), seen{}, first, second)
	assert.Equal(t, "tekton", auto.status.Strategy)
}

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
		"runs beyond the time that its own deadline ends": {buildstrategy.Outcome{Phase: buildstrategy.Running, Message: "Step 4."}, unknown, v1alpha1.BuildPhaseRunning, v1alpha1.ReasonBuilding, "Step 4.", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := planAt(20*time.Minute, resolved().Running().Obj(), seen{child: child}, &strategy{name: "job", outcome: test.outcome})
			check(t, p, test.status, test.phase, test.reason, test.says)
			assert.Equal(t, test.image, p.status.ImageReference)
			assert.Equal(t, "image-builder-1", p.status.ChildName)
			assert.Equal(t, test.cancelled, p.deleteChild != nil)
			assert.Nil(t, p.createChild, "exactly one child")
			assert.Equal(t, builders.At(0), *p.status.StartTime)
		})
	}
}

func TestADecisionStays(t *testing.T) {
	job := &strategy{name: "job", outcome: buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: buildstrategy.PushFailed}}
	for name, build := range map[string]*v1alpha1.NotebookBuild{
		"well":                      resolved().Complete(builders.Image).Obj(),
		"badly":                     resolved().Failed(v1alpha1.ReasonPushFailed, "no").Obj(),
		"before there was a commit": fresh().Failed(v1alpha1.ReasonRefNotFound, "no").Obj(),
	} {
		for what, s := range map[string]seen{
			"the child is gone":        {},
			"the child ended badly":    {child: builders.MakeRunJob("x", "team").Obj()},
			"the server is in trouble": {resolveErr: errors.New("no")},
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				p := planAt(time.Hour, build, s, job)
				assert.False(t, status.Owned[v1alpha1.NotebookBuildStatus]{Before: build.Status, After: p.status}.Changed())
				assert.Nil(t, p.createChild)
				assert.Nil(t, p.deleteChild)
				assert.NoError(t, p.retry)
				assert.Zero(t, p.requeueAfter)
			})
		}
	}
}

func TestAChildThatWasDeletedIsMadeAgainUntilTheDeadline(t *testing.T) {
	s := &strategy{name: "job"}
	assert.NotNil(t, planAt(time.Minute, resolved().Running().Obj(), seen{}, s).createChild)
	check(t, planAt(time.Hour, resolved().Running().Obj(), seen{}, s), no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBuildTimeout, "within its timeout")
}

func TestAPlanOfItsOwnOutcomeIsTheSame(t *testing.T) {
	child := builders.MakeRunJob("x", "team").Obj()
	run := &strategy{name: "job", outcome: buildstrategy.Outcome{Phase: buildstrategy.Running, Message: "Step 3."}}
	for name, test := range map[string]struct {
		build *v1alpha1.NotebookBuild
		seen  seen
	}{
		"a server that does not answer": {fresh().Obj(), seen{resolveErr: errors.New("no answer")}},
		"a child to make":               {resolved().Obj(), seen{}},
		"a child under way":             {resolved().Obj(), seen{child: child}},
	} {
		t.Run(name, func(t *testing.T) {
			test.build.Status = planAt(time.Minute, test.build, test.seen, run).status
			again := planAt(2*time.Minute, test.build, test.seen, run)
			assert.False(t, status.Owned[v1alpha1.NotebookBuildStatus]{Before: test.build.Status, After: again.status}.Changed(), "a later clock alone changes nothing")
		})
	}
}

func TestThePlanLeavesWhatItWasGivenAlone(t *testing.T) {
	build := resolved().Running().Obj()
	before := build.DeepCopy()
	planAt(time.Hour, build, seen{child: builders.MakeRunJob("x", "team").Obj()}, &strategy{name: "job", outcome: buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: "R"}})
	assert.Equal(t, before, build)
}
