package e2e

import (
	"context"
	"flag"
	"fmt"
	"testing"

	shipwrightv1beta1 "github.com/shipwright-io/build/pkg/apis/build/v1beta1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
)

var buildsInARow = flag.Int("builds", 5, "how many builds with Tekton follow one another")

var (
	tektonBuilder = builder{
		strategy: kit.Tekton, list: &tektonv1.PipelineRunList{}, children: childrenOf[*tektonv1.PipelineRun], container: "step-build",
	}
	shipwrightBuilder = builder{
		strategy: kit.Shipwright, list: &shipwrightv1beta1.BuildRunList{}, children: childrenOf[*shipwrightv1beta1.BuildRun], container: "step-build",
		podLabel: shipwrightv1beta1.LabelBuildRun,
	}
)

// This test runs alone: it adds build systems to the cluster and takes them away, while one operator runs. Everything that
// needs them is part of it.
func TestBuildSystemsComeBuildAndGo(t *testing.T) {
	onlyOnOwnCluster(t, "what builds there is not this test's to take away")
	require.NoError(t, cluster.Remove(t.Context(), kit.Tekton))
	t.Cleanup(func() { require.NoError(t, cluster.Remove(context.Background(), kit.Tekton)) })
	s := newScene(t, kit.Baseline, "colours")
	before, err := cluster.Incarnation(s.ctx)
	require.NoError(t, err)

	requireStrategy(t, s, "before", "job")
	waits := awaitUnavailable(t, s, "waits")
	require.NoError(t, cluster.Install(s.ctx, kit.Tekton))
	// A build that waited tells that the operator has noticed.
	waits = s.end(t, waits)
	requireBuilt(t, s, waits)
	require.Equal(t, kit.Tekton, waits.Status.BuildStatus.Strategy)
	requireStrategy(t, s, "while", kit.Tekton)

	t.Run("Tekton", tektonBuilds)
	t.Run("Tekton, ten at a time", func(t *testing.T) { tenAtATime(t, tektonBuilder) })
	require.NoError(t, cluster.Install(s.ctx, kit.Shipwright))
	require.NoError(t, cluster.InstallShipwrightStrategy(s.ctx))
	requireNoticed(t, s)
	t.Run("Shipwright", shipwrightBuilds)

	require.NoError(t, cluster.Remove(s.ctx, kit.Tekton))
	awaitUnavailable(t, s, "waits-again")
	requireStrategy(t, s, "after", "job")
	ended, err := cluster.Incarnation(s.ctx)
	require.NoError(t, err)
	assert.Equal(t, before, ended, "the operator was restarted")
}

// requireNoticed has a job built with Shipwright, which may not have noticed its new strategy at the first try. Those that
// follow find it at once.
func requireNoticed(t *testing.T, s *scene) {
	t.Helper()
	job := s.validate(t, s.job("noticed", "heights.ipynb", kit.BuildWith(kit.Shipwright), kit.Alone))
	requireBuilt(t, s, job)
	require.Equal(t, kit.Shipwright, job.Status.BuildStatus.Strategy)
}

// requireStrategy checks which build system "auto" takes.
func requireStrategy(t *testing.T, s *scene, name, strategy string) {
	t.Helper()
	job := s.validate(t, s.job(name, "heights.ipynb", kit.BuildWith("auto"), kit.Alone))
	requireBuilt(t, s, job)
	require.Equal(t, strategy, job.Status.BuildStatus.Strategy)
}

// awaitUnavailable makes a job that names Tekton and returns when it is told that there is none.
func awaitUnavailable(t *testing.T, s *scene, name string) *v1alpha1.NotebookValidationJob {
	t.Helper()
	job := s.job(name, "heights.ipynb", kit.BuildWith(kit.Tekton), kit.Alone)
	s.create(t, job)
	s.await(t, "the message that there is no Tekton", func() bool {
		builds := s.Builds(name)
		return len(builds) == 1 && buildReason(builds[0]) == v1alpha1.ReasonStrategyUnavailable
	})
	assert.False(t, kit.Ended(s.Job(name)), "what is not installed yet is waited for")
	return job
}

func tektonBuilds(t *testing.T) {
	for name, test := range map[string]func(*testing.T, builder){
		"runs a notebook in the image that its requirements ask for": seedScenario,
		"fails at what pip cannot find":                              buildFails,
		"build that does not end is stopped":                         buildTimesOut,
		"deleted job stops its build":                                deletedJobStopsItsBuild,
		"changed job stops its build and begins another":             changedJobBuildsAnew,
		"registry that refuses the password":                         registryRefusesThePassword,
		"private repositories":                                       privateRepositories,
		"one after the other":                                        oneAfterTheOther,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, tektonBuilder)
		})
	}
}

func shipwrightBuilds(t *testing.T) {
	for name, test := range map[string]func(*testing.T, builder){
		"runs a notebook in the image that its requirements ask for": seedScenario,
		"fails at what pip cannot find":                              buildFails,
		"build that does not end is stopped":                         buildTimesOut,
		"deleted job stops its build":                                deletedJobStopsItsBuild,
		"registry that refuses the password":                         registryRefusesThePassword,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, shipwrightBuilder)
		})
	}
}

func privateRepositories(t *testing.T, b builder) {
	t.Helper()
	s, https, ssh := privateScene(t)
	for name, tc := range map[string]change{"https": from(https, passwordSecret), "ssh": from(ssh, sshSecret)} {
		job := s.validate(t, s.job(name, "heights.ipynb", b.build(), kit.Alone, tc))
		requireBuilt(t, s, job)
		assert.Equal(t, b.strategy, job.Status.BuildStatus.Strategy)
		assert.Equal(t, s.commit, job.Status.BuildStatus.Commit)
	}
}

func oneAfterTheOther(t *testing.T, b builder) {
	t.Helper()
	s := b.sceneIn(t, "colours")
	for i := range *buildsInARow {
		job := s.job(fmt.Sprintf("heights-%d", i+1), "heights.ipynb", b.build(), kit.Alone)
		requireBuiltApart(t, b, s, s.validate(t, job))
	}
}

// tenAtATime is as many as the operator has under way, in two namespaces since one may have half of them. It runs alone: the
// builds of other tests would take their places.
func tenAtATime(t *testing.T, b builder) {
	t.Helper()
	first, second := b.sceneIn(t, "colours"), b.sceneIn(t, "colours")
	const each = 5
	for i := range each {
		for _, s := range []*scene{first, second} {
			s.create(t, s.job(fmt.Sprintf("heights-%d", i+1), "heights.ipynb", b.build(), kit.Alone))
		}
	}
	for i := range each {
		for _, s := range []*scene{first, second} {
			requireBuiltApart(t, b, s, s.end(t, s.job(fmt.Sprintf("heights-%d", i+1), "heights.ipynb")))
		}
	}
	assert.Equal(t, 2*each, kit.MostUnderWay(first.Recorder, second.Recorder), "all were under way at one moment")
}

// requireBuiltApart checks a job that is one of many of its kind.
func requireBuiltApart(t *testing.T, b builder, s *scene, job *v1alpha1.NotebookValidationJob) {
	t.Helper()
	requireBuilt(t, s, job)
	require.Equal(t, b.strategy, job.Status.BuildStatus.Strategy)
	require.Len(t, b.children(s, job.Name), 1)
	figures.add("build with "+b.strategy+", beside other tests", job.Status.BuildStatus.Duration.Duration)
}
