package html

import (
	"fmt"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/golden"
)

// comparison with a golden notebook.
type comparison struct {
	Class   string
	Verdict string
	Message string
	Facts   []fact
	Notes   []string
	Diffs   []diff
	// Omitted says how many diffs are not here, empty for none.
	Omitted string
}

// diff of one cell.
type diff struct {
	Place, Anchor, Message string
	Random                 bool
	Rows                   []row

	cellID string
	index  *int
}

// row puts a line of the golden notebook beside one of this run.
type row struct {
	Class            string
	Expected, Actual string
}

func comparisonOf(result *golden.Result) *comparison {
	if result == nil {
		return nil
	}
	view := &comparison{
		Class:   strings.ToLower(string(result.Verdict)),
		Verdict: string(result.Verdict),
		Message: visible(result.Message),
		Facts: []fact{
			{"Strategy", string(result.Strategy), false},
			{"Cells", fmt.Sprintf("%d compared, %d matched, %d differ", result.TotalCells, result.Matched, result.Mismatched), false},
		},
	}
	if result.Commit != "" {
		view.Facts = append(view.Facts, fact{"Golden commit", visible(result.Commit), true})
	}
	for _, note := range result.Notes {
		view.Notes = append(view.Notes, visible(note))
	}
	for _, d := range result.Diffs {
		view.Diffs = append(view.Diffs, diffOf(d))
	}
	if result.OmittedDiffs > 0 {
		view.Omitted = count(result.OmittedDiffs, "further difference") + " left out."
	}
	return view
}

func diffOf(d golden.Diff) diff {
	view := diff{Place: "golden notebook alone", Message: visible(d.Message), Random: d.Random, cellID: d.CellID, index: d.Cell}
	switch {
	case d.Cell != nil:
		view.Place = fmt.Sprintf("cell %d", *d.Cell)
	case d.GoldenCell != nil:
		view.Place = fmt.Sprintf("cell %d of the golden notebook", *d.GoldenCell)
	}
	if d.Expected != "" || d.Actual != "" {
		view.Rows = rowsOf(d.Expected, d.Actual)
	}
	return view
}

// rowsOf names the row's class after its kind.
func rowsOf(expected, actual string) []row {
	var rows []row
	for _, pair := range golden.Lines(expected, actual) {
		rows = append(rows, row{string(pair.Kind), visible(pair.Expected), visible(pair.Actual)})
	}
	return rows
}
