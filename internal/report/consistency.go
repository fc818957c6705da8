package report

import "fmt"

// ending maps the outcomes that end inside a cell to that cell's status.
var ending = map[Outcome]CellStatus{
	OutcomeError:      CellError,
	OutcomeExited:     CellExited,
	OutcomeTimeout:    CellTimeout,
	OutcomeKernelDied: CellDied,
}

// checkOutcome holds the outcome against the cells: a record that says
// "completed" over a cell that never ran is refused, not judged.
func checkOutcome(run *Run) error {
	switch run.Outcome {
	case OutcomeCompleted:
		return checkCompleted(run)
	case OutcomeError, OutcomeExited, OutcomeTimeout, OutcomeKernelDied:
		return checkEndedInCell(run)
	case OutcomeKernelStartFailed, OutcomeNoSuchKernel, OutcomeParametersInvalid, OutcomeNoCodeCells:
		return checkNothingRan(run)
	case OutcomeInvalidNotebook, OutcomeRunnerMissing:
		if len(run.Cells) > 0 {
			return fmt.Errorf("outcome %s comes with cells", run.Outcome)
		}
		return checkNothingRan(run)
	}
	return fmt.Errorf("it has the unknown outcome %.40q", run.Outcome)
}

func checkCompleted(run *Run) error {
	okay := 0
	for _, cell := range run.Cells {
		if cell.Status != CellOK && cell.Status != CellSkipped {
			return fmt.Errorf("the run completed, but cell %d has status %s", cell.Index, cell.Status)
		}
		if cell.Status == CellOK {
			okay++
		}
	}
	switch {
	case okay == 0:
		return fmt.Errorf("the run completed, but no cell ran")
	case run.FailedCell != nil || run.ExitCode != nil || run.Signal != nil:
		return fmt.Errorf("the run completed, but names a failed cell, an exit code or a signal")
	case run.Kernel == nil:
		return fmt.Errorf("cells ran, but no kernel is named")
	}
	return nil
}

// checkEndedInCell wants: cells that were fine, one cell that ended the run,
// cells that never ran.
func checkEndedInCell(run *Run) error {
	var ended *RunCell
	for i := range run.Cells {
		cell := &run.Cells[i]
		switch {
		case cell.Status == CellSkipped:
		case ended == nil && cell.Status == CellOK:
		case ended == nil && cell.Status == ending[run.Outcome]:
			ended = cell
		case ended != nil && cell.Status == CellNotRun:
		default:
			return fmt.Errorf("outcome %s does not allow cell %d to have status %s", run.Outcome, cell.Index, cell.Status)
		}
	}
	switch {
	case ended == nil:
		return fmt.Errorf("outcome %s, but no cell has status %s", run.Outcome, ending[run.Outcome])
	case run.Kernel == nil:
		return fmt.Errorf("cells ran, but no kernel is named")
	}
	return checkEnd(run, ended.Index)
}

// checkEnd compares failed cell and exit code with the cell that ended the run.
func checkEnd(run *Run, endedIn int) error {
	cleanExit := false
	if run.Outcome == OutcomeExited {
		if run.ExitCode == nil {
			return fmt.Errorf("the notebook exited, but no exit code is given")
		}
		cleanExit = *run.ExitCode == 0
	}
	switch {
	case cleanExit && run.FailedCell != nil:
		return fmt.Errorf("the notebook exited with 0, but names a failed cell")
	case !cleanExit && (run.FailedCell == nil || *run.FailedCell != endedIn):
		return fmt.Errorf("the run ended in cell %d, but does not name it as failed", endedIn)
	case run.ExitCode != nil && run.Outcome != OutcomeExited && run.Outcome != OutcomeKernelDied:
		return fmt.Errorf("outcome %s comes with an exit code", run.Outcome)
	case run.Signal != nil && run.Outcome != OutcomeKernelDied:
		return fmt.Errorf("outcome %s comes with a signal", run.Outcome)
	}
	return nil
}

func checkNothingRan(run *Run) error {
	for _, cell := range run.Cells {
		allowed := cell.Status == CellSkipped || (cell.Status == CellNotRun && run.Outcome != OutcomeNoCodeCells)
		if !allowed {
			return fmt.Errorf("outcome %s does not allow cell %d to have status %s", run.Outcome, cell.Index, cell.Status)
		}
	}
	if run.FailedCell != nil || run.ExitCode != nil || run.Signal != nil {
		return fmt.Errorf("outcome %s names a failed cell, an exit code or a signal", run.Outcome)
	}
	return nil
}
