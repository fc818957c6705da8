package report

import (
	"fmt"
	"math"
	"slices"
)

const (
	// MaxRunBytes bounds the run.json that is read.
	MaxRunBytes = 32 << 20
	// maxCells is above the number of code cells that the runner accepts.
	maxCells = 20000
	// maxNotes is above the number of notes that the runner writes.
	maxNotes = 100
	// maxSeconds is ten years: far above any run, far below overflow.
	maxSeconds = 10 * 366 * 24 * 3600
	// maxFieldBytes bounds short texts such as names and ids.
	maxFieldBytes = 4 << 10
)

// ParseRun reads a record of a run. What it returns without an error is whole
// and agrees with itself; whether it agrees with the notebook is Check's
// business. A list of packages that pip freeze cannot have printed says nothing
// about the cells: it is left out with a note.
func ParseRun(data []byte) (*Run, error) {
	if len(data) > MaxRunBytes {
		return nil, fmt.Errorf("run.json is larger than %d MiB", MaxRunBytes>>20)
	}
	run := &Run{}
	if err := decodeStrict(data, run); err != nil {
		return nil, fmt.Errorf("run.json is not valid: %w", err)
	}
	for _, check := range []func(*Run) error{checkHeader, checkCells, checkOutcome, checkTimeLimit} {
		if err := check(run); err != nil {
			return nil, fmt.Errorf("run.json is not valid: %w", err)
		}
	}
	dropStrangeRequirements(run)
	return run, nil
}

func checkHeader(run *Run) error {
	switch {
	case run.Version != RunVersion:
		return fmt.Errorf("it has version %d, this program reads version %d", run.Version, RunVersion)
	case !saneSeconds(run.Seconds) || !saneSeconds(run.TimeoutSeconds):
		return fmt.Errorf("its seconds are out of range")
	case run.StartedAt.IsZero() || run.FinishedAt.IsZero():
		return fmt.Errorf("it does not say when the run began and ended")
	case len(run.Notes) > maxNotes:
		return fmt.Errorf("it has more than %d notes", maxNotes)
	case len(run.Packages) > maxNotes:
		return fmt.Errorf("it names more than %d packages", maxNotes)
	case len(run.Cells) > maxCells || len(run.Analysis.Cells) > maxCells:
		return fmt.Errorf("it has more than %d cells", maxCells)
	case len(run.ObservedDetail) > maxFieldBytes || len(run.Analysis.Detail) > maxFieldBytes:
		return fmt.Errorf("it says too much about why it was not observed or analysed")
	case run.Observed && run.ObservedDetail != "":
		return fmt.Errorf("it was observed, but says why not")
	case run.OutOfMemory && run.Outcome != OutcomeKernelDied:
		return fmt.Errorf("it tells of memory running out, but the kernel lived")
	}
	return nil
}

func checkCells(run *Run) error {
	last := -1
	for _, cell := range run.Cells {
		switch {
		case cell.Index <= last:
			return fmt.Errorf("cell %d follows cell %d", cell.Index, last)
		case !slices.Contains(cellStatuses, cell.Status):
			return fmt.Errorf("cell %d has the unknown status %.40q", cell.Index, cell.Status)
		case !saneSeconds(cell.Seconds):
			return fmt.Errorf("the seconds of cell %d are out of range", cell.Index)
		case cell.ExecutionCount != nil && *cell.ExecutionCount < 0:
			return fmt.Errorf("the execution count of cell %d is negative", cell.Index)
		case len(cell.ID) > maxFieldBytes || len(cell.Source) > maxFieldBytes || len(cell.Stderr) > maxFieldBytes:
			return fmt.Errorf("the id, first line or stderr of cell %d is too long", cell.Index)
		case (cell.Status == CellError || cell.Status == CellExited) && cell.Error == nil:
			return fmt.Errorf("cell %d has status %s but no error", cell.Index, cell.Status)
		case !ran(cell.Status) && (cell.Error != nil || cell.ExecutionCount != nil || cell.Facts != nil):
			return fmt.Errorf("cell %d has status %s but a result", cell.Index, cell.Status)
		case cell.Facts != nil && !run.Observed:
			return fmt.Errorf("cell %d has facts, but nothing was observed", cell.Index)
		}
		last = cell.Index
	}
	return nil
}

var cellStatuses = []CellStatus{CellOK, CellError, CellTimeout, CellDied, CellExited, CellSkipped, CellNotRun}

func ran(status CellStatus) bool { return status != CellSkipped && status != CellNotRun }

func saneSeconds(value float64) bool {
	return !math.IsNaN(value) && value >= 0 && value <= maxSeconds
}
