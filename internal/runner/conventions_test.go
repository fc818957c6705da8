package runner_test

import (
	"encoding/json"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/runner"
)

// stale is what papermill left in the notebook at an earlier run.
var stale = map[string]any{"duration": 1.5, "status": "completed", "version": "2.4.0", "exception": false}

func TestTheExecutedNotebookTellsHowTheRunWentAsPapermillDoes(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, map[string]any{"papermill": stale},
		markdown("# Title").with("papermill", stale),
		code("import time\ntime.sleep(0.2)").with("papermill", stale).with("mine", "kept"),
		code("left out", "skip-execution"), code("1 / 0"), code("never"))
	record := bench.run()
	executed := bench.executed()
	of := executed.Metadata.Papermill
	assert.Equal(t, "failed", of.Status)
	assert.True(t, *of.Exception)
	assert.Empty(t, of.Version)
	assert.NotNil(t, of.Parameters)
	assert.LessOrEqual(t, *of.Duration, record.Seconds, "the notebook is written before the record")
	assert.InDelta(t, timeOf(t, of.EndTime).Sub(timeOf(t, of.StartTime)).Seconds(), *of.Duration, 1)
	assert.Equal(t, record.StartedAt, timeOf(t, of.StartTime))
	assert.Equal(t, "Mine", executed.Metadata.Kernelspec["display_name"])

	assert.Nil(t, executed.Cells[0].Metadata.Papermill, "words do not run")
	want := []struct {
		status    string
		exception *bool
	}{{"completed", new(bool)}, {"skipped", nil}, {"failed", truth()}, {"not-run", nil}}
	for i, want := range want {
		cell := executed.Cells[i+1].Metadata.Papermill
		require.NotNil(t, cell)
		assert.Equal(t, want.status, cell.Status)
		assert.Equal(t, want.exception, cell.Exception)
		assert.Equal(t, want.exception == nil, cell.StartTime == nil && cell.EndTime == nil && cell.Duration == nil)
		assert.Empty(t, cell.Version)
	}
	ran := executed.Cells[1].Metadata
	assert.GreaterOrEqual(t, *ran.Papermill.Duration, 0.2)
	assert.InDelta(t, *ran.Papermill.Duration, timeOf(t, ran.Papermill.EndTime).Sub(timeOf(t, ran.Papermill.StartTime)).Seconds(), 0.001)
	assert.JSONEq(t, `"kept"`, string(ran.Mine))
}

func truth() *bool {
	value := true
	return &value
}

func timeOf(t *testing.T, text *string) time.Time {
	t.Helper()
	require.NotNil(t, text)
	moment, err := time.Parse(time.RFC3339Nano, *text)
	require.NoError(t, err)
	return moment
}

func TestAnExitIsCompletedOrFailedByItsCode(t *testing.T) {
	t.Parallel()
	for source, status := range map[string]string{"raise SystemExit": "completed", "raise SystemExit(4)": "failed"} {
		bench := newBenchOf(t, nil, code(source))
		bench.run()
		executed := bench.executed()
		assert.Equal(t, status, executed.Metadata.Papermill.Status, source)
		assert.Equal(t, status, executed.Cells[0].Metadata.Papermill.Status, source)
		assert.Equal(t, status == "failed", *executed.Cells[0].Metadata.Papermill.Exception, source)
	}
}

func TestWhatPapermillSaidOfAnEarlierErrorIsTakenOut(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, nil, markdown("An Exception was encountered", "papermill-error-cell-tag"),
		code("from IPython.display import display\nhandle = display('first', display_id=True)"),
		code("%%html\n<b>An Exception was encountered</b>", "papermill-error-cell-tag"), code("handle.update('second')"))
	record := bench.run()
	assert.Equal(t, []report.CellStatus{ok, skipped, ok}, statuses(record))
	assert.Equal(t, []int{1, 2, 3}, []int{record.Cells[0].Index, record.Cells[1].Index, record.Cells[2].Index}, "indexes are those of the file")
	assert.Equal(t, "'second'", record.Cells[0].Output, "outputs find their cells all the same")
	executed := bench.executed()
	assert.Equal(t, []string{"a", "b", "c", "d"}, executed.ids())
	for _, cell := range []executedCell{executed.Cells[0], executed.Cells[2]} {
		assert.Empty(t, cell.Source)
		assert.Empty(t, cell.Metadata.Tags)
	}
}

func TestCellsThatNbvalSkipsAreSkipped(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, nil, code("1 / 0", "nbval-skip"), code("x = 1\n  ## NBVAL_SKIP \n1 / 0"), code("# no NBVAL_SKIP\n'NBVAL_SKIP'"),
		code("1", "papermill_description=Step"))
	record := bench.run()
	assert.Equal(t, []report.CellStatus{skipped, skipped, ok, ok}, statuses(record))
}

func TestErrorsAreNotAllowedWholesale(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, map[string]any{"execution": map[string]any{"allow_errors": true}}, code("1 / 0"), code("1"))
	record := bench.run()
	assert.Equal(t, []report.CellStatus{raised, notRun}, statuses(record))
	require.Len(t, record.Notes, 1)
	assert.Contains(t, record.Notes[0], "allow_errors of the notebook is not honoured")
}

func TestTimesOfAnEarlierRunAreTakenOut(t *testing.T) {
	t.Parallel()
	timed := code("1").with("execution", map[string]any{"timeout": 30, "iopub.status.busy": "2020-01-01T00:00:00Z", "shell.execute_reply": "x"})
	bench := newBenchOf(t, nil, timed)
	bench.run()
	assert.Equal(t, map[string]any{"timeout": 30.0}, bench.executed().Cells[0].Metadata.Execution)
}

// TestTheRunnerAndTheReportSkipTheSameCells holds the rule in Python against
// that in Go: where they differ, a good run is refused.
func TestTheRunnerAndTheReportSkipTheSameCells(t *testing.T) {
	t.Parallel()
	cells := []nbformat.Cell{{Source: "x"}, {Source: "x", Tags: []string{"parameters", "nbval-skip"}}, {Source: "x", Tags: []string{"NBVAL-SKIP"}}}
	for _, source := range []string{
		"", " \n\t", "\u00a0\x1c\u2028", "\ufeff", "\u200b", "# NBVAL_SKIP", "x\n##\tNBVAL_SKIP\t\r\ny", "x # NBVAL_SKIP", "#NBVAL_SKIP",
		"# NBVAL_SKIP.", "# # NBVAL_SKIP", "\u00a0# NBVAL_SKIP", "x\r# NBVAL_SKIP", "x\u2028# NBVAL_SKIP", "\x0c# NBVAL_SKIP", "# NBVAL_SKIP\x85", "# nbval_skip",
	} {
		cells = append(cells, nbformat.Cell{Source: source})
	}
	var want []bool
	for i := range cells {
		want = append(want, cells[i].Skipped())
	}
	given, err := json.Marshal(cells)
	require.NoError(t, err)
	tools := t.TempDir()
	require.NoError(t, runner.WriteTo(tools))
	command := exec.Command(python(t), "-B", "-c", "import json, sys\nfrom nbv import skips\n"+
		"print(json.dumps([skips.skips(cell['Source'], cell['Tags'] or []) for cell in json.loads(sys.argv[1])]))", string(given))
	command.Env = append(command.Environ(), "PYTHONPATH="+tools)
	output, err := command.Output()
	require.NoError(t, err)
	var got []bool
	require.NoError(t, json.Unmarshal(output, &got))
	assert.Equal(t, want, got)
}
