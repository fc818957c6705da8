package report

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// pristine returns the notebook of makeRun's cells, none of them tagged.
func pristine(cells int) *nbformat.Notebook {
	notebook := &nbformat.Notebook{Format: nbformat.Format{Major: 4, Minor: 5}}
	for i := range cells {
		notebook.Cells = append(notebook.Cells,
			nbformat.Cell{Index: i, Type: nbformat.CodeCell, ID: makeCell(i, CellOK).ID, Source: "step()"})
	}
	return notebook
}

// onlyCell returns a notebook of one code cell without an id.
func onlyCell(source string, tags ...string) *nbformat.Notebook {
	notebook := pristine(1)
	notebook.Cells[0].ID, notebook.Cells[0].Source, notebook.Cells[0].Tags = "", source, tags
	return notebook
}

func TestCheckHoldsTheRecordAgainstTheNotebook(t *testing.T) {
	expected := func(run *Run) { run.Cells[0].Error = &CellFailure{Name: "ValueError"} }
	cases := map[string]struct {
		run      *Run
		notebook *nbformat.Notebook
		want     string
	}{
		"every cell is accounted for": {
			makeRun(OutcomeCompleted, CellOK, CellOK), pristine(2), ""},
		"a cell is left out": {
			makeRun(OutcomeCompleted, CellOK), pristine(2), "accounts for 1 code cell, the notebook has 2"},
		"a cell is made up": {
			makeRun(OutcomeCompleted, CellOK, CellOK, CellOK), pristine(2), "accounts for 3 code cells"},
		"all cells are left out": {
			makeRun(OutcomeNoCodeCells), pristine(2), "accounts for 0 code cells"},
		"a cell has another place": {
			with(makeRun(OutcomeCompleted, CellOK, CellOK), func(run *Run) { run.Cells[1].Index = 5 }), pristine(2),
			"does not account for code cell 1"},
		"a cell has another id": {
			with(makeRun(OutcomeCompleted, CellOK), func(run *Run) { run.Cells[0].ID = "z" }), pristine(1), "another id"},
		"an id is made up where the notebook has none": {
			with(makeRun(OutcomeCompleted, CellOK), func(run *Run) { run.Cells[0].ID = "z" }),
			onlyCell("step()"), ""},
		"a cell is skipped that should run": {
			makeRun(OutcomeCompleted, CellOK, CellSkipped), pristine(2), "skips cell 1, the notebook does not"},
		"a cell runs that should be skipped": {
			makeRun(OutcomeCompleted, CellOK), onlyCell("step()", nbformat.TagSkipExecution),
			"does not skip cell 0"},
		"an empty cell runs": {
			makeRun(OutcomeCompleted, CellOK), onlyCell(" "), "does not skip cell 0"},
		"an exception nobody expected is called good": {
			with(makeRun(OutcomeCompleted, CellOK), expected), pristine(1), "calls cell 0 good"},
		"an exception the notebook expects is good": {
			with(makeRun(OutcomeCompleted, CellOK), expected),
			onlyCell("step()", nbformat.TagRaisesException), ""},
		"the format is another": {
			makeRun(OutcomeCompleted, CellOK),
			&nbformat.Notebook{Format: nbformat.Format{Major: 3}, Cells: pristine(1).Cells}, "format is not 3"},
		"the format is not told": {
			with(makeRun(OutcomeCompleted, CellOK), func(run *Run) { run.NBFormat = nil }), pristine(1), "format is not 4"},
		"the runner was missing": {
			makeRun(OutcomeRunnerMissing), pristine(3), ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := Check(test.run, test.notebook)
			if test.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.want)
		})
	}
}
