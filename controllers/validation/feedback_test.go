package validation

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/golden"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

func found(rule string, severity v1alpha1.Severity, cell int) findings.Finding {
	return findings.Finding{
		Rule: rule, Severity: severity, Cell: &cell, CellID: fmt.Sprintf("cell-%d", cell), Line: 2, Message: "the name x is None",
		Why: "why", Fix: "fix", Example: "x = f()", Link: "docs/rules/" + rule + ".md",
	}
}

func TestFindingsAreToldTheMostSevereFirst(t *testing.T) {
	all := []findings.Finding{
		found("NB203", v1alpha1.SeverityInfo, 0), found("NB101", v1alpha1.SeverityWarning, 1), found("SCALAR", v1alpha1.SeverityFailure, 2),
		{Rule: "NB402", Severity: v1alpha1.SeverityWarning, Message: "nothing is checked"},
	}
	told := feedback(all)
	require.Len(t, told, 4)
	assert.Equal(t, v1alpha1.Finding{
		Rule: "SCALAR", Severity: v1alpha1.SeverityFailure, CellIndex: ptr.To[int32](2), CellID: "cell-2", Line: 2, Message: "the name x is None",
		Why: "why", Fix: "fix", Example: "x = f()", Link: "docs/rules/SCALAR.md",
	}, told[0])
	assert.Equal(t, "NB101", told[1].Rule)
	assert.Equal(t, "NB402", told[2].Rule)
	assert.Nil(t, told[2].CellIndex, "it belongs to the notebook as a whole")
	assert.Equal(t, "NB203", told[3].Rule)
}

func TestFeedbackIsBounded(t *testing.T) {
	var all []findings.Finding
	for i := range 200 {
		f := found("SCALAR", v1alpha1.SeverityFailure, i)
		f.Message, f.Why, f.Fix, f.Example = many("m"), many("w"), many("f"), many("e")
		all = append(all, f)
	}
	told := feedback(all)
	assert.LessOrEqual(t, len(told), maxFeedback)
	total := 0
	for _, f := range told {
		total += size(f)
		assert.LessOrEqual(t, len(f.Message), maxFeedbackText)
	}
	assert.LessOrEqual(t, total, maxFeedbackBytes)
	assert.Greater(t, total, maxFeedbackBytes/2)
}

func many(text string) string { return strings.Repeat(text, 5000) }

func TestComparisonIsToldAndBounded(t *testing.T) {
	assert.Nil(t, comparison(nil))
	result := &golden.Result{
		Strategy: v1alpha1.StrategyTolerance, Verdict: v1alpha1.ComparisonMismatched, Message: "25 of 30 cells differ", Commit: builders.OtherCommit,
		TotalCells: 30, Matched: 5, Mismatched: 25, OmittedDiffs: 3,
	}
	for i := range 25 {
		result.Diffs = append(result.Diffs, golden.Diff{Cell: ptr.To(i), CellID: "c", Message: "differs", Expected: many("1"), Actual: many("2")})
	}
	told := comparison(result)
	assert.Equal(t, v1alpha1.ComparisonMismatched, told.Result)
	assert.Equal(t, builders.OtherCommit, told.GoldenCommit)
	assert.Equal(t, []int32{30, 5, 25}, []int32{told.TotalCells, told.MatchedCells, told.MismatchedCells})
	require.Len(t, told.Diffs, maxDiffs)
	assert.Equal(t, int32(8), told.OmittedDiffs)
	assert.Equal(t, int32(0), *told.Diffs[0].CellIndex)
	assert.Nil(t, told.Diffs[0].GoldenCellIndex, "the golden notebook lacks the cell")
	assert.LessOrEqual(t, len(told.Diffs[0].Expected), maxDiffText)
}

func TestTheStatusShowsWhatWasFound(t *testing.T) {
	run := builders.MakeRun(report.CellOK, report.CellOK).Found(report.Validation{
		Level: v1alpha1.LevelStaging, Observed: true,
		Findings:   []findings.Finding{found("SCALAR", v1alpha1.SeverityFailure, 1), found("NB101", v1alpha1.SeverityWarning, 0)},
		Comparison: &golden.Result{Verdict: v1alpha1.ComparisonMatched, TotalCells: 2, Matched: 2},
	}).Files(report.Files{report.FileHTML: "<p>", report.FileExecuted: "{}"})
	p := planned(image().Obj(), run)
	v := p.status.Validation
	assert.Equal(t, v1alpha1.LevelStaging, v.Level)
	assert.Equal(t, []int32{1, 1}, []int32{v.Failures, v.Warnings})
	assert.True(t, *v.Observed)
	assert.Len(t, p.status.EducationalFeedback, 2)
	assert.Equal(t, int32(2), p.status.ComparisonResult.MatchedCells)
	assert.Equal(t, v1alpha1.CellSuccess, p.status.Results[0].Status)
	assert.Equal(t, v1alpha1.CellFailure, p.status.Results[1].Status, "a cell with a finding that fails has failed")
	assert.Equal(t, "<p>", p.applyReport.Data[report.FileHTML])
	assert.Equal(t, "{}", p.applyReport.Data[report.FileExecuted])
}
