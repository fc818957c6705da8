package integration

import (
	"encoding/json"
	"encoding/xml"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/controllers/aggregate"
	"mlops.dev/notebook-validator-operator/controllers/build"
	"mlops.dev/notebook-validator-operator/controllers/validation"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/run"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

func TestJobWithABuild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild)
	w.finishBuild(job, "a")
	w.executeRun(job)
	w.awaitCondition(job, v1alpha1.ConditionValidated, metav1.ConditionUnknown, v1alpha1.ReasonRunning)
	w.finishRun(job, w.passing())
	end := w.awaitSucceeded(job)

	runJob := w.runOf(job)
	states := w.history.until(t, end, runJob)
	assert.Equal(t, []v1alpha1.Phase{
		v1alpha1.PhaseInitializing, v1alpha1.PhaseBuilding, v1alpha1.PhaseBuildComplete,
		v1alpha1.PhaseValidationRunning, v1alpha1.PhaseSucceeded,
	}, phases(states, job.UID, 1))
	opened, created := gateOpened(states, job.UID, 1), firstSeen(states, runJob.Name)
	assert.NotZero(t, opened)
	assert.Greater(t, created, opened, "the run was there before the gate was open")
	assert.Equal(t, w.image("a"), executeImage(runJob))

	assert.Equal(t, w.repository.head(t), end.Status.BuildStatus.Commit)
	assert.Equal(t, "RepositoryRoot", end.Status.Environment.Source)
	assert.Equal(t, w.image("a"), end.Status.Validation.Image)
	require.Len(t, end.Status.Results, 2)
	assert.Equal(t, v1alpha1.CellSuccess, end.Status.Results[0].Status)
	assert.Equal(t, "hello", end.Status.Results[0].Output)
	assertReport(t, w, job, true)
	assertDisjoint(t, end.ManagedFields, validation.FieldManager, aggregate.FieldManager)
	assertOneOfEach(t, w, 1)

	made := w.buildOf(job)
	owners := map[string]bool{}
	for _, entry := range made.ManagedFields {
		if entry.Subresource == "status" {
			owners[entry.Manager] = true
		}
	}
	assert.Equal(t, map[string]bool{build.FieldManager: true}, owners, "somebody else wrote the status of the build")
}

func TestJobWithoutABuild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job")
	w.executeRun(job)
	w.finishRun(job, w.passing())
	end := w.awaitSucceeded(job)

	assert.Equal(t, []v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseValidationRunning, v1alpha1.PhaseSucceeded},
		phases(w.history.until(t, end), job.UID, 1))
	assert.Equal(t, job.Spec.PodConfig.ContainerImage, executeImage(w.runOf(job)))
	assert.Nil(t, end.Status.BuildStatus)
	assertReport(t, w, job, true)
}

func TestFailingNotebookNamesItsCell(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job")
	w.finishRun(job, builders.MakeRun(report.CellOK, report.CellOK, report.CellNotRun).Commit(w.repository.head(t)).
		Raised(1, "ModuleNotFoundError", "No module named 'tiny'", "Traceback\nModuleNotFoundError: No module named 'tiny'"))
	end := w.awaitFailed(job, v1alpha1.ReasonCellFailed)

	assert.Equal(t, v1alpha1.PhaseFailed, end.Status.Phase)
	assert.Contains(t, end.Status.Message, "No module named 'tiny'")
	require.Len(t, end.Status.Results, 3)
	failed := end.Status.Results[1]
	assert.Equal(t, v1alpha1.CellFailure, failed.Status)
	assert.Equal(t, "ModuleNotFoundError", failed.ErrorName)
	assert.Contains(t, failed.Traceback, "Traceback")
	assert.Equal(t, v1alpha1.CellSkipped, end.Status.Results[2].Status)
	assertReport(t, w, job, false)
}

func TestBuildThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild)
	result := buildstrategy.Result{Reason: buildstrategy.BuildFailed, Message: "ERROR: No matching distribution found for tiny==1.0"}
	theNode.run(t, theNode.podOf(t, w.builderOf(job)), ending{}, ending{code: 1, message: string(result.Encode(buildstrategy.ResultLimit))})
	end := w.awaitFailed(job, v1alpha1.ReasonBuildFailed)

	assert.Contains(t, end.Status.Message, "No matching distribution found")
	states := w.history.until(t, end)
	assert.Equal(t, []v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseBuilding, v1alpha1.PhaseFailed}, phases(states, job.UID, 1))
	assert.Zero(t, firstSeen(states, naming.Run(job)), "a notebook was run without its image")
	validated := w.awaitCondition(job, v1alpha1.ConditionValidated, metav1.ConditionFalse, v1alpha1.ReasonBuildFailed)
	assert.Contains(t, meta.FindStatusCondition(validated.Status.Conditions, v1alpha1.ConditionValidated).Message, "not run")
}

func TestReportThatCannotBeBelievedIsNeverAPass(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(w *world, message string, log []byte) ending{
		"no log":     func(_ *world, message string, _ []byte) ending { return ending{message: message} },
		"no summary": func(_ *world, _ string, log []byte) ending { return ending{log: log} },
		"a log that was cut": func(_ *world, message string, log []byte) ending {
			return ending{message: message, log: log[:len(log)/2]}
		},
		"another run's log": func(w *world, message string, _ []byte) ending {
			_, log := failing(w).Answer()
			return ending{message: message, log: log}
		},
		"a verdict in prose": func(_ *world, _ string, _ []byte) ending { return ending{message: "PASSED", log: []byte("PASSED\n")} },
		"a log without bound": func(_ *world, message string, _ []byte) ending {
			return ending{message: message, log: make([]byte, 2<<20)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			job := w.create("job")
			message, log := w.passing().Answer()
			theNode.run(t, theNode.podOf(t, w.runOf(job)), ending{}, ending{}, forge(w, message, log))
			end := w.awaitFailed(job, v1alpha1.ReasonReportInvalid)
			assert.Contains(t, end.Status.Message, "cannot be believed")
		})
	}
}

func TestPassOfAnotherCommitThanTheImagesIsNoPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild)
	w.finishBuild(job, "a")
	w.finishRun(job, w.passing().Commit(builders.OtherCommit))
	w.awaitFailed(job, v1alpha1.ReasonReportInvalid)
}

func failing(w *world) *builders.RunBuilder {
	return w.passing().Raised(1, "ValueError", "wrong", "ValueError: wrong")
}

// executeImage is the image that a run's notebook gets.
func executeImage(job *batchv1.Job) string {
	for _, container := range job.Spec.Template.Spec.InitContainers {
		if container.Name == run.ContainerExecute {
			return container.Image
		}
	}
	return ""
}

// assertReport checks that the report is kept, whole, for people and for programs.
func assertReport(t *testing.T, w *world, job *v1alpha1.NotebookValidationJob, passed bool) {
	t.Helper()
	kept := awaitObject(w, &corev1.ConfigMap{}, naming.Report(job))
	assert.True(t, metav1.IsControlledBy(kept, job))
	read := &report.Report{}
	require.NoError(t, json.Unmarshal([]byte(kept.Data[validation.KeyReport]), read))
	assert.Equal(t, map[bool]string{true: "Passed", false: "Failed"}[passed], read.Verdict)
	var suites struct {
		XMLName xml.Name
	}
	require.NoError(t, xml.Unmarshal([]byte(kept.Data[validation.KeyJUnit]), &suites))
	assert.Equal(t, kept.Name, readJob(t, client.ObjectKeyFromObject(job)).Status.Validation.ReportConfigMap)
}

// assertOneOfEach checks that there is one build, one builder, one Dockerfile, one run and one report for each job, and a
// pod for each Kubernetes Job.
func assertOneOfEach(t *testing.T, w *world, jobs int) {
	t.Helper()
	ours := client.MatchingLabels{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy}
	for list, want := range map[client.ObjectList]int{
		&v1alpha1.NotebookBuildList{}: jobs, &batchv1.JobList{}: 2 * jobs, &corev1.PodList{}: 2 * jobs, &corev1.ConfigMapList{}: 2 * jobs,
	} {
		eventually(t, func(c *assert.CollectT) { // what was replaced may still be on its way out
			require.NoError(c, kube.List(t.Context(), list, client.InNamespace(w.namespace), ours))
			assert.Equal(c, want, meta.LenList(list), "%T", list)
		})
	}
}
