package runner_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/runner"
)

func TestOutputIsTextAPersonCanRead(t *testing.T) {
	t.Parallel()
	cells := newBench(t, "noisy").run().Cells
	// A kernel that is slow sends what was printed on stderr before it has all that was printed on stdout.
	lines := strings.Split(cells[0].Output, "\n")
	warned := slices.Index(lines, "warned")
	require.Positive(t, warned, cells[0].Output)
	assert.Equal(t, []string{"red text", "done!!", "after", "42"}, slices.Delete(lines, warned, warned+1))
	assert.False(t, cells[0].OutputTruncated)

	cells = newBench(t, "displays").run().Cells
	assert.Equal(t, "'second'", cells[0].Output, "a later update of a display counts")
	assert.Equal(t, "'kept'", cells[1].Output, "what the cell cleared is gone")

	cells = newBench(t, "exit_plain").run().Cells
	assert.Empty(t, cells[0].Output, "IPython's advice on how to exit is no output of the notebook")
}

func TestAMessageOfAnotherKernelIsNoOutputAndIsTold(t *testing.T) {
	t.Parallel()
	record := newBench(t, "foreign_message").run()
	assert.Equal(t, report.OutcomeCompleted, record.Outcome)
	assert.Equal(t, "mine", record.Cells[0].Output)
	assert.True(t, record.Cells[0].OutputTruncated, "what cannot be read may have been an output")
	assert.False(t, record.Cells[1].OutputTruncated)
	require.Len(t, record.Notes, 1)
	assert.Contains(t, record.Notes[0], "what came while cell 0 ran cannot be read: it is no message, or was not signed by the kernel")
}

func TestAKernelWhoseRepliesCannotBeReadIsNotWaitedForForever(t *testing.T) {
	t.Parallel()
	bench := newBench(t, "changes_key")
	bench.flags = []string{"--cell-timeout-seconds=5"}
	record := bench.run()
	assert.Equal(t, report.OutcomeTimeout, record.Outcome)
	require.Len(t, record.Notes, 1)
	assert.Contains(t, record.Notes[0], "cannot be read")
}

func TestTheCellsRunInTheFolderOfTheNotebook(t *testing.T) {
	t.Parallel()
	record := newBench(t, "completes").run()
	assert.Equal(t, "45", record.Cells[0].Output)
	assert.Equal(t, "'folder of the notebook'", record.Cells[1].Output)
	assert.Equal(t, []int{1, 3, 4}, []int{record.Cells[0].Index, record.Cells[1].Index, record.Cells[2].Index})
	assert.Equal(t, "c01", record.Cells[0].ID)
	assert.Equal(t, "import os", record.Cells[0].Source)
	require.NotNil(t, record.Cells[2].ExecutionCount)
	assert.Equal(t, 3, *record.Cells[2].ExecutionCount)
	assert.Contains(t, record.Packages, "nbclient")
	assert.Equal(t, &report.NBFormat{Major: 4, Minor: 5}, record.NBFormat)
}

func TestTracebacksAreCleanAndNameTheLine(t *testing.T) {
	t.Parallel()
	failure := newBench(t, "fails").run().Cells[1].Error
	require.NotNil(t, failure)
	assert.Equal(t, "ZeroDivisionError", failure.Name)
	assert.Equal(t, "division by zero", failure.Value)
	assert.Contains(t, failure.Traceback, "return n / 0")
	assert.NotContains(t, failure.Traceback, "\x1b")
}

func TestTextIsBoundedAtItsMiddle(t *testing.T) {
	t.Parallel()
	cells := newBench(t, "long_output").run().Cells
	assert.LessOrEqual(t, len(cells[0].Output), 16<<10)
	assert.True(t, strings.HasPrefix(cells[0].Output, "begin\n"))
	assert.True(t, strings.HasSuffix(cells[0].Output, "\nend"))
	assert.Contains(t, cells[0].Output, "bytes left out")
	assert.True(t, cells[0].OutputTruncated)
	assert.False(t, cells[1].OutputTruncated)
	assert.LessOrEqual(t, len(cells[2].Error.Value), 2<<10)

	failure := newBench(t, "deep_traceback").run().Cells[0].Error
	assert.LessOrEqual(t, len(failure.Traceback), 8<<10)
	assert.Contains(t, failure.Traceback, "bytes left out")
	assert.True(t, strings.HasSuffix(failure.Traceback, "ZeroDivisionError: division by zero"))
}

