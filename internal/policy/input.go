// Package policy judges: it turns what is known about a run into findings, by the rules of internal/rules and the level
// and switches of a validationConfig. It reads nothing and runs nothing, so the same facts can be judged again at another
// level.
package policy

import "mlops.dev/notebook-validator-operator/internal/facts"

// Input is everything that a judgement rests on.
type Input struct {
	// Language of the kernel; empty or python for Python.
	Language string
	// Observed is false where no observer was in the kernel, ObservedDetail then says why.
	Observed       bool
	ObservedDetail string
	// Analysis is what the source says.
	Analysis facts.Analysis
	// Cells are the code cells in the order of the notebook.
	Cells []Cell
	// Unpinned are the lines of requirements that name no exact version.
	Unpinned []string
}

// Status is how a code cell ended.
type Status string

// Statuses of a cell.
const (
	// StatusOK is a cell that ran to its end, or raised what its tag allows.
	StatusOK Status = "ok"
	// StatusError is a cell that raised.
	StatusError Status = "error"
	// StatusTimeout is a cell that took too long.
	StatusTimeout Status = "timeout"
	// StatusDied is a cell in which the kernel died.
	StatusDied Status = "died"
	// StatusExited is a cell that ended the notebook by sys.exit or SystemExit.
	StatusExited Status = "exited"
	// StatusSkipped is a cell that a tag keeps from running.
	StatusSkipped Status = "skipped"
	// StatusNotRun is a cell that the run did not reach.
	StatusNotRun Status = "not_run"
)

// Cell is one code cell and what its run left.
type Cell struct {
	// Index counts all cells of the committed notebook from 0; a cell of parameters that the run inserted is not among them.
	Index int
	// ID of the cell, possibly empty.
	ID string
	// Tags of the cell.
	Tags []string
	// FirstLine is the first line of its source that is not empty; empty for an empty cell.
	FirstLine string
	// Status is how it ended.
	Status Status
	// Raised is set when an exception was raised, allowed or not.
	Raised bool
	// MayRaise is set by the tag raises-exception and what stands for it.
	MayRaise bool
	// ExitCode is that of SystemExit where Status is StatusExited.
	ExitCode *int
	// Stdout and Stderr are what it wrote, possibly cut off.
	Stdout, Stderr string
	// Facts are what the observer saw, nil where it saw nothing.
	Facts *facts.Cell
}

// ran is true of a cell whose code was started.
func (c *Cell) ran() bool {
	return c.Status != StatusSkipped && c.Status != StatusNotRun && c.Status != ""
}

// whole is true of a cell that ran to its end; of others no value is judged.
func (c *Cell) whole() bool { return c.Status == StatusOK && !c.Raised }

func (c *Cell) empty() bool { return c.FirstLine == "" }
