package report

import (
	"fmt"
	"slices"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/demands"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/golden"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/policy"
	"mlops.dev/notebook-validator-operator/internal/rules"
)

// Evidence is everything that a verdict rests on.
type Evidence struct {
	// Run is the record of the run, checked against the pristine notebook.
	Run *Run
	// Pristine is the notebook as it was committed; nil where it cannot be read.
	Pristine *nbformat.Notebook
	// Executed is the notebook with its outputs, ExecutedBytes the file; nil
	// where there is none.
	Executed      *nbformat.Notebook
	ExecutedBytes []byte
	// Golden is the golden notebook; nil where none is demanded.
	Golden *GoldenEvidence
}

// GoldenEvidence is the golden notebook, or why it cannot be had.
type GoldenEvidence struct {
	// Notebook is nil where Err is not.
	Notebook *nbformat.Notebook
	// Commit it was taken from, empty where that is not known.
	Commit string
	// Err says in a sentence why it cannot be read, and what to do.
	Err error
}

// Assess holds a run against what is demanded of it and makes the report. The
// cluster and a single machine both come here, so that they say the same.
func Assess(subject Subject, evidence Evidence, wanted demands.Demands) *Report {
	verdict := Judge(evidence.Run)
	validation := Validation{
		Level:          wanted.Level(),
		Observed:       evidence.Run.Observed,
		ObservedDetail: evidence.Run.ObservedDetail,
		Findings:       policy.Judge(policyInput(evidence, wanted), wanted.Validation),
	}
	if evidence.Golden != nil {
		result := compareGolden(evidence, wanted.Comparison)
		validation.Comparison = &result
		validation.Findings = append(validation.Findings, comparisonFindings(result, wanted)...)
		slices.SortStableFunc(validation.Findings, findings.InOrderOfCells)
	}
	report := New(subject, evidence.Run, withFindings(verdict, validation.Findings, validation.Level))
	report.SetValidation(validation)
	report.explainSkips(evidence.Pristine)
	report.recount()
	return report
}

// withFindings makes a pass a failure where a finding fails. A run that failed by itself keeps its own reason: that is the
// nearer one.
func withFindings(of Verdict, all []findings.Finding, level v1alpha1.ValidationLevel) Verdict {
	failures := findings.Failures(all)
	if !of.Passed {
		return of
	}
	if failures == 0 {
		return passedWith(of, findings.Warnings(all))
	}
	first := firstFailure(all)
	where := ""
	if first.Cell != nil {
		where = fmt.Sprintf("cell %d: ", *first.Cell)
	}
	message := fmt.Sprintf("%s%s (%s, level %s)", where, first.Message, first.Rule, level)
	if first.Fix != "" {
		message += ": " + first.Fix
	}
	if failures > 1 {
		message += fmt.Sprintf("; %s more", plural(failures-1, "failing finding"))
	}
	return verdict(reasonOf(first.Rule), message, first.Cell)
}

func passedWith(of Verdict, warnings int) Verdict {
	if warnings > 0 {
		of.Message = oneLine(of.Message+"; "+plural(warnings, "warning")+" in the report", maxMessageBytes)
	}
	return of
}

// firstFailure is the failing finding nearest to the top of the notebook.
func firstFailure(all []findings.Finding) findings.Finding {
	var first *findings.Finding
	for i := range all {
		if all[i].Severity == v1alpha1.SeverityFailure && (first == nil || before(all[i].Cell, first.Cell)) {
			first = &all[i]
		}
	}
	return *first
}

// before says whether a stands above b; what belongs to no cell comes last.
func before(a, b *int) bool {
	return a != nil && (b == nil || *a < *b)
}

// reasonOf is the reason that the failure of a rule gives a verdict.
func reasonOf(rule string) Reason {
	found, _ := rules.Find(rule)
	switch found.Group {
	case rules.GroupLint:
		return ReasonLintFailed
	case rules.GroupSilent:
		return ReasonSilentFailure
	case rules.GroupOutput:
		return ReasonOutputMismatch
	case rules.GroupGolden:
		return ReasonGoldenMismatch
	}
	return ReasonPolicyViolated
}

// compareGolden holds the executed notebook against the golden one.
func compareGolden(evidence Evidence, config v1alpha1.ComparisonConfig) golden.Result {
	var result golden.Result
	switch {
	case evidence.Golden.Err != nil:
		result = golden.Failure(config.Strategy, evidence.Golden.Err.Error())
	case evidence.Executed == nil:
		result = golden.Failure(config.Strategy, "the run left no executed notebook to compare")
	default:
		result = golden.Compare(asCommitted(evidence.Executed, evidence.Pristine), evidence.Golden.Notebook, config)
	}
	result.Commit = evidence.Golden.Commit
	return result
}

// asCommitted leaves out the cell of parameters that the run inserted, so that cells have the indexes that the committed
// notebook gives them.
func asCommitted(executed, pristine *nbformat.Notebook) *nbformat.Notebook {
	if pristine == nil || len(executed.Cells) != len(pristine.Cells)+1 {
		return executed
	}
	committed := *executed
	committed.Cells = nil
	for _, cell := range executed.Cells {
		if cell.HasTag(nbformat.TagInjectedParameters) && len(committed.Cells) == cell.Index {
			continue
		}
		cell.Index = len(committed.Cells)
		committed.Cells = append(committed.Cells, cell)
	}
	return &committed
}

// comparisonFindings tells of every cell that differs, or why nothing could be compared.
func comparisonFindings(result golden.Result, wanted demands.Demands) []findings.Finding {
	if result.Verdict == v1alpha1.ComparisonFailed {
		return []findings.Finding{goldenFinding("GOLDEN-INVALID", result.Message, nil, "", wanted)}
	}
	var all []findings.Finding
	for _, diff := range result.Diffs {
		rule := "GOLDEN-MISMATCH"
		if diff.Cell == nil || diff.GoldenCell == nil {
			rule = "GOLDEN-CELLS"
		}
		all = append(all, goldenFinding(rule, diff.Message, diff.Cell, diff.CellID, wanted))
	}
	return all
}

func goldenFinding(id, message string, cell *int, cellID string, wanted demands.Demands) findings.Finding {
	rule, _ := rules.Find(id)
	educational := wanted.Validation.EducationalMode
	finding := rule.Finding(rule.Severity(wanted.Level()), educational == nil || *educational)
	finding.Cell, finding.CellID, finding.Message = cell, cellID, message
	return finding
}
