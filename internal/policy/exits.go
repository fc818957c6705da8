package policy

import "fmt"

// earlyExit judges a notebook that ended itself well and left cells behind.
func (j *judge) earlyExit(i int) {
	cell := &j.in.Cells[i]
	if cell.Status != StatusExited || cell.ExitCode == nil || *cell.ExitCode != 0 {
		return
	}
	left := 0
	for k := i + 1; k < len(j.in.Cells); k++ {
		if later := &j.in.Cells[k]; later.Status == StatusNotRun && !later.empty() {
			left++
		}
	}
	if left > 0 {
		j.found.add(remark{
			rule: "EARLY-EXIT", cell: cell, message: fmt.Sprintf("The notebook ended here with exit code 0, and %s after it never ran.", cells(left)),
		})
	}
}

func cells(n int) string {
	if n == 1 {
		return "1 code cell"
	}
	return fmt.Sprintf("%d code cells", n)
}

// untaggedRaise judges a cell that is there to show an error and shows none.
func (j *judge) untaggedRaise(cell *Cell) {
	if cell.MayRaise && cell.whole() && !cell.empty() {
		j.found.add(remark{
			rule: "TAG-NOT-RAISED", cell: cell, message: "The cell is tagged raises-exception and raised nothing.",
		})
	}
}

// explicitExit judges how the last cell that ran ended, where the user wants an exit code. A run that an error ended is
// judged by its error.
func (j *judge) explicitExit() {
	if !j.config.RequireExplicitExitCodes {
		return
	}
	var last *Cell
	for i := range j.in.Cells {
		if cell := &j.in.Cells[i]; cell.ran() && !cell.empty() {
			last = cell
		}
	}
	switch {
	case last == nil:
		j.found.add(remark{rule: "EXPLICIT-EXIT", message: "No code cell ran, so none ended the notebook with an exit code."})
	case last.Status == StatusOK:
		j.found.add(remark{rule: "EXPLICIT-EXIT", cell: last, message: "The last code cell does not end the notebook with an exit code."})
	case last.Status == StatusExited && last.ExitCode == nil:
		j.found.add(remark{rule: "EXPLICIT-EXIT", cell: last, message: "The notebook ended without a known exit code."})
	case last.Status == StatusExited && *last.ExitCode != 0:
		j.found.add(remark{
			rule: "EXPLICIT-EXIT", cell: last, message: fmt.Sprintf("The notebook ended itself with exit code %d.", *last.ExitCode),
		})
	}
}
