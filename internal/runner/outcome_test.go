package runner_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/report"
)

const (
	ok      = report.CellOK
	raised  = report.CellError
	exited  = report.CellExited
	died    = report.CellDied
	skipped = report.CellSkipped
	notRun  = report.CellNotRun
)

// TestOutcomes runs real notebooks in a real kernel and holds the record and
// the verdict against what a person would say.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		notebook   string
		outcome    report.Outcome
		statuses   []report.CellStatus
		failedCell any
		reason     report.Reason
		message    string
	}{
		"a good notebook completes": {
			"completes", report.OutcomeCompleted, []report.CellStatus{ok, ok, ok}, nil,
			report.ReasonPassed, "3 code cells ran"},
		"an exception ends the run in its cell": {
			"fails", report.OutcomeError, []report.CellStatus{ok, raised, notRun, notRun}, 1,
			report.ReasonCellFailed, "cell 1 raised ZeroDivisionError: division by zero"},
		"a syntax error is an error of its cell": {
			"syntax_error", report.OutcomeError, []report.CellStatus{ok, raised}, 1,
			report.ReasonCellFailed, "cell 1 raised SyntaxError"},
		"a missing module is named with what to do": {
			"module_missing", report.OutcomeError, []report.CellStatus{raised}, 0,
			report.ReasonCellFailed, "No module named 'seaborn_of_another_world': add it to requirements.txt"},
		"an exception that is expected is no error": {
			"expected_error", report.OutcomeCompleted, []report.CellStatus{ok, ok, ok}, nil,
			report.ReasonPassed, "3 code cells ran"},
		"tagged and empty cells are skipped": {
			"skips", report.OutcomeCompleted, []report.CellStatus{ok, skipped, skipped, ok}, nil,
			report.ReasonPassed, "2 code cells ran without an error; 2 skipped"},
		"sys.exit(0) ends the run well": {
			"exit_zero", report.OutcomeExited, []report.CellStatus{exited, notRun, skipped}, nil,
			report.ReasonExitedEarly, "1 later code cell never ran"},
		"sys.exit() in the last cell passes": {
			"exit_plain", report.OutcomeExited, []report.CellStatus{exited}, nil,
			report.ReasonPassed, "the last one ended the notebook"},
		"SystemExit of an empty text ends the run well": {
			"exit_empty", report.OutcomeExited, []report.CellStatus{exited, notRun}, nil,
			report.ReasonExitedEarly, "1 later code cell never ran"},
		"sys.exit(3) fails": {
			"exit_three", report.OutcomeExited, []report.CellStatus{exited, notRun}, 0,
			report.ReasonNonZeroExit, "exit code 3"},
		"SystemExit of a text fails": {
			"exit_text", report.OutcomeExited, []report.CellStatus{exited}, 0,
			report.ReasonNonZeroExit, "exit code 1: no data for March"},
		"SystemExit of a text of digits is no exit code": {
			"exit_padded", report.OutcomeExited, []report.CellStatus{exited, notRun}, 0,
			report.ReasonNonZeroExit, "exit code 1: 00"},
		"exit() at the prompt does not stop a notebook, however long it goes on": {
			"exit_builtin", report.OutcomeCompleted, []report.CellStatus{ok, ok, ok}, nil,
			report.ReasonPassed, "3 code cells"},
		"a kernel that ends itself has died": {
			"os_exit", report.OutcomeKernelDied, []report.CellStatus{ok, died, notRun}, 1,
			report.ReasonKernelDied, "the kernel died with exit code 3 in cell 1"},
		"a kernel that is killed has died": {
			"killed", report.OutcomeKernelDied, []report.CellStatus{died}, 0,
			report.ReasonKernelDied, "by signal SIGKILL in cell 0"},
		"nobody answers input()": {
			"input", report.OutcomeError, []report.CellStatus{raised}, 0,
			report.ReasonCellFailed, "cell 0 raised StdinNotImplementedError"},
		"await works at the top of a cell": {
			"top_level_await", report.OutcomeCompleted, []report.CellStatus{ok}, nil,
			report.ReasonPassed, "1 code cell ran"},
		"a notebook of words has nothing to run": {
			"no_code_cells", report.OutcomeNoCodeCells, nil, nil,
			report.ReasonNoCodeCells, "no code cell"},
		"a notebook without cells has nothing to run": {
			"no_cells", report.OutcomeNoCodeCells, nil, nil,
			report.ReasonNoCodeCells, "no code cell"},
		"empty and skipped cells are nothing to run": {
			"only_empty", report.OutcomeNoCodeCells, []report.CellStatus{skipped, skipped, skipped}, nil,
			report.ReasonNoCodeCells, "all 3 code cells are empty or tagged"},
		"a kernel of another language is not replaced": {
			"other_language", report.OutcomeNoSuchKernel, []report.CellStatus{notRun}, nil,
			report.ReasonKernelUnavailable, "the kernel ir is not in the image; installed kernels: python3"},
		"another language without a kernel is not run as Python": {
			"language_only", report.OutcomeNoSuchKernel, []report.CellStatus{notRun}, nil,
			report.ReasonKernelUnavailable, "a kernel for r is not in the image"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := newBench(t, test.notebook).run()
			require.Equal(t, test.outcome, record.Outcome, "detail: %s", record.Detail)
			assert.Equal(t, test.statuses, statuses(record))
			if test.failedCell == nil {
				assert.Nil(t, record.FailedCell)
			} else if assert.NotNil(t, record.FailedCell) {
				assert.Equal(t, test.failedCell, *record.FailedCell)
			}
			verdict := report.Judge(record)
			assert.Equal(t, test.reason, verdict.Reason)
			assert.Contains(t, verdict.Message, test.message)
			assert.Empty(t, record.Notes)
		})
	}
}

func TestFilesThatAreNotNotebooksSayWhereTheyAreWrong(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ notebook, detail string }{
		"not JSON":              {"not_json", "line 3, column 3"},
		"an empty file":         {"empty_file", "line 1, column 1"},
		"not UTF-8":             {"not_utf8", "line 2, column 12"},
		"a list":                {"not_notebook", "line 1, column 1"},
		"an object without one": {"no_version", "no nbformat version"},
		"a later format":        {"format9", "format 9; formats 3 and 4 can be run"},
		"a broken old format":   {"format3_broken", "format 3 cannot be upgraded"},
		"a cell without text":   {"bad_cell", "the source of cell 1 is not text"},
		"half a character":      {"half_surrogate", "half of a surrogate pair"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := newBench(t, test.notebook).run()
			assert.Equal(t, report.OutcomeInvalidNotebook, record.Outcome)
			assert.Contains(t, record.Detail, test.detail)
			assert.Empty(t, record.Cells)
			assert.Equal(t, report.ReasonInvalidNotebook, report.Judge(record).Reason)
		})
	}
}

func TestAnUnreadableNotebookIsInvalid(t *testing.T) {
	t.Parallel()
	bench := newBench(t, "completes")
	pristine := bench.notebook
	bench.notebook = t.TempDir() // a folder cannot be read, whoever asks
	command, _, _ := bench.command(t.Context())
	require.NoError(t, command.Run())
	bench.notebook = pristine
	record, err := report.ParseRun(bench.read("run.json"))
	require.NoError(t, err)
	assert.Equal(t, report.OutcomeInvalidNotebook, record.Outcome)
	assert.Contains(t, record.Detail, "cannot be read")
}
