package report

import (
	"slices"
	"sort"

	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/golden"
)

// validationLimits are how much is kept of the texts of findings and diffs. The
// page that a finding links to says again what is cut from it here.
type validationLimits struct{ example, advice, message, diff int }

var (
	wholeValidation = validationLimits{example: 4000, advice: 1000, message: 1000, diff: golden.MaxDiffBytes}
	withoutExamples = validationLimits{advice: 1000, message: 1000, diff: golden.MaxDiffBytes}
	shortDiffs      = validationLimits{advice: 300, message: 500, diff: 1 << 10}
	shortFindings   = validationLimits{message: 300, diff: 200}
)

// shortenValidation replaces the lists of the report; those it had stay as they
// were.
func shortenValidation(report *Report, limits validationLimits) {
	report.Findings = slices.Clone(report.Findings)
	for i := range report.Findings {
		finding := &report.Findings[i]
		// Half an example is worse than none.
		if len(finding.Example) > limits.example {
			finding.Example = ""
		}
		finding.Why = shorten(finding.Why, limits.advice)
		finding.Fix = shorten(finding.Fix, limits.advice)
		finding.Message = shorten(finding.Message, limits.message)
	}
	if report.Comparison == nil {
		return
	}
	comparison := *report.Comparison
	comparison.Diffs = slices.Clone(comparison.Diffs)
	for i := range comparison.Diffs {
		diff := &comparison.Diffs[i]
		diff.Message = shorten(diff.Message, limits.message)
		diff.Expected = keepEnds(diff.Expected, limits.diff)
		diff.Actual = keepEnds(diff.Actual, limits.diff)
	}
	report.Comparison = &comparison
}

// boundValidation leaves out findings and diffs until both together fit what
// the rest of the report leaves of maxBytes, or half of it where that is more.
func boundValidation(report *Report, maxBytes int) *Report {
	result := *report
	result.Findings, result.Comparison = nil, nil
	room := max(maxBytes/2, maxBytes-sizeOf(&result)-len(validationKeys))
	if report.Comparison != nil {
		// Findings tell more than diffs do, so that diffs get no more than a half.
		result.Comparison = boundDiffs(report.Comparison, room/2)
		room -= sizeOf(result.Comparison)
	}
	result.Findings = mostSevere(report.Findings, room)
	result.OmittedFindings = report.OmittedFindings + len(report.Findings) - len(result.Findings)
	return &result
}

// validationKeys are as long as what a report needs to hold findings and a
// comparison at all.
const validationKeys = `"findings":[],"omittedFindings":1000000000,"comparison":,`

// mostSevere keeps as many findings as there is room for: failures before
// warnings before the rest, early ones before late ones. Their order stays.
func mostSevere(all []findings.Finding, maxBytes int) []findings.Finding {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool {
		return findings.MostSevereFirst(all[order[i]], all[order[j]]) < 0
	})
	keep := map[int]bool{}
	for _, i := range order {
		maxBytes -= sizeOf(all[i]) + len(",")
		if maxBytes < 0 {
			break
		}
		keep[i] = true
	}
	var kept []findings.Finding
	for i, finding := range all {
		if keep[i] {
			kept = append(kept, finding)
		}
	}
	return kept
}

// boundDiffs keeps as many of the first diffs and notes as there is room for.
func boundDiffs(comparison *golden.Result, maxBytes int) *golden.Result {
	result := *comparison
	result.Notes, result.Diffs = nil, nil
	room := maxBytes - sizeOf(&result)
	for _, diff := range comparison.Diffs {
		room -= sizeOf(diff) + len(",")
		if room < 0 {
			break
		}
		result.Diffs = append(result.Diffs, diff)
	}
	result.OmittedDiffs += len(comparison.Diffs) - len(result.Diffs)
	for _, note := range comparison.Notes {
		room -= sizeOf(note) + len(",")
		if room < 0 {
			break
		}
		result.Notes = append(result.Notes, note)
	}
	return &result
}

// sizeOf returns the number of bytes of a value's JSON; what has no JSON has no
// room either.
func sizeOf(value any) int {
	data, err := encodeJSON(value)
	if err != nil {
		return MaxReportBytes
	}
	return len(data)
}
