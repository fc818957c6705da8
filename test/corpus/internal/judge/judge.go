// Package judge asks the product for its verdict over a run, at any level.
package judge

import (
	"fmt"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/demands"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/execute"
)

// Words for the worst that was found.
const (
	OK   = "ok"
	Info = "info"
	Warn = "warn"
	Fail = "fail"
)

// Verdict is what the product says at one level.
type Verdict struct {
	// Word is ok, info, warn or fail: the worst of all findings, an error that ended the run included.
	Word string
	// Findings are all of them.
	Findings []findings.Finding
	// Message of the report.
	Message string
}

// At asks the product for its verdict over a run at a level.
func At(level v1alpha1.ValidationLevel, run *execute.Observed) Verdict {
	wanted := demands.Demands{Validation: v1alpha1.ValidationConfig{Level: level}}
	made := report.Assess(report.Subject{}, report.Evidence{
		Run: run.Run, Pristine: run.Pristine, Executed: run.Executed,
	}, wanted)
	verdict := Verdict{Word: OK, Findings: made.Findings, Message: made.Message}
	switch {
	case made.Verdict != "Passed" || findings.Failures(made.Findings) > 0:
		verdict.Word = Fail
	case findings.Warnings(made.Findings) > 0:
		verdict.Word = Warn
	case len(made.Findings) > 0:
		verdict.Word = Info
	}
	return verdict
}

// String lists the findings, one on a line.
func (v Verdict) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s", v.Word, v.Message)
	for _, finding := range v.Findings {
		fmt.Fprintf(&text, "\n  %s", Line(finding))
	}
	return text.String()
}

// Line is a finding on one line.
func Line(finding findings.Finding) string {
	cell := "-"
	if finding.Cell != nil {
		cell = fmt.Sprint(*finding.Cell)
	}
	return fmt.Sprintf("%s %s cell %s line %d %s: %s", finding.Severity, finding.Rule, cell, finding.Line, finding.Name, finding.Message)
}

// Rules names those of all findings, each once.
func (v Verdict) Rules() []string {
	var rules []string
	for _, finding := range v.Findings {
		if !slices.Contains(rules, finding.Rule) {
			rules = append(rules, finding.Rule)
		}
	}
	return rules
}
