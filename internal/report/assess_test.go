package report

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/demands"
	"mlops.dev/notebook-validator-operator/internal/facts"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// notebookOf parses a notebook of code cells a, b, ...; outputs are those of the last one.
func notebookOf(t *testing.T, outputs string, sources ...string) *nbformat.Notebook {
	t.Helper()
	text := `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[`
	for i, source := range sources {
		if i > 0 {
			text += ","
		}
		outs := "[]"
		if i == len(sources)-1 && outputs != "" {
			outs = outputs
		}
		text += `{"cell_type":"code","id":"` + string(rune('a'+i)) + `","metadata":{},"execution_count":1,"source":"` + source + `","outputs":` + outs + `}`
	}
	notebook, err := nbformat.Parse([]byte(text + "]}"))
	require.NoError(t, err)
	return notebook
}

const six = `[{"output_type":"execute_result","execution_count":2,"metadata":{},"data":{"text/plain":"6.0"}}]`

// swallowed is a run whose second cell bound a None that a function of the notebook returns on failure.
func swallowed(t *testing.T) Evidence {
	run := makeRun(OutcomeCompleted, CellOK, CellOK)
	scope := func(binds map[string]facts.Bind) facts.Scope {
		return facts.Scope{Binds: binds, Mutates: []string{}, Loads: []string{}}
	}
	run.Analysis.Cells = []facts.Source{
		{Index: 0, Parsed: true, Commands: []string{}, Scope: scope(map[string]facts.Bind{}), Functions: []facts.Function{
			{Name: "load", Line: 1, Returns: "mixed", Scope: scope(map[string]facts.Bind{})}}},
		{Index: 1, Parsed: true, Commands: []string{}, Functions: []facts.Function{}, Scope: scope(map[string]facts.Bind{
			"data": {Kind: "call", Callee: "load", Returns: "mixed", Line: 1}})},
	}
	run.Cells[0].Facts = makeFacts("x", facts.Value{Type: "str"})
	run.Cells[1].Facts = makeFacts("data", facts.Value{Type: "NoneType", None: true})
	return Evidence{Run: run, Pristine: notebookOf(t, "", "def load(): ...", "data = load()"), Executed: notebookOf(t, six, "def load(): ...", "data = load()")}
}

func TestAFindingThatFailsTakesThePassAway(t *testing.T) {
	report := Assess(subject, swallowed(t), demands.Demands{})
	assert.Equal(t, ReasonSilentFailure, report.Reason)
	assert.Equal(t, "Failed", report.Verdict)
	assert.Contains(t, report.Message, "cell 1: ")
	assert.Contains(t, report.Message, "NONE-MIXED, level development")
	require.NotNil(t, report.FailedCell)
	assert.Equal(t, 1, *report.FailedCell)
	assert.Equal(t, Counts{Total: 2, Passed: 1, Failed: 1}, report.Counts)
	assert.False(t, report.Failing(report.Cells[0]))
	assert.True(t, report.Failing(report.Cells[1]))
}

func TestAWarningIsToldAndTakesNothingAway(t *testing.T) {
	report := Assess(subject, swallowed(t), demands.Demands{Validation: v1alpha1.ValidationConfig{Level: v1alpha1.LevelLearning}})
	assert.Equal(t, ReasonPassed, report.Reason)
	assert.Contains(t, report.Message, "1 warning in the report")
	assert.Nil(t, report.FailedCell)
	assert.Equal(t, Counts{Total: 2, Passed: 2}, report.Counts)
}

func TestAnErrorOfTheNotebookKeepsItsOwnReason(t *testing.T) {
	evidence := swallowed(t)
	evidence.Run.Outcome, evidence.Run.FailedCell = OutcomeError, pointer(0)
	evidence.Run.Cells[0] = makeCell(0, CellError)
	evidence.Run.Cells[1] = makeCell(1, CellNotRun)
	report := Assess(subject, evidence, demands.Demands{})
	assert.Equal(t, ReasonCellFailed, report.Reason)
	assert.Equal(t, 0, *report.FailedCell)
}

