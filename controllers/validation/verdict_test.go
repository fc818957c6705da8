package validation

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/run"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// answered is a finished run whose report container left that.
func answered(job *v1alpha1.NotebookValidationJob, message string, log []byte) seen {
	return seen{
		runs: []batchv1.Job{*builders.MakeRunOf(job).Complete().Obj()},
		pods: []corev1.Pod{*pod().Phase(corev1.PodSucceeded).
			Init(run.ContainerFetch, builders.Ended(0, "Completed", "", 0)).Init(run.ContainerExecute, builders.Ended(0, "Completed", "", 0)).
			Main(run.ContainerReport, builders.Ended(0, "Completed", message, time.Minute)).Obj()},
		log: log,
	}
}

func planned(job *v1alpha1.NotebookValidationJob, b *builders.RunBuilder) plan {
	message, log := b.Answer()
	return planAt(2*time.Minute, job, answered(job, message, log))
}

func TestVerdicts(t *testing.T) {
	cells := func() []report.CellStatus {
		return []report.CellStatus{report.CellOK, report.CellSkipped, report.CellOK, report.CellOK}
	}
	after := func(b *builders.RunBuilder, from int) *builders.RunBuilder {
		for i := from; i < 4; i++ {
			b.Cell(i, func(c *report.RunCell) { c.Status, c.Seconds = report.CellNotRun, 0 })
		}
		return b
	}
	ok, bad, skip := v1alpha1.CellSuccess, v1alpha1.CellFailure, v1alpha1.CellSkipped
	tests := map[string]struct {
		run    *builders.RunBuilder
		status metav1.ConditionStatus
		reason string
		cells  []v1alpha1.CellStatus
		passed int32
		failed *int32
	}{
		"a pass":            {builders.MakeRun(cells()...), yes, v1alpha1.ReasonPassed, []v1alpha1.CellStatus{ok, skip, ok, ok}, 3, nil},
		"an early exit":     {after(builders.MakeRun(cells()...).Exited(2, 0), 3), yes, v1alpha1.ReasonExitedEarly, []v1alpha1.CellStatus{ok, skip, ok, skip}, 2, nil},
		"an exit with 1":    {after(builders.MakeRun(cells()...).Exited(2, 1), 3), no, v1alpha1.ReasonNonZeroExit, []v1alpha1.CellStatus{ok, skip, bad, skip}, 1, ptr.To[int32](2)},
		"an exception":      {after(builders.MakeRun(cells()...).Raised(2, "ValueError", "wrong", "ValueError: wrong"), 3), no, v1alpha1.ReasonCellFailed, []v1alpha1.CellStatus{ok, skip, bad, skip}, 1, ptr.To[int32](2)},
		"an expected error": {builders.MakeRun(cells()...).Cell(0, func(c *report.RunCell) { c.Error = &report.CellFailure{Name: "KeyError"} }), yes, v1alpha1.ReasonPassed, []v1alpha1.CellStatus{ok, skip, ok, ok}, 3, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			job := image().Obj()
			p := planned(job, test.run)
			c := validated(t, p)
			assert.Equal(t, test.status, c.Status, c.Message)
			assert.Equal(t, test.reason, c.Reason)
			assert.NotEmpty(t, c.Message)
			var got []v1alpha1.CellStatus
			for _, r := range p.status.Results {
				got = append(got, r.Status)
			}
			assert.Equal(t, test.cells, got)
			assert.Equal(t, &v1alpha1.ValidationStatus{
				RunName: naming.Run(job), Image: builders.Image, Commit: builders.Commit, ReportConfigMap: "iris-report",
				Cells: 4, PassedCells: test.passed, FailedCell: test.failed, Duration: &metav1.Duration{Duration: 3 * time.Second},
			}, p.status.Validation)
			assert.Equal(t, []string{"apply report iris-report"}, deeds(p), "the finished run is kept")
		})
	}
}

func TestTheReportIsKeptAsItWasJudged(t *testing.T) {
	job := image().Obj()
	message, log := builders.MakeRun(report.CellOK).Answer()
	p := planAt(0, job, answered(job, message, log))
	require.NotNil(t, p.applyReport)
	assert.Equal(t, naming.Report(job), p.applyReport.Name)
	assert.Equal(t, "team", p.applyReport.Namespace)
	assert.Equal(t, v1alpha1.ManagedBy, p.applyReport.Labels[v1alpha1.LabelManagedBy])
	assert.Equal(t, string(log), p.applyReport.Data[KeyReport])
	assert.Contains(t, p.applyReport.Data[KeyJUnit], "<testsuite")
	assert.Len(t, p.applyReport.Data, 2)
}

