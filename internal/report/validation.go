package report

import (
	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/golden"
)

// Validation is what was found beyond the run itself.
type Validation struct {
	// Level is how strict the validation was.
	Level v1alpha1.ValidationLevel
	// Observed says whether the values of the notebook were looked at.
	Observed bool
	// ObservedDetail says why, and which cells, were not observed.
	ObservedDetail string
	// Findings are all of them, in the notebook's order.
	Findings []findings.Finding
	// Comparison with a golden notebook, nil where none was asked for.
	Comparison *golden.Result
}

// SetValidation copies what was found into the report, every text of it made
// safe and short. It changes no verdict: New was told that.
func (r *Report) SetValidation(validation Validation) {
	r.Level = validation.Level
	r.Observed = validation.Observed
	r.ObservedDetail = oneLine(validation.ObservedDetail, 500)
	r.Findings, r.OmittedFindings = nil, 0
	for _, finding := range validation.Findings {
		r.Findings = append(r.Findings, safeFinding(finding))
	}
	r.Comparison = safeComparison(validation.Comparison)
}

func safeFinding(finding findings.Finding) findings.Finding {
	finding.Rule = oneLine(finding.Rule, 64)
	finding.CellID = oneLine(finding.CellID, 64)
	finding.Name = oneLine(finding.Name, 200)
	finding.Message = oneLine(finding.Message, 1000)
	finding.Why = oneLine(finding.Why, 1000)
	finding.Fix = oneLine(finding.Fix, 1000)
	finding.Example = shorten(sanitize(finding.Example), 4000)
	finding.Link = oneLine(finding.Link, 500)
	return finding
}

func safeComparison(result *golden.Result) *golden.Result {
	if result == nil {
		return nil
	}
	safe := *result
	safe.Message = oneLine(result.Message, 1000)
	safe.Commit = oneLine(result.Commit, 64)
	safe.Notes, safe.Diffs = nil, nil
	for _, note := range result.Notes {
		safe.Notes = append(safe.Notes, oneLine(note, 500))
	}
	for _, diff := range result.Diffs {
		diff.CellID = oneLine(diff.CellID, 64)
		diff.Message = oneLine(diff.Message, 1000)
		diff.Expected = keepEnds(sanitize(diff.Expected), golden.MaxDiffBytes)
		diff.Actual = keepEnds(sanitize(diff.Actual), golden.MaxDiffBytes)
		safe.Diffs = append(safe.Diffs, diff)
	}
	return &safe
}
