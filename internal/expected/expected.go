// Package expected compares what cells produced with what the user expects of them. It looks at the observer's facts, not
// at printed text: text cannot tell a number from a string, and a long table is cut off.
package expected

import (
	"fmt"
	"slices"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/facts"
)

// Cell is one code cell as expectations see it.
type Cell struct {
	// Index counts all cells of the committed notebook from 0.
	Index int
	// ID and Tags address the cell.
	ID   string
	Tags []string
	// Ran is set where its code was started.
	Ran bool
	// Facts are what the observer saw, nil where it saw nothing.
	Facts *facts.Cell
}

// Mismatch is one expectation that is not met.
type Mismatch struct {
	// Rule is its id in internal/rules.
	Rule string
	// Cell is the index in the notebook, nil where the cell was not found.
	Cell *int
	// CellID is the cell's id.
	CellID string
	// Name of the variable, empty for the displayed value.
	Name string
	// Expectation tells equal mismatches of two expectations apart.
	Expectation string
	// Message says what differs, with types, sizes and at most one number.
	Message string
}

// Find the cells that an expectation addresses; only exactly one is right.
func Find(cells []Cell, expectation v1alpha1.ExpectedOutput) []Cell {
	var found []Cell
	for _, cell := range cells {
		switch {
		case expectation.CellID != "":
			if cell.ID == expectation.CellID {
				found = append(found, cell)
			}
		case expectation.Tag != "":
			if slices.Contains(cell.Tags, expectation.Tag) {
				found = append(found, cell)
			}
		case expectation.Cell != nil:
			if cell.Index == int(*expectation.Cell) {
				found = append(found, cell)
			}
		}
	}
	return found
}

// Check gives what is not met, in the order of the expectations. What was not seen is not met.
func Check(cells []Cell, expectations []v1alpha1.ExpectedOutput) []Mismatch {
	var all []Mismatch
	for i, expectation := range expectations {
		for _, m := range check(cells, expectation) {
			m.Expectation = fmt.Sprintf("%d", i)
			all = append(all, m)
		}
	}
	return all
}

func check(cells []Cell, expectation v1alpha1.ExpectedOutput) []Mismatch {
	found := Find(cells, expectation)
	if len(found) != 1 {
		how := "No code cell has"
		if len(found) > 1 {
			how = fmt.Sprintf("%d code cells have", len(found))
		}
		return []Mismatch{{Rule: "OUTPUT-CELL", Name: expectation.Name, Message: how + " " + address(expectation) + "."}}
	}
	cell := found[0]
	value, unseen := seen(cell, expectation.Name)
	if unseen != "" {
		return []Mismatch{of(cell, expectation, "OUTPUT-UNOBSERVED", unseen)}
	}
	var all []Mismatch
	for _, test := range []func(v1alpha1.ExpectedOutput, facts.Value) (string, string){wrongType, wrongShape, wrongRange, isEmpty} {
		if rule, message := test(expectation, value); rule != "" {
			all = append(all, of(cell, expectation, rule, message))
		}
	}
	return all
}

func of(cell Cell, expectation v1alpha1.ExpectedOutput, rule, message string) Mismatch {
	index := cell.Index
	return Mismatch{Rule: rule, Cell: &index, CellID: cell.ID, Name: expectation.Name, Message: what(expectation) + " " + message + "."}
}

func what(expectation v1alpha1.ExpectedOutput) string {
	if expectation.Name == "" {
		return "The displayed value"
	}
	return "`" + expectation.Name + "`"
}

func address(expectation v1alpha1.ExpectedOutput) string {
	switch {
	case expectation.CellID != "":
		return "the id " + expectation.CellID
	case expectation.Tag != "":
		return "the tag " + expectation.Tag
	case expectation.Cell != nil:
		return fmt.Sprintf("the index %d", *expectation.Cell)
	default:
		return "no id, no tag and no index"
	}
}

// seen is the value, or why there is none.
func seen(cell Cell, name string) (value facts.Value, unseen string) {
	switch {
	case !cell.Ran:
		return value, "was not made, since the cell did not run"
	case cell.Facts == nil:
		return value, "was not observed"
	case name != "":
		value, known := cell.Facts.Values[name]
		if !known {
			return value, "does not exist at the end of the cell"
		}
		return value, ""
	case len(cell.Facts.Displayed) == 0:
		return value, "does not exist: the cell displayed nothing"
	default:
		return cell.Facts.Displayed[len(cell.Facts.Displayed)-1], ""
	}
}
