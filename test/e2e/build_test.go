package e2e

import (
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
)

// The containers of a run and of a build.
const (
	executeContainer = "execute"
	buildContainer   = "build"
)

var wholeWay = []v1alpha1.Phase{
	v1alpha1.PhaseInitializing, v1alpha1.PhaseBuilding, v1alpha1.PhaseBuildComplete, v1alpha1.PhaseValidationRunning, v1alpha1.PhaseSucceeded,
}

func TestNotebookRunsInTheImageThatItsRequirementsAskFor(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Baseline, "colours")
	job := s.validate(t, s.job("heights", "heights.ipynb", kit.Build))

	requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	assert.Equal(t, wholeWay, s.Phases(job.Name, job.Generation), "every phase once and in order")
	requireGated(t, s, job)
	requireWholeImage(t, s, job)

	require.Len(t, job.Status.Results, 4)
	for _, result := range job.Status.Results {
		assert.Equal(t, v1alpha1.CellSuccess, result.Status)
		assert.NotNil(t, result.ExecutionTime)
	}
	assert.Equal(t, "colours 1.1.0 units 1.0.0", cell(t, job, 2).Output)
	assert.Contains(t, cell(t, job, 4).Output, "'Leith Hill': (0, 128, 0)")
	assert.Equal(t, s.commit, job.Status.Validation.Commit)
	assert.Equal(t, "NotebookDirectory", job.Status.Environment.Source)
	assert.Equal(t, "requirements.txt", job.Status.Environment.Path)
	requireReport(t, s, job)
}

// requireGated checks that nothing of a run was there before the gate was open, by the order of the cluster's own state.
func requireGated(t *testing.T, s *scene, job *v1alpha1.NotebookValidationJob) {
	t.Helper()
	open := kit.First(s.Recorder, func(seen *v1alpha1.NotebookValidationJob) bool {
		return seen.Name == job.Name && kit.ConditionTrue(seen, v1alpha1.ConditionBuildReady)
	})
	require.NotNil(t, open, "BuildReady was never True")
	run := kit.First(s.Recorder, func(seen *batchv1.Job) bool { return kit.Of(seen, job.Name, kit.ComponentRun) })
	pod := kit.First(s.Recorder, func(seen *corev1.Pod) bool { return kit.Of(seen, job.Name, kit.ComponentRun) })
	require.NotNil(t, run)
	require.NotNil(t, pod)
	assert.Greater(t, run.Revision, open.Revision, "the run's Job was created before BuildReady was True")
	assert.Greater(t, pod.Revision, open.Revision, "the run's pod was created before BuildReady was True")
	if job.Spec.PodConfig.BuildEnabled() {
		built := kit.First(s.Recorder, func(build *v1alpha1.NotebookBuild) bool {
			return build.Status.Phase == v1alpha1.BuildPhaseComplete && build.Labels[v1alpha1.LabelJob] == job.Name
		})
		require.NotNil(t, built)
		assert.Greater(t, open.Revision, built.Revision, "the gate opened before the build was complete")
		figures.add("gate: build succeeded to run created", run.At.Sub(built.At))
	}
}

// requireWholeImage checks that the notebook ran in the very image that was built.
func requireWholeImage(t *testing.T, s *scene, job *v1alpha1.NotebookValidationJob) {
	t.Helper()
	image := job.Status.BuildStatus.ImageReference
	require.Regexp(t, `^[^@]+@sha256:[0-9a-f]{64}$`, image)
	pods := s.Pods(job.Name, kit.ComponentRun)
	require.Len(t, pods, 1)
	for _, container := range pods[0].Spec.InitContainers {
		if container.Name == executeContainer {
			assert.Equal(t, image, container.Image)
			assert.Equal(t, image, job.Status.Validation.Image)
			return
		}
	}
	t.Errorf("the run's pod has no container %s", executeContainer)
}

// requireReport checks the ConfigMap with the report.
func requireReport(t *testing.T, s *scene, job *v1alpha1.NotebookValidationJob) {
	t.Helper()
	report := &corev1.ConfigMap{}
	require.NoError(t, cluster.Client.Get(s.ctx, client.ObjectKey{Namespace: s.namespace, Name: job.Name + "-report"}, report))
	assert.True(t, metav1.IsControlledBy(report, job))
	assert.Equal(t, report.Name, job.Status.Validation.ReportConfigMap)
	var content struct {
		Verdict, Commit, Image string
		Cells                  []json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(report.Data["report.json"]), &content))
	assert.Equal(t, "Passed", content.Verdict)
	assert.Equal(t, s.commit, content.Commit)
	assert.Equal(t, job.Status.Validation.Image, content.Image)
	assert.Len(t, content.Cells, len(job.Status.Results))
	var suite struct {
		Failures int `xml:"failures,attr"`
		Cases    []struct {
			Name string `xml:"name,attr"`
		} `xml:"testcase"`
	}
	require.NoError(t, xml.Unmarshal([]byte(report.Data["junit.xml"]), &suite))
	cells := 0
	for _, test := range suite.Cases {
		if strings.HasPrefix(test.Name, "cell-") {
			cells++
		}
	}
	assert.Equal(t, len(job.Status.Results), cells)
	assert.Zero(t, suite.Failures)
}