func TestAGoldenNotebookIsHeldAgainstTheRun(t *testing.T) {
	const seven = `[{"output_type":"execute_result","execution_count":2,"metadata":{},"data":{"text/plain":"7.0"}}]`
	learning := demands.Demands{Golden: "golden.ipynb", Validation: v1alpha1.ValidationConfig{Level: v1alpha1.LevelLearning}}
	sources := []string{"def load(): ...", "data = load()"}
	for name, test := range map[string]struct {
		golden  *GoldenEvidence
		drop    bool
		reason  Reason
		rule    string
		verdict v1alpha1.ComparisonVerdict
		says    string
	}{
		"the same":           {golden: &GoldenEvidence{Notebook: notebookOf(t, six, sources...), Commit: subject.Commit}, reason: ReasonPassed, verdict: v1alpha1.ComparisonMatched},
		"another number":     {golden: &GoldenEvidence{Notebook: notebookOf(t, seven, sources...)}, reason: ReasonGoldenMismatch, rule: "GOLDEN-MISMATCH", verdict: v1alpha1.ComparisonMismatched, says: "cell 1: "},
		"a cell more":        {golden: &GoldenEvidence{Notebook: notebookOf(t, six, append(sources, "more()")...)}, reason: ReasonGoldenMismatch, rule: "GOLDEN-CELLS", verdict: v1alpha1.ComparisonMismatched},
		"never executed":     {golden: &GoldenEvidence{Notebook: notebookOf(t, "", sources...)}, reason: ReasonGoldenMismatch, rule: "GOLDEN-INVALID", verdict: v1alpha1.ComparisonFailed, says: "never executed"},
		"not there":          {golden: &GoldenEvidence{Err: errors.New("the golden notebook is gone")}, reason: ReasonGoldenMismatch, rule: "GOLDEN-INVALID", verdict: v1alpha1.ComparisonFailed, says: "is gone"},
		"nothing to compare": {golden: &GoldenEvidence{Notebook: notebookOf(t, six, sources...)}, drop: true, reason: ReasonGoldenMismatch, rule: "GOLDEN-INVALID", verdict: v1alpha1.ComparisonFailed, says: "no executed notebook"},
	} {
		t.Run(name, func(t *testing.T) {
			evidence := swallowed(t)
			evidence.Golden = test.golden
			if test.drop {
				evidence.Executed = nil
			}
			report := Assess(subject, evidence, learning)
			assert.Equal(t, test.reason, report.Reason, report.Message)
			assert.Contains(t, report.Message, test.says)
			require.NotNil(t, report.Comparison)
			assert.Equal(t, test.verdict, report.Comparison.Verdict)
			var found []string
			for _, f := range report.Findings {
				found = append(found, f.Rule)
			}
			if test.rule != "" {
				assert.Contains(t, found, test.rule)
			}
		})
	}
}

func TestGoldenFindingsStandInTheOrderOfCells(t *testing.T) {
	evidence := swallowed(t)
	run := makeRun(OutcomeCompleted, CellOK, CellOK, CellOK)
	run.Analysis = evidence.Run.Analysis
	run.Cells[1].Facts = evidence.Run.Cells[1].Facts
	sources := []string{"def load(): ...", "data = load()", "6.0"}
	evidence.Run, evidence.Pristine, evidence.Executed = run, notebookOf(t, "", sources...), notebookOf(t, six, sources...)
	changed := notebookOf(t, six, sources...)
	changed.Cells[0].Outputs, changed.Cells[1].Outputs = changed.Cells[2].Outputs, changed.Cells[2].Outputs
	evidence.Golden = &GoldenEvidence{Notebook: changed}
	var told []string
	for _, f := range Assess(subject, evidence, demands.Demands{Golden: "golden.ipynb"}).Findings {
		where := "notebook"
		if f.Cell != nil {
			where = fmt.Sprint(*f.Cell)
		}
		told = append(told, where+" "+f.Rule)
	}
	assert.Equal(t, []string{"0 NOT-OBSERVED", "0 GOLDEN-MISMATCH", "1 NONE-MIXED", "1 GOLDEN-MISMATCH", "2 NOT-OBSERVED"}, told)
}

func TestTheInsertedCellOfParametersShiftsNoIndex(t *testing.T) {
	pristine := notebookOf(t, "", "n = 1", "n + 5.0")
	executed := notebookOf(t, six, "n = 1", "n = 1", "n + 5.0")
	executed.Cells[1].Tags, executed.Cells[1].ID = []string{nbformat.TagInjectedParameters}, "injected"
	executed.Cells[2].ID = "b"
	got := asCommitted(executed, pristine)
	require.Len(t, got.Cells, 2)
	assert.Equal(t, "b", got.Cells[1].ID)
	assert.Equal(t, 1, got.Cells[1].Index)
	assert.Equal(t, executed, asCommitted(executed, executed), "nothing was inserted")
}
