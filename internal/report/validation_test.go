package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/golden"
)

func TestWhatTheValidationFoundIsMadeSafe(t *testing.T) {
	comparison := &golden.Result{
		Message: "a\nb", Notes: []string{"red\x1b[31m"},
		Diffs: []golden.Diff{{Message: "x\ny", Expected: "tab\there\x00", Actual: strings.Repeat("é", golden.MaxDiffBytes)}},
	}
	report := passedReport()
	report.SetValidation(Validation{
		Level: v1alpha1.LevelProduction, Observed: true, ObservedDetail: "one\ntwo",
		Findings: []findings.Finding{{
			Rule: "NB101\n", Message: "a\x1b[31m\nb", Example: "x = 1\n\ty\x07", Why: strings.Repeat("w", 3000), Link: "a b",
		}},
		Comparison: comparison,
	})
	finding := report.Findings[0]
	assert.Equal(t, "NB101", finding.Rule)
	assert.Equal(t, "a b", finding.Message)
	assert.Equal(t, "x = 1\n\ty", finding.Example, "the lines of an example matter")
	assert.Len(t, finding.Why, 1000)
	assert.Equal(t, "one two", report.ObservedDetail)
	assert.Equal(t, "a b", report.Comparison.Message)
	assert.Equal(t, []string{"red"}, report.Comparison.Notes)
	assert.Equal(t, "tab\there", report.Comparison.Diffs[0].Expected)
	assert.LessOrEqual(t, len(report.Comparison.Diffs[0].Actual), golden.MaxDiffBytes)
	assert.Equal(t, "a\nb", comparison.Message, "what was handed over stays as it was")
}

// largeValidation has findings of all severities, the failures last, and diffs.
func largeValidation(number, textBytes int) Validation {
	validation := Validation{Level: v1alpha1.LevelStaging, Comparison: &golden.Result{Verdict: v1alpha1.ComparisonMismatched}}
	for i := range number {
		severity := v1alpha1.SeverityInfo
		switch {
		case i >= number-3:
			severity = v1alpha1.SeverityFailure
		case i >= number/2:
			severity = v1alpha1.SeverityWarning
		}
		validation.Findings = append(validation.Findings, findings.Finding{
			Rule: "SCALAR", Severity: severity, Cell: pointer(i), Message: fmt.Sprintf("message %d", i), Why: strings.Repeat("w", textBytes),
			Fix: strings.Repeat("f", textBytes), Example: strings.Repeat("e", textBytes),
		})
		validation.Comparison.Diffs = append(validation.Comparison.Diffs, golden.Diff{
			Cell: pointer(i), Message: "it differs", Expected: strings.Repeat("x\n", textBytes), Actual: strings.Repeat("y\n", textBytes),
		})
		validation.Comparison.Notes = append(validation.Comparison.Notes, fmt.Sprintf("note %d", i))
	}
	return validation
}

func countSeverities(all []findings.Finding) map[v1alpha1.Severity]int {
	numbers := map[v1alpha1.Severity]int{}
	for _, finding := range all {
		numbers[finding.Severity]++
	}
	return numbers
}

func TestBoundShortensTextsOfTheValidationBeforeItLeavesFindingsOut(t *testing.T) {
	cases := map[string]struct {
		findings, textBytes, cells, maxBytes int
		omitsFindings, omitsCells            bool
	}{
		"fits as it is":          {10, 500, 10, MaxReportBytes, false, false},
		"long texts":             {300, 900, 10, MaxReportBytes, false, false},
		"many findings":          {20000, 300, 10, MaxReportBytes, true, false},
		"many cells too":         {20000, 300, 20000, MaxReportBytes, true, true},
		"many cells, few others": {10, 300, 20000, MaxReportBytes, false, true},
		"hardly any room":        {200, 300, 50, 9 << 10, true, true},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			run := largeRun(test.cells, 100)
			report := New(subject, run, Judge(run))
			report.SetValidation(largeValidation(test.findings, test.textBytes))
			before, err := Encode(report)
			require.NoError(t, err)

			bounded, err := Bound(report, test.maxBytes)
			require.NoError(t, err)
			encoded, err := Encode(bounded)
			require.NoError(t, err)
			assert.LessOrEqual(t, len(encoded), test.maxBytes)
			assert.Equal(t, test.omitsFindings, bounded.OmittedFindings > 0)
			assert.Equal(t, test.omitsCells, bounded.OmittedCells > 0)
			assert.Equal(t, test.findings, len(bounded.Findings)+bounded.OmittedFindings)
			assert.Equal(t, test.findings, len(bounded.Comparison.Diffs)+bounded.Comparison.OmittedDiffs)
			assert.Equal(t, 3, countSeverities(bounded.Findings)[v1alpha1.SeverityFailure], "failures go last")
			if test.omitsFindings {
				assert.Less(t, countSeverities(bounded.Findings)[v1alpha1.SeverityInfo], test.findings/2)
				assert.NotEmpty(t, bounded.Comparison.Diffs)
			}
			requireFailedCell(t, bounded)

			after, err := Encode(report)
			require.NoError(t, err)
			assert.Equal(t, string(before), string(after), "the report itself is left as it was")
		})
	}
}

func TestExamplesGoBeforeDiffs(t *testing.T) {
	run := largeRun(10, 100)
	report := New(subject, run, Judge(run))
	report.SetValidation(largeValidation(20, 2000))
	whole, err := Encode(report)
	require.NoError(t, err)
	bounded, err := Bound(report, len(whole)-len(report.Lock())-1000)
	require.NoError(t, err)
	assert.Empty(t, bounded.Findings[0].Example)
	assert.Equal(t, report.Comparison.Diffs, bounded.Comparison.Diffs)
	assert.Equal(t, report.Findings[0].Why, bounded.Findings[0].Why)
}
