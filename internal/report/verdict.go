package report

import "fmt"

// maxMessageBytes bounds a verdict's message.
const maxMessageBytes = 1024

// Verdict is the answer to the question whether the notebook works.
type Verdict struct {
	// Passed is the answer.
	Passed bool
	// Reason says why in one word.
	Reason Reason
	// Message says why, and what to do, in one sentence for people.
	Message string
	// FailedCell is the index of the cell in which the notebook failed.
	FailedCell *int
}

// Judge decides. It trusts only the cells: whatever the record claims as its
// outcome, a pass needs every cell that should have run to be ok.
func Judge(run *Run) Verdict {
	tally := count(run.Cells)
	switch run.Outcome {
	case OutcomeCompleted:
		return judgeCompleted(tally)
	case OutcomeExited:
		return judgeExited(run, tally)
	case OutcomeError:
		return failed(run, ReasonCellFailed, cellMessage(run))
	case OutcomeTimeout:
		return failed(run, ReasonTimeout, timeoutMessage(run))
	case OutcomeKernelDied:
		if run.OutOfMemory {
			return failed(run, ReasonOutOfMemory, memoryMessage(run))
		}
		return failed(run, ReasonKernelDied, deathMessage(run))
	case OutcomeNoSuchKernel, OutcomeKernelStartFailed:
		return failed(run, ReasonKernelUnavailable, kernelMessage(run))
	case OutcomeParametersInvalid:
		return failed(run, ReasonParametersInvalid, run.Detail)
	case OutcomeInvalidNotebook:
		return failed(run, ReasonInvalidNotebook, run.Detail+
			": check that the path names a Jupyter notebook, then open it in Jupyter, save it again and commit the result")
	case OutcomeNoCodeCells:
		return noCodeCells(tally)
	case OutcomeRunnerMissing:
		return failed(run, ReasonRunnerMissing, "the image cannot run notebooks: "+run.Detail+
			": install nbclient, nbformat and ipykernel in the image, or set podConfig.buildConfig.enabled to have it built")
	}
	return Unreadable(fmt.Errorf("the record has the unknown outcome %.40q", run.Outcome))
}

// Unreadable is the verdict over a run whose record cannot be believed.
func Unreadable(problem error) Verdict {
	return verdict(ReasonReportInvalid, "nothing is known about the notebook: "+problem.Error()+
		": look at the log of the execute container, and check that no cell writes into the output directory", nil)
}

func judgeCompleted(tally Counts) Verdict {
	switch {
	case tally.Total == tally.Skipped:
		return noCodeCells(tally)
	case tally.Passed == 0 || tally.Passed+tally.Skipped != tally.Total:
		return Unreadable(fmt.Errorf("the record says completed, but only %d of %d cells passed", tally.Passed, tally.Total))
	}
	message := plural(tally.Passed, "code cell") + " ran without an error"
	if tally.Skipped > 0 {
		message += fmt.Sprintf("; %d skipped", tally.Skipped)
	}
	return verdict(ReasonPassed, message, nil)
}

func judgeExited(run *Run, tally Counts) Verdict {
	switch {
	case run.ExitCode == nil:
		return Unreadable(fmt.Errorf("the record says exited, but gives no exit code"))
	case *run.ExitCode != 0:
		return failed(run, ReasonNonZeroExit, exitMessage(run))
	case tally.Failed > 0:
		return Unreadable(fmt.Errorf("the record says exited with 0, but %s failed", plural(tally.Failed, "cell")))
	case tally.NotRun > 0:
		return verdict(ReasonExitedEarly, fmt.Sprintf(
			"the notebook ended itself with exit code 0 in cell %d; %s never ran: remove the exit if they should",
			endedIn(run), plural(tally.NotRun, "later code cell")), nil)
	}
	return verdict(ReasonPassed, plural(tally.Passed, "code cell")+" ran without an error; the last one ended the notebook with exit code 0", nil)
}

func noCodeCells(tally Counts) Verdict {
	message := "the notebook has no code cell: there is nothing to validate; check that the path names the right notebook"
	if tally.Total > 0 {
		message = fmt.Sprintf("all %d code cells are empty or tagged to be skipped: there is nothing to validate; "+
			"remove the tag from at least one", tally.Total)
	}
	return verdict(ReasonNoCodeCells, message, nil)
}

func failed(run *Run, reason Reason, message string) Verdict {
	return verdict(reason, message, run.FailedCell)
}

func verdict(reason Reason, message string, cell *int) Verdict {
	return Verdict{
		Passed:     reason.Passes(),
		Reason:     reason,
		Message:    oneLine(message, maxMessageBytes),
		FailedCell: cell,
	}
}

// endedIn returns the index of the cell that ended the run, -1 if none did.
func endedIn(run *Run) int {
	for _, cell := range run.Cells {
		if cell.Status != CellOK && ran(cell.Status) {
			return cell.Index
		}
	}
	return -1
}
