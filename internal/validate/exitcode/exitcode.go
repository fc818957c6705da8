// Package exitcode says by a number what came of notebooks.
package exitcode

import (
	"fmt"
	"slices"

	"mlops.dev/notebook-validator-operator/internal/report"
)

// Exit codes, from the best to the worst; of several notebooks the worst one decides.
const (
	// Passed is for notebooks that passed.
	Passed = 0
	// Failed is for findings that fail, and for files that are no notebooks or hold nothing to validate.
	Failed = 1
	// Raised is for cells that raise an exception or end the notebook with another code than 0.
	Raised = 2
	// Timeout is for notebooks and cells whose time was used up.
	Timeout = 3
	// KernelDied is for kernels that died, also for lack of memory.
	KernelDied = 4
	// Unusable is for everything that keeps notebooks from being judged: wrong usage, a mistake in the settings, no Python,
	// no kernel.
	Unusable = 5
	// Interrupted is for Ctrl-C, Terminated for a polite end from outside.
	Interrupted = 130
	Terminated  = 143
)

// Of is the exit code of one report.
func Of(of *report.Report) int {
	switch of.Reason {
	case report.ReasonCellFailed, report.ReasonNonZeroExit:
		return Raised
	case report.ReasonTimeout:
		return Timeout
	case report.ReasonKernelDied, report.ReasonOutOfMemory:
		return KernelDied
	case report.ReasonKernelUnavailable, report.ReasonRunnerMissing, report.ReasonReportInvalid:
		return Unusable
	}
	if of.Reason.Passes() {
		return Passed
	}
	return Failed
}

// Worst of several exit codes.
func Worst(codes []int) int {
	if len(codes) == 0 {
		return Passed
	}
	return slices.Max(codes)
}

// Error ends the program with an exit code.
type Error struct {
	Code int
	Err  error
}

// Errorf makes an error with a code.
func Errorf(code int, format string, arguments ...any) *Error {
	return &Error{Code: code, Err: fmt.Errorf(format, arguments...)}
}

// Error is its sentence.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap is its cause.
func (e *Error) Unwrap() error { return e.Err }

// ExitCode is its code.
func (e *Error) ExitCode() int { return e.Code }