var manyRuns = flag.Int("runs", 10, "how many jobs build and run one notebook, each in an image of its own")

// Many times the whole way from a commit to a verdict, several at once: not one may fail for want of its environment.
func TestNoFalseNegativeInManyRuns(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Baseline, "colours")
	for i := range *manyRuns {
		name := fmt.Sprintf("heights-%d", i+1)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job := s.validate(t, s.job(name, "heights.ipynb", kit.Build, kit.Alone))
			requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
			assert.Equal(t, wholeWay, s.Phases(name, job.Generation))
			requireGated(t, s, job)
			requireWholeImage(t, s, job)
			figures.add("build and run, beside other tests", job.Status.CompletionTime.Sub(job.Status.StartTime.Time))
			figures.add("build, beside other tests", job.Status.BuildStatus.Duration.Duration)
		})
	}
}

func TestSameNotebookWithoutABuildFailsAtItsImport(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Restricted, "colours")
	job := s.validate(t, s.job("heights", "heights.ipynb"))

	requireEnd(t, job, v1alpha1.PhaseFailed, v1alpha1.ReasonCellFailed)
	assert.Equal(t, []v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseValidationRunning, v1alpha1.PhaseFailed}, s.Phases(job.Name, job.Generation))
	requireGated(t, s, job)
	assert.Equal(t, int32(2), *job.Status.Validation.FailedCell)
	failed := cell(t, job, 2)
	assert.Equal(t, "ModuleNotFoundError", failed.ErrorName)
	assert.Contains(t, failed.ErrorMessage, "nbv_colours")
	assert.Equal(t, v1alpha1.CellSuccess, cell(t, job, 1).Status)
	assert.Equal(t, v1alpha1.CellSkipped, cell(t, job, 3).Status)
	assert.Contains(t, job.Status.Message, "nbv_colours")
}

func TestFailedBuildSaysWhatPipSaidAndRunsNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Baseline, "unknown-package")
	job := s.validate(t, s.job("plan", "plan.ipynb", kit.Build))

	requireEnd(t, job, v1alpha1.PhaseFailed, v1alpha1.ReasonBuildFailed)
	assert.Equal(t, []v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseBuilding, v1alpha1.PhaseFailed}, s.Phases(job.Name, job.Generation))
	assert.Contains(t, job.Status.Message, "No matching distribution found for nbv-no-such-package==9.9.9")
	assert.Equal(t, v1alpha1.BuildPhaseFailed, job.Status.BuildStatus.Phase)
	assert.Empty(t, job.Status.BuildStatus.ImageReference)
	assert.Empty(t, s.Runs(job.Name))
	assert.Empty(t, s.Pods(job.Name, kit.ComponentRun))
	assert.Len(t, s.Pods(job.Name, kit.ComponentBuild), 1, "a requirement that does not exist is not tried again")
}

func TestStandaloneBuildMakesAnImageThatRunsNotebooks(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Baseline, "colours")
	build := &v1alpha1.NotebookBuild{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "environment"}}
	build.Spec.Git = v1alpha1.GitSource{URL: s.url(), Ref: s.commit[:10]}
	build.Spec.NotebookPath = "heights.ipynb"
	s.create(t, build)
	s.await(t, "the end of the build", func() bool {
		found := kit.Latest(s.Recorder, func(b *v1alpha1.NotebookBuild) bool { return b.Status.CompletionTime != nil })
		if len(found) == 1 {
			build = found[0]
		}
		return len(found) == 1
	})
	require.Equal(t, v1alpha1.BuildPhaseComplete, build.Status.Phase, build.Status.Conditions)
	assert.Equal(t, s.commit, build.Status.Commit)

	job := s.validate(t, s.job("heights", "heights.ipynb", func(spec *v1alpha1.NotebookValidationJobSpec) {
		spec.PodConfig.ContainerImage = build.Status.ImageReference
		spec.PodConfig.ImagePullSecrets = []corev1.LocalObjectReference{{Name: kit.PushSecret}}
	}))
	requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
}