func TestAReportThatCannotBeBelievedIsNeverAPass(t *testing.T) {
	message, log := builders.MakeRun(report.CellOK).Answer()
	failedMessage, failedLog := builders.MakeRun(report.CellOK).Raised(0, "ValueError", "wrong", "").Answer()
	otherMessage, otherLog := builders.MakeRun(report.CellOK).Commit(builders.OtherCommit).Answer()
	noneMessage, noneLog := builders.MakeRun(report.CellOK).Commit("").Answer()
	tests := map[string]struct {
		message string
		log     []byte
		says    string
	}{
		"no termination message":               {"", log, "the summary is not valid"},
		"no log: the pod is gone":              {message, nil, "the report has 0 bytes"},
		"a message that is no summary":         {"all good, passed: true", log, "the summary is not valid"},
		"a summary that is forged":             {strings.Replace(failedMessage, `"passed":false`, `"passed":true`, 1), failedLog, "contradicts itself"},
		"a summary that is forged with skill":  {strings.Replace(strings.Replace(failedMessage, `"passed":false`, `"passed":true`, 1), "CellFailed", "Passed", 1), failedLog, "different verdicts"},
		"a log that is forged":                 {failedMessage, bytes.Replace(failedLog, []byte("CellFailed"), []byte("Passed1234"), 1), "the digests differ"},
		"a log of another length":              {message, append([]byte("hello\n"), log...), "bytes, its summary says"},
		"a log that is cut off":                {message, log[:len(log)/2], "bytes, its summary says"},
		"a log that is far too long":           {message, append(bytes.Repeat([]byte("a"), report.MaxAnswerBytes+2), '\n'), "is larger than"},
		"a summary of another run":             {failedMessage, log, "summary says"},
		"a pass of another commit than built":  {otherMessage, otherLog, "it speaks of commit"},
		"a pass of a commit that nobody knows": {noneMessage, noneLog, "it speaks of commit"},
		"a field that no summary has":          {strings.Replace(message, `{`, `{"image":"x",`, 1), log, "unknown field"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := planAt(0, image().Obj(), answered(image().Obj(), test.message, test.log))
			c := validated(t, p)
			assert.Equal(t, no, c.Status)
			assert.Equal(t, v1alpha1.ReasonReportInvalid, c.Reason)
			assert.Contains(t, c.Message, test.says)
			assert.Contains(t, c.Message, "cannot be believed")
			assert.Contains(t, c.Message, "Change spec.rerun")
			assert.Nil(t, p.applyReport, "nothing of it is kept")
			assert.Empty(t, p.status.Results)
			assert.NoError(t, p.retry)
		})
	}
}

func TestAPodWhoseReportContainerNeverEnded(t *testing.T) {
	job := image().Obj()
	_, log := builders.MakeRun(report.CellOK).Answer()
	for name, p := range map[string]*builders.PodBuilder{
		"it runs":        pod().Phase(corev1.PodSucceeded).Main(run.ContainerReport, builders.Running()),
		"it is not told": pod().Phase(corev1.PodSucceeded),
	} {
		t.Run(name, func(t *testing.T) {
			s := answered(job, "", log)
			s.pods = []corev1.Pod{*p.Obj()}
			c := validated(t, planAt(time.Hour, job, s))
			assert.Equal(t, no, c.Status)
			assert.Equal(t, v1alpha1.ReasonReportInvalid, c.Reason)
			assert.Contains(t, c.Message, "no container report that ended")
		})
	}
}

func TestACommitIsComparedOnlyWhereABuildResolvedOne(t *testing.T) {
	job := ready().Obj()
	p := planned(job, builders.MakeRun(report.CellOK).Commit(builders.OtherCommit))
	assert.Equal(t, yes, validated(t, p).Status)
	assert.Equal(t, builders.OtherCommit, p.status.Validation.Commit, "what was validated is told")
}

func TestAFailureOfAnotherCommitIsStillAFailure(t *testing.T) {
	p := planned(image().Obj(), builders.MakeRun(report.CellOK).Raised(0, "ValueError", "wrong", "").Commit(builders.OtherCommit))
	assert.Equal(t, no, validated(t, p).Status)
}

func TestAReportWithoutARecord(t *testing.T) {
	job := image().Obj()
	r := report.New(report.Subject{Commit: builders.Commit}, nil, report.Unreadable(assert.AnError))
	encoded, err := report.Encode(r)
	require.NoError(t, err)
	message, err := report.EncodeSummary(report.Summarize(r, encoded))
	require.NoError(t, err)
	p := planAt(0, job, answered(job, string(message), encoded))
	c := validated(t, p)
	assert.Equal(t, no, c.Status)
	assert.Equal(t, v1alpha1.ReasonReportInvalid, c.Reason)
	assert.Contains(t, c.Message, "nothing is known about the notebook")
	assert.Empty(t, p.status.Results)
	assert.NotNil(t, p.applyReport)
}

