package report

import (
	"fmt"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// explainSkips says of each cell that was skipped what in the notebook asked
// for it. The record does not tell; it was checked against the same rule.
func (r *Report) explainSkips(pristine *nbformat.Notebook) {
	if pristine == nil {
		return
	}
	sources := pristine.CodeCells()
	for i := range min(len(r.Cells), len(sources)) {
		if r.Cells[i].Status == CellSkipped {
			r.Cells[i].SkipReason = sources[i].SkipReason()
		}
	}
}

// WhyNoRun says why a cell did not run, empty for one that did.
func (r *Report) WhyNoRun(cell RunCell) string {
	switch {
	case cell.Status == CellSkipped && cell.SkipReason != "":
		return cell.SkipReason
	case cell.Status == CellSkipped:
		return "empty, or marked to be skipped"
	case cell.Status == CellNotRun:
		return "not run: " + r.endedBy()
	}
	return ""
}

// endedBy says what kept later cells from running.
func (r *Report) endedBy() string {
	for _, cell := range r.Cells {
		switch cell.Status {
		case CellError:
			if cell.Error == nil || cell.Error.Name == "" {
				return fmt.Sprintf("cell %d raised an exception", cell.Index)
			}
			return fmt.Sprintf("cell %d raised %s", cell.Index, cell.Error.Name)
		case CellTimeout:
			return fmt.Sprintf("the time was used up in cell %d", cell.Index)
		case CellDied:
			return fmt.Sprintf("the kernel died in cell %d", cell.Index)
		case CellExited:
			return fmt.Sprintf("cell %d ended the notebook", cell.Index)
		}
	}
	return fmt.Sprintf("the notebook was not begun (%s)", r.Reason)
}
