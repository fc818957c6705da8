package report

import (
	"fmt"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// Check holds the record of a run against the pristine notebook. A record that
// leaves a cell out, invents one, or skips a cell that the notebook does not
// skip, was not written by the runner; nothing it says counts.
func Check(run *Run, notebook *nbformat.Notebook) error {
	if run.Outcome == OutcomeRunnerMissing || run.Outcome == OutcomeInvalidNotebook {
		// Neither can pass, and the runner did not get as far as the cells.
		return nil
	}
	if run.NBFormat == nil || run.NBFormat.Major != notebook.Format.Major {
		return fmt.Errorf("the record is of another notebook: its format is not %d", notebook.Format.Major)
	}
	code := notebook.CodeCells()
	if len(run.Cells) != len(code) {
		return fmt.Errorf("the record accounts for %s, the notebook has %d", plural(len(run.Cells), "code cell"), len(code))
	}
	for i := range run.Cells {
		if err := checkAgainst(&run.Cells[i], code[i]); err != nil {
			return err
		}
	}
	return nil
}

func checkAgainst(cell *RunCell, pristine *nbformat.Cell) error {
	skipped := cell.Status == CellSkipped
	switch {
	case cell.Index != pristine.Index:
		return fmt.Errorf("the record does not account for code cell %d", pristine.Index)
	case pristine.ID != "" && cell.ID != pristine.ID:
		return fmt.Errorf("the record gives cell %d another id than the notebook", cell.Index)
	case skipped && !pristine.Skipped():
		return fmt.Errorf("the record skips cell %d, the notebook does not", cell.Index)
	case !skipped && pristine.Skipped():
		return fmt.Errorf("the record does not skip cell %d, the notebook does", cell.Index)
	case cell.Status == CellOK && cell.Error != nil && !pristine.HasTag(nbformat.TagRaisesException):
		return fmt.Errorf("the record calls cell %d good although it raised an exception", cell.Index)
	}
	return nil
}
