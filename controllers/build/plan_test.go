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
	"k8s.io/apimachinery/pkg/runtime/schema"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/settings"
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
	name       string
	outcome    buildstrategy.Outcome
	childErr   error
	companions []client.Object
	inputs     []buildstrategy.Inputs
}

func (s *strategy) Name() string                                     { return s.name }
func (s *strategy) Kind() schema.GroupVersionKind                    { return batchv1.SchemeGroupVersion.WithKind("Job") }
func (s *strategy) NewChild() client.Object                          { return &batchv1.Job{} }
func (s *strategy) NewParts() client.ObjectList                      { return nil }
func (s *strategy) Selector(client.Object) map[string]string         { return nil }
func (s *strategy) Companions(buildstrategy.Inputs) []client.Object  { return s.companions }
func (s *strategy) Outcome(buildstrategy.Seen) buildstrategy.Outcome { return s.outcome }

func (s *strategy) Child(in buildstrategy.Inputs) (client.Object, error) {
	s.inputs = append(s.inputs, in)
	return builders.MakeRunJob(in.Name, in.Namespace).Obj(), s.childErr
}

func (s *strategy) Ended(child client.Object) bool {
	return len(child.(*batchv1.Job).Status.Conditions) > 0
}

var operator = settings.Settings{
	OperatorImage: "registry.example.com/operator:1", BaseImage: "docker.io/library/python:3.12", BuilderImage: "registry.example.com/buildah:1",
	Registry: v1alpha1.ImageRegistry{Repository: "registry.example.com/notebooks", PushSecret: "push", Insecure: true},
}

func planAt(after time.Duration, build *v1alpha1.NotebookBuild, s seen, strategies ...buildstrategy.Strategy) plan {
	clock := clocktesting.NewFakePassiveClock(builders.Epoch.Add(after))
	s.strategies = append(s.strategies, strategies...)
	return planner{settings: operator, now: clock.Now()}.plan(build, s)
}

func fresh() *builders.BuildBuilder    { return builders.MakeBuild("image", "team") }
func resolved() *builders.BuildBuilder { return fresh().Resolved(builders.Commit) }
func begun() *builders.BuildBuilder    { return resolved().Begun() }

// chosen has a build system at work.
func chosen(strategy string) *builders.BuildBuilder {
	return resolved().Running().Status(func(s *v1alpha1.NotebookBuildStatus) { s.Strategy = strategy })
}

// under has a child of a build be seen.
func under(child object) seen { return seen{child: buildstrategy.Seen{Child: child}} }

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
	if s != yes {
		assert.Empty(t, p.status.ImageReference)
	}
}

func TestTheChildIsMadeOfWhatWasRecorded(t *testing.T) {
	tolerations := []corev1.Toleration{{Key: "builds"}}
	build := begun().Timeout(time.Hour).Spec(func(s *v1alpha1.NotebookBuildSpec) {
		s.Git.CredentialsSecret, s.Git.InsecureIgnoreHostKey, s.Git.Ref = "git", true, "moved-since"
		s.ServiceAccountName, s.NodeSelector, s.Tolerations = "pipeline", map[string]string{"disk": "fast"}, tolerations
	}).Obj()
	build.Labels = map[string]string{v1alpha1.LabelJob: "iris"}
	s := &strategy{name: "job"}
	p := planAt(10*time.Minute+time.Millisecond, build, seen{dockerfile: "FROM x"}, s)
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
		Annotations:  map[string]string{v1alpha1.AnnotationBuild: "image"},
		NotebookPath: "tier1/iris.ipynb", BaseImage: builders.BaseImage, ContextDir: ".",
		DockerfileConfigMap: naming.Dockerfile(build), DockerfileKey: "Dockerfile", DockerfileText: "FROM x",
		ServiceAccountName: "pipeline", NodeSelector: map[string]string{"disk": "fast"}, Tolerations: tolerations,
		ImageLabels: []buildstrategy.ImageLabel{
			{Name: "dev.mlops.notebook-validator.environment-hash", Value: builders.Hash},
			{Name: "org.opencontainers.image.base.digest", Value: "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"},
			{Name: "org.opencontainers.image.base.name", Value: "docker.io/library/python"},
			{Name: "org.opencontainers.image.revision", Value: builders.Commit},
			{Name: "org.opencontainers.image.source", Value: build.Spec.Git.URL},
		},
		Image:        "registry.example.com/notebooks/team:" + naming.ImageTag(build),
		Registry:     buildstrategy.Registry{PushSecret: "push", Insecure: true},
		BuilderImage: "registry.example.com/buildah:1", OperatorImage: "registry.example.com/operator:1",
		Timeout: 49*time.Minute + 59*time.Second,
	}, s.inputs[0])
}

func TestTheChildOfARepositorysOwnDockerfile(t *testing.T) {
	build := begun().Status(func(s *v1alpha1.NotebookBuildStatus) {
		s.Environment = &v1alpha1.Environment{Source: "Dockerfile", Path: "docker/Dockerfile", ContextDir: "docker"}
	}).Spec(func(s *v1alpha1.NotebookBuildSpec) { s.Git.URL = "https://me:secret@git.example.com/x" }).Obj()
	s := &strategy{name: "job"}
	planAt(0, build, seen{}, s)
	assert.Equal(t, "docker/Dockerfile", s.inputs[0].DockerfilePath)
	assert.Equal(t, "docker", s.inputs[0].ContextDir)
	assert.Empty(t, s.inputs[0].BaseImage)
	labels := fmt.Sprint(s.inputs[0].ImageLabels)
	assert.NotContains(t, labels, "secret")
	assert.NotContains(t, labels, "base.digest")
}

