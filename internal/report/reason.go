package report

// Reason says in one word why a verdict is what it is.
type Reason string

const (
	// ReasonPassed is set when every cell ran without an error.
	ReasonPassed Reason = "Passed"
	// ReasonExitedEarly is set when the notebook ended itself with exit code 0
	// before its last cells; it passes.
	ReasonExitedEarly Reason = "ExitedEarly"
	// ReasonCellFailed is set when a cell raised an exception.
	ReasonCellFailed Reason = "CellFailed"
	// ReasonNonZeroExit is set when a cell called sys.exit with another code than 0.
	ReasonNonZeroExit Reason = "NonZeroExit"
	// ReasonTimeout is set when the notebook's time was used up.
	ReasonTimeout Reason = "Timeout"
	// ReasonKernelDied is set when the kernel process ended during a cell.
	ReasonKernelDied Reason = "KernelDied"
	// ReasonOutOfMemory is set when the kernel was killed for lack of memory.
	ReasonOutOfMemory Reason = "OutOfMemory"
	// ReasonKernelUnavailable is set when the image has no kernel for the
	// notebook, or its kernel does not start.
	ReasonKernelUnavailable Reason = "KernelUnavailable"
	// ReasonInvalidNotebook is set when the file is not a notebook.
	ReasonInvalidNotebook Reason = "InvalidNotebook"
	// ReasonNoCodeCells is set when the notebook holds nothing to run.
	ReasonNoCodeCells Reason = "NoCodeCells"
	// ReasonRunnerMissing is set when the image lacks Python or the Jupyter
	// libraries that run a notebook.
	ReasonRunnerMissing Reason = "RunnerMissing"
	// ReasonReportInvalid is set when the record of the run is missing, broken
	// or does not fit the notebook.
	ReasonReportInvalid Reason = "ReportInvalid"
)

// reasons are all of them; a report with any other is refused.
var reasons = map[Reason]bool{
	ReasonPassed: true, ReasonExitedEarly: true, ReasonCellFailed: true, ReasonNonZeroExit: true,
	ReasonTimeout: true, ReasonKernelDied: true, ReasonOutOfMemory: true, ReasonKernelUnavailable: true,
	ReasonInvalidNotebook: true, ReasonNoCodeCells: true, ReasonRunnerMissing: true, ReasonReportInvalid: true,
}

// Passes tells whether the reason is that of a pass.
func (r Reason) Passes() bool { return r == ReasonPassed || r == ReasonExitedEarly }
