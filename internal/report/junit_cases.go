package report

import (
	"fmt"
	"strings"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/rules"
)

// The cases that stand for the checks of a notebook as a whole.
const (
	caseNotebook = "notebook"
	caseLint     = "lint"
	caseExpected = "expected-outputs"
	caseGolden   = "golden"
	casePolicy   = "policy"
)

// checkCases are the cases after those of the cells, in this order.
var checkCases = []string{caseLint, caseExpected, caseGolden, casePolicy}

// leastProblemText is what even the shortest file keeps of the text of an error
// or a failure: it is what people look for.
const leastProblemText = 1 << 10

// withoutCell are the reasons that no cell and no finding shows.
var withoutCell = map[Reason]bool{
	ReasonParametersInvalid: true,
	ReasonKernelUnavailable: true,
	ReasonInvalidNotebook:   true,
	ReasonNoCodeCells:       true,
	ReasonRunnerMissing:     true,
	ReasonReportInvalid:     true,
}

// endedByRun are the reasons for which a cell itself failed, not a finding in it.
var endedByRun = map[Reason]bool{
	ReasonCellFailed: true, ReasonTimeout: true, ReasonKernelDied: true, ReasonOutOfMemory: true, ReasonNonZeroExit: true,
}

// casesOf returns all cases, their texts of at most about limit bytes each.
func casesOf(report *Report, limit int) []junitCase {
	ofCell, ofCheck := assign(report)
	var cases []junitCase
	if showsAsNotebook(report) {
		cases = append(cases, junitCase{
			Name: caseNotebook, Classname: className(report), Time: junitTime(0), Error: problemOf(report, ""),
		})
	}
	for _, cell := range report.Cells {
		cases = append(cases, cellCase(report, cell, ofCell[cell.Index], limit))
	}
	for _, name := range checkCases {
		if len(ofCheck[name]) > 0 || alwaysShown(report, name) {
			entry := junitCase{Name: name, Classname: className(report), Time: junitTime(0)}
			entry.tell(ofCheck[name], limit)
			cases = append(cases, entry)
		}
	}
	return cases
}

// showsAsNotebook is true for a failure that no other case would show.
func showsAsNotebook(report *Report) bool {
	if report.Reason.Passes() || report.FailedCell != nil {
		return false
	}
	return withoutCell[report.Reason] || findings.Failures(report.Findings) == 0
}

// alwaysShown is true for a check that took place even where it found nothing:
// a test that exists only while it fails cannot be seen to be mended.
func alwaysShown(report *Report, name string) bool {
	switch name {
	case caseLint, casePolicy:
		return report.Level != ""
	case caseGolden:
		return report.Comparison != nil
	}
	return false
}

// assign says which findings belong to the case of a cell, and which to that of
// a check.
func assign(report *Report) (ofCell map[int][]findings.Finding, ofCheck map[string][]findings.Finding) {
	cells := map[int]bool{}
	for _, cell := range report.Cells {
		cells[cell.Index] = true
	}
	ofCell, ofCheck = map[int][]findings.Finding{}, map[string][]findings.Finding{}
	for _, finding := range report.Findings {
		name := checkOf(finding.Rule)
		if name == casePolicy && finding.Cell != nil && cells[*finding.Cell] {
			ofCell[*finding.Cell] = append(ofCell[*finding.Cell], finding)
			continue
		}
		ofCheck[name] = append(ofCheck[name], finding)
	}
	return ofCell, ofCheck
}

// checks are the cases of the groups of rules that have one of their own.
var checks = map[rules.Group]string{
	rules.GroupLint: caseLint, rules.GroupOutput: caseExpected, rules.GroupGolden: caseGolden,
}

// checkOf returns the case of a rule's findings; policy is that of all others.
func checkOf(id string) string {
	rule, _ := rules.Find(id)
	if name, ok := checks[rule.Group]; ok {
		return name
	}
	return casePolicy
}

func cellCase(report *Report, cell RunCell, found []findings.Finding, limit int) junitCase {
	entry := junitCase{
		Name:      oneLine(fmt.Sprintf("cell-%d [%s] %s", cell.Index, cell.ID, cell.Source), 300),
		Classname: className(report),
		Time:      junitTime(cell.Seconds),
		output:    keepEnds(sanitize(cell.Output), limit),
	}
	ended := isFailing(report, cell) && endedByRun[report.Reason]
	switch {
	case ended && report.Reason == ReasonNonZeroExit:
		entry.Failure = problemOf(report, traceback(cell, limit))
	case ended:
		entry.Error = problemOf(report, traceback(cell, limit))
	case !ran(cell.Status):
		entry.Skipped = &junitSkip{Message: sanitize(report.WhyNoRun(cell))}
	}
	entry.tell(found, limit)
	return entry
}

// tell adds findings: those that fail to the problem of the case, or as its
// problem where it has none, and the others to its output.
func (c *junitCase) tell(found []findings.Finding, limit int) {
	var failures, others strings.Builder
	for _, finding := range found {
		if finding.Severity != v1alpha1.SeverityFailure {
			fmt.Fprintf(&others, "%s: %s\n", strings.ToLower(string(finding.Severity)), describe(finding))
			continue
		}
		if c.Failure == nil && c.Error == nil {
			c.unskipped, c.Skipped = c.Skipped != nil, nil
			c.Failure = &junitProblem{Type: sanitize(finding.Rule), Message: sanitize(finding.Message)}
		}
		fmt.Fprintf(&failures, "%s\n", describe(finding))
	}
	if failures.Len() > 0 {
		problem := c.Failure
		if problem == nil {
			problem = c.Error
		}
		problem.Text = strings.TrimPrefix(problem.Text+"\n", "\n") + keepEnds(failures.String(), max(limit, leastProblemText))
	}
	if others.Len() > 0 {
		c.output = strings.TrimPrefix(c.output+"\n", "\n") + keepEnds(others.String(), limit)
	}
}

// describe returns a finding with its advice, for people.
func describe(finding findings.Finding) string {
	var text strings.Builder
	text.WriteString(finding.Rule)
	if finding.Cell != nil {
		fmt.Fprintf(&text, " in cell %d", *finding.Cell)
	}
	if finding.Line > 0 {
		fmt.Fprintf(&text, ", line %d", finding.Line)
	}
	fmt.Fprintf(&text, ": %s\n", finding.Message)
	for _, part := range []struct{ label, text string }{
		{"why", finding.Why}, {"fix", finding.Fix}, {"example", indent(finding.Example)}, {"see", finding.Link},
	} {
		if part.text != "" {
			fmt.Fprintf(&text, "  %s: %s\n", part.label, part.text)
		}
	}
	return sanitize(text.String())
}

func indent(example string) string {
	if example == "" {
		return ""
	}
	return "\n    " + strings.ReplaceAll(strings.TrimRight(example, "\n"), "\n", "\n    ")
}

// problemOf describes the verdict; its type is the exception's where there is one.
func problemOf(report *Report, text string) *junitProblem {
	problem := &junitProblem{Type: sanitize(string(report.Reason)), Message: sanitize(report.Message), Text: text}
	for _, cell := range report.Cells {
		if isFailing(report, cell) && cell.Status == CellError && cell.Error != nil {
			problem.Type = sanitize(cell.Error.Name)
		}
	}
	return problem
}

func traceback(cell RunCell, limit int) string {
	if cell.Error == nil {
		return ""
	}
	return keepEnds(sanitize(cell.Error.Traceback), max(limit, leastProblemText))
}
