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
	// ReasonSilentFailure is set when a value shows that something failed
	// without an error.
	ReasonSilentFailure Reason = "SilentFailure"
	// ReasonLintFailed is set when the source breaks a rule that fails.
	ReasonLintFailed Reason = "LintFailed"
	// ReasonOutputMismatch is set when a cell did not produce what is expected.
	ReasonOutputMismatch Reason = "OutputMismatch"
	// ReasonGoldenMismatch is set when outputs differ from the golden notebook.
	ReasonGoldenMismatch Reason = "GoldenMismatch"
	// ReasonPolicyViolated is set when the notebook lacks something else that
	// the configuration or its level demands.
	ReasonPolicyViolated Reason = "PolicyViolated"
	// ReasonTimeout is set when the time of the notebook or of a cell was used up.
	ReasonTimeout Reason = "Timeout"
	// ReasonKernelDied is set when the kernel process ended during a cell.
	ReasonKernelDied Reason = "KernelDied"
	// ReasonOutOfMemory is set when the kernel was killed for lack of memory.
	ReasonOutOfMemory Reason = "OutOfMemory"
	// ReasonParametersInvalid is set when the notebook does not know a
	// parameter, or cannot be given it.
	ReasonParametersInvalid Reason = "ParametersInvalid"
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
	ReasonSilentFailure: true, ReasonLintFailed: true, ReasonOutputMismatch: true, ReasonGoldenMismatch: true,
	ReasonPolicyViolated: true, ReasonParametersInvalid: true,
	ReasonInvalidNotebook: true, ReasonNoCodeCells: true, ReasonRunnerMissing: true, ReasonReportInvalid: true,
}

// Passes tells whether the reason is that of a pass.
func (r Reason) Passes() bool { return r == ReasonPassed || r == ReasonExitedEarly }