func TestResultsAreBounded(t *testing.T) {
	long := strings.Repeat("日本語 ", 5000)
	loud := func(c *report.RunCell) { c.Output = long }
	many := builders.MakeRun(builders.Cells(150, report.CellOK)...).Cell(0, loud).Cell(120, loud).
		Raised(120, "ValueError", long, "Traceback\n"+long+"the last line")
	for i := 121; i < 150; i++ {
		many.Cell(i, func(c *report.RunCell) { c.Status, c.Seconds = report.CellNotRun, 0 })
	}
	p := planned(image().Obj(), many)
	require.Len(t, p.status.Results, 100)
	assert.Equal(t, int32(150), p.status.Validation.Cells)
	assert.Equal(t, int32(50), p.status.Validation.OmittedResults)
	assert.Equal(t, int32(120), *p.status.Validation.FailedCell)
	for i, r := range p.status.Results[:99] {
		assert.Equal(t, int32(i), r.CellIndex)
		assert.Equal(t, v1alpha1.CellSuccess, r.Status)
	}
	failing := p.status.Results[99]
	assert.Equal(t, int32(120), failing.CellIndex, "the cell that failed is always shown")
	assert.Equal(t, v1alpha1.CellFailure, failing.Status)
	assert.True(t, strings.HasSuffix(failing.Traceback, "the last line"), "the end of a traceback names the exception")
	for _, r := range []v1alpha1.CellResult{p.status.Results[0], failing} {
		assert.LessOrEqual(t, len(r.Output), 1<<10)
		assert.Greater(t, len(r.Output), 900)
		assert.LessOrEqual(t, len(r.ErrorMessage), 1<<10)
		assert.LessOrEqual(t, len(r.Traceback), 4<<10)
		for _, text := range []string{r.Output, r.ErrorMessage, r.Traceback} {
			assert.True(t, utf8.ValidString(text))
		}
	}
}

func TestAHundredCellsAreAllShown(t *testing.T) {
	p := planned(image().Obj(), builders.MakeRun(builders.Cells(100, report.CellOK)...))
	assert.Len(t, p.status.Results, 100)
	assert.Zero(t, p.status.Validation.OmittedResults)
}

func TestWhatIsToldOfACell(t *testing.T) {
	p := planned(image().Obj(), builders.MakeRun(report.CellSkipped, report.CellOK).
		Cell(1, func(c *report.RunCell) { c.Output, c.Seconds = "loss 0.1\n", 0.4126 }).
		Raised(1, "ModuleNotFoundError", "No module named 'yaml'", "Traceback\nModuleNotFoundError"))
	assert.Equal(t, []v1alpha1.CellResult{
		{CellIndex: 0, CellID: "cell-0", Status: v1alpha1.CellSkipped},
		{
			CellIndex: 1, CellID: "cell-1", Status: v1alpha1.CellFailure, ExecutionTime: &metav1.Duration{Duration: 413 * time.Millisecond},
			Output: "loss 0.1\n", ErrorName: "ModuleNotFoundError", ErrorMessage: "No module named 'yaml'", Traceback: "Traceback\nModuleNotFoundError",
		},
	}, p.status.Results)
}

func TestCellStatus(t *testing.T) {
	tests := map[string]struct {
		status  report.CellStatus
		failing bool
		want    v1alpha1.CellStatus
	}{
		"ran":                        {report.CellOK, false, v1alpha1.CellSuccess},
		"left out":                   {report.CellSkipped, false, v1alpha1.CellSkipped},
		"never reached":              {report.CellNotRun, false, v1alpha1.CellSkipped},
		"ended the notebook with 0":  {report.CellExited, false, v1alpha1.CellSuccess},
		"ended the notebook with 1":  {report.CellExited, true, v1alpha1.CellFailure},
		"raised":                     {report.CellError, true, v1alpha1.CellFailure},
		"ran out of time":            {report.CellTimeout, true, v1alpha1.CellFailure},
		"killed the kernel":          {report.CellDied, true, v1alpha1.CellFailure},
		"raised, and is not named":   {report.CellError, false, v1alpha1.CellFailure},
		"a status that nobody knows": {"new", false, v1alpha1.CellFailure},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, cellStatus(report.RunCell{Index: 7, Status: test.status}, test.failing))
		})
	}
}

func TestBoundTailKeepsTheEndAtTheEdgeOfACharacter(t *testing.T) {
	text := strings.Repeat("日本", 50) + "end"
	for limit := 20; limit < len(text)+2; limit++ {
		got := boundTail(text, limit)
		require.LessOrEqual(t, len(got), limit)
		require.True(t, utf8.ValidString(got))
		require.True(t, strings.HasSuffix(got, "end"))
	}
	assert.Equal(t, text, boundTail(text, len(text)))
}