func TestABuildThatCannotBeStarted(t *testing.T) {
	job := &strategy{name: "job"}
	tests := map[string]struct {
		build        *builders.BuildBuilder
		strategies   []buildstrategy.Strategy
		after        time.Duration
		status       metav1.ConditionStatus
		reason, says string
		requeue      time.Duration
	}{
		"nobody says where images go":      {begun(), []buildstrategy.Strategy{&strategy{name: "job", childErr: buildstrategy.ErrNoRegistry}}, 0, no, v1alpha1.ReasonRegistryNotConfigured, "Set buildConfig.registry.repository", 0},
		"the inputs can never be built":    {begun(), []buildstrategy.Strategy{&strategy{name: "job", childErr: errors.New("no such tag")}}, 0, no, v1alpha1.ReasonBuildConfigInvalid, "cannot be started: no such tag.", 0},
		"the Dockerfile is lost":           {begun(), []buildstrategy.Strategy{job}, 0, no, v1alpha1.ReasonBuilderFailed, "lost. Change spec.rerun", 0},
		"the deadline is over":             {begun(), []buildstrategy.Strategy{job}, 16 * time.Minute, no, v1alpha1.ReasonBuildTimeout, "Raise buildConfig.timeout", 0},
		"no second is left":                {begun(), []buildstrategy.Strategy{job}, 15*time.Minute - 900*time.Millisecond, no, v1alpha1.ReasonBuildTimeout, "Raise buildConfig.timeout", 0},
		"the cluster has no build system":  {resolved(), nil, 5 * time.Minute, unknown, v1alpha1.ReasonStrategyUnavailable, "no way to build", 10 * time.Minute},
		"nor has it at the deadline":       {resolved().Condition(v1alpha1.ConditionSucceeded, unknown, v1alpha1.ReasonStrategyUnavailable, "x"), nil, 15 * time.Minute, no, v1alpha1.ReasonStrategyUnavailable, "no way to build", 0},
		"it never had a look until then":   {resolved(), nil, time.Hour, unknown, v1alpha1.ReasonStrategyUnavailable, "no way to build", grace},
		"it lacks the one that was named":  {resolved().Spec(func(s *v1alpha1.NotebookBuildSpec) { s.Strategy = "tekton" }), []buildstrategy.Strategy{job}, 0, unknown, v1alpha1.ReasonStrategyUnavailable, `"tekton" is not available`, 15 * time.Minute},
		"it lacks the one that was chosen": {begun().Status(func(s *v1alpha1.NotebookBuildStatus) { s.Strategy = "tekton" }), []buildstrategy.Strategy{job}, 0, unknown, v1alpha1.ReasonStrategyUnavailable, `"tekton" is not available`, 15*time.Minute + grace},
		"the one that was chosen is gone":  {begun().Status(func(s *v1alpha1.NotebookBuildStatus) { s.Strategy = "tekton" }), []buildstrategy.Strategy{job}, 15*time.Minute + grace, no, v1alpha1.ReasonStrategyUnavailable, `"tekton" is not available`, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := seen{}
			if name == "the Dockerfile is lost" {
				s.lost = "It is lost."
			}
			out := planAt(test.after, test.build.Obj(), s, test.strategies...)
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
	p := planAt(0, begun().Obj(), seen{}, first, second)
	assert.Equal(t, "job", p.status.Strategy, "also when a better one came since")
	assert.Empty(t, first.inputs)
	assert.Len(t, second.inputs, 1)
	auto := planAt(0, resolved().Obj(), seen{fleet: list(resolved())}, first, second)
	assert.Equal(t, "tekton", auto.status.Strategy)
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
			"the child ended badly":    under(builders.MakeRunJob("x", "team").Obj()),
			"the server is in trouble": {resolution: &resolution{err: errors.New("no")}},
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

func TestWhatHasToBeThereBeforeTheChildIsMadeWithIt(t *testing.T) {
	stream := &corev1.ConfigMap{}
	p := planAt(0, begun().Obj(), seen{}, &strategy{name: "job", companions: []client.Object{stream}})
	assert.Equal(t, []object{stream}, p.companions)
}

func TestAWorkThatHasBegunWaitsForTheBuildSystemsToBeFoundOut(t *testing.T) {
	build := begun().Status(func(s *v1alpha1.NotebookBuildStatus) { s.Strategy = "tekton" }).Obj()
	p := planAt(time.Minute, build, seen{settling: true}, &strategy{name: "job"})
	assert.Equal(t, build.Status, p.status)
}

func TestAPlanOfItsOwnOutcomeIsTheSame(t *testing.T) {
	child := builders.MakeRunJob("x", "team").Obj()
	run := &strategy{name: "job", outcome: buildstrategy.Outcome{Phase: buildstrategy.Running, Message: "Step 3."}}
	for name, test := range map[string]struct {
		build *v1alpha1.NotebookBuild
		seen  seen
	}{
		"a server that does not answer": {fresh().Obj(), seen{resolution: &resolution{err: errors.New("no answer")}}},
		"a child to make":               {begun().Obj(), seen{}},
		"a child under way":             {begun().Obj(), under(child)},
		"a place in the queue":          {resolved().Obj(), seen{fleet: crowd(10)}},
		"another build to wait for":     {resolved().Created(time.Second).Obj(), seen{fleet: []v1alpha1.NotebookBuild{*other("first").Obj()}}},
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
	planAt(time.Hour, build, under(builders.MakeRunJob("x", "team").Obj()), &strategy{name: "job", outcome: buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: "R"}})
	assert.Equal(t, before, build)
}
