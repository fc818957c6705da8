package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJudge(t *testing.T) {
	cases := map[string]struct {
		run     *Run
		reason  Reason
		message string
	}{
		"every cell was good": {
			makeRun(OutcomeCompleted, CellOK, CellOK), ReasonPassed, "2 code cells ran without an error"},
		"some cells were skipped": {
			makeRun(OutcomeCompleted, CellOK, CellSkipped), ReasonPassed, "1 code cell ran without an error; 1 skipped"},
		"every cell was skipped": {
			makeRun(OutcomeCompleted, CellSkipped, CellSkipped), ReasonNoCodeCells, "all 2 code cells are empty or tagged to be skipped"},
		"no cell at all though it says completed": {
			makeRun(OutcomeCompleted), ReasonNoCodeCells, "no code cell"},
		"a cell was not run though it says completed": {
			makeRun(OutcomeCompleted, CellOK, CellNotRun), ReasonReportInvalid, "only 1 of 2 cells passed"},
		"a cell failed though it says completed": {
			makeRun(OutcomeCompleted, CellOK, CellError), ReasonReportInvalid, "only 1 of 2 cells passed"},
		"it exited with 0 in its last cell": {
			with(makeRun(OutcomeExited, CellOK, CellExited), exitedWith(0, "")), ReasonPassed, "the last one ended the notebook"},
		"it exited with 0 before empty cells only": {
			with(makeRun(OutcomeExited, CellExited, CellSkipped), exitedWith(0, "")), ReasonPassed, "1 code cell ran"},
		"it exited with 0 before others": {
			with(makeRun(OutcomeExited, CellExited, CellNotRun, CellNotRun), exitedWith(0, "")),
			ReasonExitedEarly, "exit code 0 in cell 0; 2 later code cells never ran"},
		"it exited with 2": {
			with(makeRun(OutcomeExited, CellOK, CellExited), exitedWith(2, "")),
			ReasonNonZeroExit, "cell 1 ended the notebook with exit code 2: the notebook itself"},
		"it exited with a text": {
			with(makeRun(OutcomeExited, CellExited), exitedWith(1, "no data")), ReasonNonZeroExit, "exit code 1: no data"},
		"it exited but says not how": {
			makeRun(OutcomeExited, CellExited), ReasonReportInvalid, "gives no exit code"},
		"it exited with 0 after a failure": {
			with(makeRun(OutcomeExited, CellError, CellExited), exitedWith(0, "")), ReasonReportInvalid, "1 cell failed"},
		"a module is missing": {
			with(makeRun(OutcomeError, CellOK, CellError), raised("ModuleNotFoundError", "No module named 'seaborn'")),
			ReasonCellFailed, "cell 1 raised ModuleNotFoundError: No module named 'seaborn': add it to requirements.txt and set podConfig.buildConfig.enabled"},
		"a module is missing that pip knows by another name": {
			with(makeRun(OutcomeError, CellError), raised("ModuleNotFoundError", "No module named 'sklearn.svm'")),
			ReasonCellFailed, "add scikit-learn to requirements.txt"},
		"a package lacks a name": {
			with(makeRun(OutcomeError, CellError), raised("ImportError", "cannot import name 'x' from 'y'")),
			ReasonCellFailed, "pin a version"},
		"a file is missing": {
			with(makeRun(OutcomeError, CellError), raised("FileNotFoundError", "[Errno 2] No such file: 'a.csv'")),
			ReasonCellFailed, "commit the file beside it"},
		"the disk is full": {
			with(makeRun(OutcomeError, CellError), raised("OSError", "[Errno 28] No space left on device")),
			ReasonCellFailed, "mount a volume with podConfig.volumes and write there"},
		"nobody answers": {
			with(makeRun(OutcomeError, CellError), raised("ConnectionRefusedError", "[Errno 111] Connection refused")),
			ReasonCellFailed, "check the address and the network policies"},
		"a name is not defined": {
			with(makeRun(OutcomeError, CellError), raised("NameError", "name 'df' is not defined")),
			ReasonCellFailed, "from top to bottom in a fresh kernel"},
		"a syntax error": {
			with(makeRun(OutcomeError, CellError), raised("SyntaxError", "invalid syntax")), ReasonCellFailed, "correct the cell's syntax"},
		"an exception without text": {
			with(makeRun(OutcomeError, CellError), raised("AssertionError", "")), ReasonCellFailed, "cell 0 raised AssertionError: correct the cell"},
		"time is up": {
			makeRun(OutcomeTimeout, CellOK, CellTimeout, CellNotRun), ReasonTimeout, "cell 1 was running when the notebook's time of 60 s was used up: raise spec.timeout"},
		"memory is short": {
			with(makeRun(OutcomeKernelDied, CellDied), func(run *Run) { run.OutOfMemory = true }),
			ReasonOutOfMemory, "killed for lack of memory in cell 0: raise podConfig.resources.limits.memory"},
		"the kernel died with a code": {
			with(makeRun(OutcomeKernelDied, CellDied), func(run *Run) { run.ExitCode = pointer(3) }),
			ReasonKernelDied, "the kernel died with exit code 3 in cell 0: look for"},
		"the kernel was killed": {
			with(makeRun(OutcomeKernelDied, CellDied), func(run *Run) { run.ExitCode, run.Signal = pointer(-9), pointer("SIGKILL") }),
			ReasonKernelDied, "by signal SIGKILL in cell 0: something killed it"},
		"the kernel crashed with words": {
			with(makeRun(OutcomeKernelDied, CellDied), func(run *Run) { run.Signal, run.Detail = pointer("SIGABRT"), "a\nfree(): invalid pointer\n" }),
			ReasonKernelDied, "SIGABRT in cell 0: free(): invalid pointer: look for"},
		"no such kernel": {
			with(makeRun(OutcomeNoSuchKernel, CellNotRun), func(run *Run) { run.Detail = "the kernel ir is not in the image" }),
			ReasonKernelUnavailable, "the kernel ir is not in the image: install that kernel"},
		"the kernel does not start": {
			with(makeRun(OutcomeKernelStartFailed, CellNotRun), func(run *Run) { run.Detail = "did not become ready" }),
			ReasonKernelUnavailable, "did not become ready: check that ipykernel"},
		"not a notebook": {
			with(makeRun(OutcomeInvalidNotebook), func(run *Run) { run.Detail = "line 3, column 4" }),
			ReasonInvalidNotebook, "line 3, column 4: check that the path names a Jupyter notebook"},
		"nothing to run": {
			makeRun(OutcomeNoCodeCells), ReasonNoCodeCells, "there is nothing to validate"},
		"only cells that are skipped": {
			makeRun(OutcomeNoCodeCells, CellSkipped), ReasonNoCodeCells, "all 1 code cells"},
		"no Jupyter in the image": {
			with(makeRun(OutcomeRunnerMissing), func(run *Run) { run.Detail = "nbclient cannot be imported" }),
			ReasonRunnerMissing, "nbclient cannot be imported: install nbclient"},
		"an outcome nobody knows": {
			makeRun("excellent", CellOK), ReasonReportInvalid, "unknown outcome"},
		"no outcome": {
			makeRun("", CellOK), ReasonReportInvalid, "unknown outcome"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			verdict := Judge(test.run)
			assert.Equal(t, test.reason, verdict.Reason)
			assert.Contains(t, verdict.Message, test.message)
			assert.Equal(t, test.reason == ReasonPassed || test.reason == ReasonExitedEarly, verdict.Passed)
			assert.True(t, reasons[verdict.Reason])
			if verdict.Passed {
				assert.Nil(t, verdict.FailedCell)
			}
		})
	}
}

func TestAMessageIsOneBoundedLineAndKeepsItsAdvice(t *testing.T) {
	run := with(makeRun(OutcomeError, CellError), raised("Value\x1bError", strings.Repeat("très\nlong \x00", 5000)))
	message := Judge(run).Message
	assert.LessOrEqual(t, len(message), maxMessageBytes)
	assert.NotContains(t, message, "\n")
	assert.NotContains(t, message, "\x00")
	assert.Contains(t, message, "restart the kernel and run all cells")
}

func TestTheFailedCellIsNamed(t *testing.T) {
	verdict := Judge(makeRun(OutcomeError, CellOK, CellSkipped, CellError, CellNotRun))
	require.NotNil(t, verdict.FailedCell)
	assert.Equal(t, 2, *verdict.FailedCell)
}
