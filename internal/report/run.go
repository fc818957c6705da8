package report

import (
	"time"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// RunVersion is the schema version of run.json that this program reads.
const RunVersion = 2

// Outcome is how a run as a whole ended, in the words of the runner.
type Outcome string

const (
	// OutcomeCompleted is set when every cell that should run did.
	OutcomeCompleted Outcome = "completed"
	// OutcomeError is set when a cell raised an exception.
	OutcomeError Outcome = "error"
	// OutcomeExited is set when a cell raised SystemExit.
	OutcomeExited Outcome = "exited"
	// OutcomeTimeout is set when the time of the notebook or of a cell was used
	// up.
	OutcomeTimeout Outcome = "timeout"
	// OutcomeKernelDied is set when the kernel process ended during a cell.
	OutcomeKernelDied Outcome = "kernel_died"
	// OutcomeKernelStartFailed is set when the kernel did not become ready.
	OutcomeKernelStartFailed Outcome = "kernel_start_failed"
	// OutcomeNoSuchKernel is set when the image has no kernel for the notebook.
	OutcomeNoSuchKernel Outcome = "no_such_kernel"
	// OutcomeInvalidNotebook is set when the file is not a notebook.
	OutcomeInvalidNotebook Outcome = "invalid_notebook"
	// OutcomeParametersInvalid is set when the notebook does not know a
	// parameter, or cannot be given it.
	OutcomeParametersInvalid Outcome = "parameters_invalid"
	// OutcomeNoCodeCells is set when the notebook holds nothing to run.
	OutcomeNoCodeCells Outcome = "no_code_cells"
	// OutcomeRunnerMissing is set when the image lacks the Jupyter libraries.
	OutcomeRunnerMissing Outcome = "runner_missing"
)

// CellStatus is how one code cell fared.
type CellStatus string

const (
	// CellOK is set when the cell ran to its end, or raised an exception it is
	// tagged to raise.
	CellOK CellStatus = "ok"
	// CellError is set when the cell raised an exception.
	CellError CellStatus = "error"
	// CellTimeout is set when the time of the notebook, or of the cell, was used
	// up in it.
	CellTimeout CellStatus = "timeout"
	// CellDied is set when the kernel process ended in the cell.
	CellDied CellStatus = "died"
	// CellExited is set when the cell raised SystemExit.
	CellExited CellStatus = "exited"
	// CellSkipped is set when the cell is empty or marked to be left out.
	CellSkipped CellStatus = "skipped"
	// CellNotRun is set when the run ended before the cell.
	CellNotRun CellStatus = "not_run"
)

// Run is the record of one run, as the runner wrote it.
type Run struct {
	// Version is the schema version.
	Version int `json:"version"`
	// Outcome is how the run ended.
	Outcome Outcome `json:"outcome"`
	// Detail is what the runner has to say about the outcome, possibly empty.
	Detail string `json:"detail"`
	// Notes are things worth knowing that change no verdict.
	Notes []string `json:"notes"`
	// FailedCell is the index of the cell in which the run failed.
	FailedCell *int `json:"failedCell"`
	// ExitCode is what the notebook exited with, or its dead kernel.
	ExitCode *int `json:"exitCode"`
	// Signal names the signal that ended a dead kernel.
	Signal *string `json:"signal"`
	// OutOfMemory is set when the system killed a process of the container for
	// lack of memory while the kernel that died was running.
	OutOfMemory bool `json:"outOfMemory"`
	// StartedAt is when the run began.
	StartedAt time.Time `json:"startedAt"`
	// FinishedAt is when the run ended.
	FinishedAt time.Time `json:"finishedAt"`
	// Seconds is how long the run took by a clock that is never set.
	Seconds float64 `json:"seconds"`
	// TimeoutSeconds is the time the notebook was given.
	TimeoutSeconds float64 `json:"timeoutSeconds"`
	// TimeLimit is the limit that ended the run, nil unless one did.
	TimeLimit *TimeLimit `json:"timeLimit,omitempty"`
	// Parameters are what the notebook was given, numbers as json.Number.
	Parameters map[string]any `json:"parameters,omitempty"`
	// Kernel is the kernel that was used, nil if it did not come to that.
	Kernel *Kernel `json:"kernel"`
	// Python is the version of the image's python3.
	Python string `json:"python"`
	// Packages are the versions of the Jupyter libraries in the image.
	Packages map[string]string `json:"packages"`
	// Requirements are all Python packages that the notebook could import before
	// its first cell ran, as pip freeze prints them; empty if that is not known.
	Requirements []string `json:"requirements"`
	// NBFormat is the format of the notebook file, nil if it could not be read.
	NBFormat *NBFormat `json:"nbformat"`
	// Observed is set when an observer in the kernel recorded facts. Without it
	// nothing is known about silent failures, which is not the same as none.
	Observed bool `json:"observed"`
	// ObservedDetail says why nothing was observed, else it is empty.
	ObservedDetail string `json:"observedDetail"`
	// Analysis is what the source says.
	Analysis facts.Analysis `json:"analysis"`
	// Cells are all code cells in the notebook's order.
	Cells []RunCell `json:"cells"`
}

// Kernel describes a Jupyter kernel.
type Kernel struct {
	// Name is the kernel's name among the installed ones.
	Name string `json:"name"`
	// Language is the language it runs.
	Language string `json:"language"`
	// DisplayName is its name for people.
	DisplayName string `json:"displayName"`
}

// NBFormat is the version of a notebook file's format.
type NBFormat struct {
	// Major is 3 or 4.
	Major int `json:"major"`
	// Minor is the minor version.
	Minor int `json:"minor"`
}

// RunCell is the record of one code cell.
type RunCell struct {
	// Index counts all cells of the notebook, from 0.
	Index int `json:"index"`
	// ID is the cell's id, made up by the runner if the file has none.
	ID string `json:"id"`
	// Status is how the cell fared.
	Status CellStatus `json:"status"`
	// SkipReason says why the cell was skipped, empty where that is not known or
	// the cell was not skipped. It is of the report only.
	SkipReason string `json:"skipReason,omitempty"`
	// ExecutionCount is the number that Jupyter shows as In [n].
	ExecutionCount *int `json:"executionCount"`
	// Seconds is how long the cell ran.
	Seconds float64 `json:"seconds"`
	// Source is the first line of the source that is not blank.
	Source string `json:"source"`
	// Output is the text the cell printed and displayed.
	Output string `json:"output"`
	// OutputTruncated is set when Output is not all of it.
	OutputTruncated bool `json:"outputTruncated"`
	// Error is the exception the cell raised, if it raised one.
	Error *CellFailure `json:"error"`
	// Stderr is what the cell's code wrote to the error stream, at most 2 KiB.
	// It is of the run only, the report has it in Output.
	Stderr string `json:"stderr,omitempty"`
	// Facts are what the observer saw of the cell, nil if it was not observed.
	// They are of the run only, the report has what follows from them.
	Facts *facts.Cell `json:"facts,omitempty"`
}

// CellFailure is the exception that a cell raised.
type CellFailure struct {
	// Name is the exception's class.
	Name string `json:"name"`
	// Value is the exception's text.
	Value string `json:"value"`
	// Traceback is the traceback, free of colours and control characters.
	Traceback string `json:"traceback"`
}