func TestTheCellsShareOneBudgetButTheFailedOneKeepsItsShare(t *testing.T) {
	t.Parallel()
	bench := newBench(t, "long_output")
	bench.flags = []string{"--max-cell-output-bytes=2000", "--max-total-output-bytes=2500", "--max-executed-bytes=9000"}
	record := bench.run()
	assert.LessOrEqual(t, len(record.Cells[0].Output), 2000)
	assert.LessOrEqual(t, len(record.Cells[0].Output)+len(record.Cells[1].Output), 2500)
	assert.True(t, record.Cells[1].OutputTruncated)
	assert.NotEmpty(t, record.Cells[2].Error.Traceback)
	assert.LessOrEqual(t, len(bench.read("executed.ipynb")), 9000)
}

func TestTheExecutedNotebookHoldsOnlyOutputsOfThisRun(t *testing.T) {
	t.Parallel()
	bench := newBench(t, "stale_outputs")
	assert.Empty(t, bench.run().Cells[1].Output)
	var executed struct {
		Cells []struct {
			Outputs        []json.RawMessage `json:"outputs"`
			ExecutionCount *int              `json:"execution_count"`
		} `json:"cells"`
	}
	require.NoError(t, json.Unmarshal(bench.read("executed.ipynb"), &executed))
	assert.Len(t, executed.Cells[0].Outputs, 1, "the error of the first cell")
	assert.Empty(t, executed.Cells[1].Outputs)
	assert.Nil(t, executed.Cells[1].ExecutionCount)
}

func TestIDsAreMadeUpInMemoryOnly(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		notebook string
		ids      []string
	}{
		"a format without ids":         {"old_minor", []string{"cell-0", "cell-1"}},
		"ids that are doubled or wild": {"bad_ids", []string{"same", "cell-1", "cell-2"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bench := newBench(t, test.notebook)
			before, err := os.ReadFile(bench.notebook)
			require.NoError(t, err)
			var ids []string
			for _, cell := range bench.run().Cells {
				ids = append(ids, cell.ID)
			}
			assert.Equal(t, test.ids, ids)
			after, err := os.ReadFile(bench.notebook)
			require.NoError(t, err)
			assert.Equal(t, string(before), string(after))
		})
	}
}

func TestFormat3IsUpgradedInMemoryAndNoted(t *testing.T) {
	t.Parallel()
	record := newBench(t, "format3").run()
	assert.Equal(t, report.OutcomeError, record.Outcome)
	assert.Equal(t, []report.CellStatus{ok, raised}, statuses(record))
	assert.Equal(t, "42", record.Cells[0].Output)
	assert.Equal(t, 1, record.Cells[0].Index, "the heading before it counts")
	assert.Equal(t, &report.NBFormat{Major: 3, Minor: 0}, record.NBFormat)
	assert.Contains(t, record.Notes, "the notebook has format 3; it was upgraded to format 4 in memory")
}

func TestProgressIsToldOnStandardOutputAndInTheFile(t *testing.T) {
	t.Parallel()
	bench := newBench(t, "fails")
	command, stdout, _ := bench.command(t.Context())
	require.NoError(t, command.Run())
	assert.Regexp(t, `^\[1/4\] cell 0 ok \d+\.\d\ds\n\[2/4\] cell 1 error \d+\.\d\ds\n$`, stdout.String())
	note, err := os.ReadFile(bench.progress)
	require.NoError(t, err)
	progress, err := runner.ParseProgress(note)
	require.NoError(t, err)
	progress.Seconds = 0
	assert.Equal(t, runner.Progress{Cell: 1, ID: "c01", Done: 2, Total: 4}, progress)
}

func TestOneMessageLargerThanAllThatIsKeptIsCutNotLost(t *testing.T) {
	t.Parallel()
	bench := newBench(t, "one_large_print")
	cells := bench.run().Cells
	assert.Equal(t, "first", cells[0].Output)
	assert.Contains(t, cells[1].Output, "wwww")
	assert.True(t, cells[1].OutputTruncated)
	assert.Equal(t, "last", cells[2].Output, "a flood leaves room for later cells")
	assert.LessOrEqual(t, len(bench.read("executed.ipynb")), 8<<20)
}
