package policy

import "mlops.dev/notebook-validator-operator/internal/expected"

// expects is true if the user wrote expectations and they are looked at; they are checks too.
func (j *judge) expects() bool {
	return on(j.config.CheckOutputTypes) && len(j.config.ExpectedOutputs) > 0
}

// expectedCells are the indexes of the cells that an expectation is about.
func (j *judge) expectedCells() map[int]bool {
	covered := map[int]bool{}
	if !j.expects() {
		return covered
	}
	all := outputs(j.in.Cells)
	for _, expectation := range j.config.ExpectedOutputs {
		if found := expected.Find(all, expectation); len(found) == 1 {
			covered[found[0].Index] = true
		}
	}
	return covered
}

// outputs are the cells as expectations see them.
func outputs(cells []Cell) []expected.Cell {
	all := make([]expected.Cell, 0, len(cells))
	for i := range cells {
		cell := &cells[i]
		all = append(all, expected.Cell{Index: cell.Index, ID: cell.ID, Tags: cell.Tags, Ran: cell.ran(), Facts: cell.Facts})
	}
	return all
}

// noAssertion judges a notebook without a check, where the user wants one. Where the source could not be read, none was
// seen, and that is no pass.
func (j *judge) noAssertion() {
	if !j.config.VerifyAssertions || j.expects() || j.in.Analysis.Done && j.in.Analysis.Checks > 0 {
		return
	}
	message := "The notebook holds no check of its data or results."
	if !j.in.Analysis.Done {
		message = sentence("Checks could not be looked for", j.in.Analysis.Detail)
	}
	j.found.add(remark{rule: "NO-ASSERTION", message: message})
}

// unpinned judges requirements that may bring another version tomorrow.
func (j *judge) unpinned() {
	for _, line := range j.in.Unpinned {
		j.found.add(remark{rule: "UNPINNED-REQUIREMENT", name: line, message: "The requirement " + quote(line) + " names no exact version."})
	}
}
