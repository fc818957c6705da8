package show

import (
	"fmt"
	"io"
	"strings"
	"time"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/validate/exitcode"
)

// Text writes reports for people: for each notebook its verdict and its findings, at the end how many there were of each.
type Text struct {
	Colours Colours
	// Verbose adds what to do about each finding, mere advice and notes.
	Verbose bool
}

// Write writes all of it.
func (t Text) Write(w io.Writer, reports []*report.Report) error {
	var b strings.Builder
	for _, one := range reports {
		t.notebook(&b, one)
	}
	t.summary(&b, reports)
	_, err := io.WriteString(w, b.String())
	return err
}

func (t Text) notebook(b *strings.Builder, of *report.Report) {
	fmt.Fprintf(b, "%s %s: %s %s\n", t.verdict(of), of.Notebook, of.Message, t.Colours.dim("("+duration(of.Seconds)+")"))
	hidden := 0
	for _, finding := range of.Findings {
		if finding.Severity == v1alpha1.SeverityInfo && !t.Verbose {
			hidden++
			continue
		}
		t.finding(b, of.Notebook, finding)
	}
	if hidden > 0 {
		fmt.Fprintf(b, "%s: %s with --verbose\n", of.Notebook, count(hidden, "piece of advice", "pieces of advice"))
	}
	if t.Verbose {
		t.details(b, of)
	}
}

func (t Text) verdict(of *report.Report) string {
	switch exitcode.Of(of) {
	case exitcode.Passed:
		return t.Colours.green("PASSED")
	case exitcode.Unusable:
		return t.Colours.red("ERROR")
	}
	return t.Colours.red("FAILED")
}

// finding is one line that editors and CI systems can parse, and with Verbose what follows from it.
func (t Text) finding(b *strings.Builder, notebook string, f findings.Finding) {
	where := notebook
	if f.Cell != nil {
		where += fmt.Sprintf(":cell %d", *f.Cell)
	}
	if f.Line > 0 {
		where += fmt.Sprintf(" line %d", f.Line)
	}
	fmt.Fprintf(b, "%s: %s %s %s\n", where, t.severity(f.Severity), t.Colours.bold(f.Rule), f.Message)
	if !t.Verbose {
		return
	}
	t.indented(b, "why", f.Why)
	t.indented(b, "fix", f.Fix)
	t.indented(b, "example", f.Example)
	t.indented(b, "see", f.Link)
}

func (t Text) severity(severity v1alpha1.Severity) string {
	word := strings.ToLower(string(severity))
	switch severity {
	case v1alpha1.SeverityFailure:
		return t.Colours.red(word)
	case v1alpha1.SeverityWarning:
		return t.Colours.yellow(word)
	}
	return word
}

// indented writes a text below a finding; one of several lines gets lines of its own.
func (t Text) indented(b *strings.Builder, label, text string) {
	text = strings.TrimRight(text, "\n")
	switch {
	case text == "":
	case strings.Contains(text, "\n"):
		fmt.Fprintf(b, "    %s:\n", t.Colours.dim(label))
		for line := range strings.SplitSeq(text, "\n") {
			b.WriteString(strings.TrimRight("        "+line, " ") + "\n")
		}
	default:
		fmt.Fprintf(b, "    %s: %s\n", t.Colours.dim(label), text)
	}
}

// details are the traceback, the differences from the golden notebook and the notes.
func (t Text) details(b *strings.Builder, of *report.Report) {
	for _, cell := range of.Cells {
		if of.FailedCell != nil && cell.Index == *of.FailedCell && cell.Error != nil {
			t.indented(b, fmt.Sprintf("traceback of cell %d", cell.Index), cell.Error.Traceback)
		}
	}
	if of.Comparison != nil {
		for _, diff := range of.Comparison.Diffs {
			t.indented(b, "golden", diff.Message)
			t.indented(b, "expected", diff.Expected)
			t.indented(b, "actual", diff.Actual)
		}
	}
	if !of.Observed && of.ObservedDetail != "" {
		t.indented(b, "note", of.ObservedDetail)
	}
	for _, note := range of.Notes {
		t.indented(b, "note", note)
	}
}

// summary counts by exit code.
func (t Text) summary(b *strings.Builder, reports []*report.Report) {
	counts := map[int]int{}
	for _, one := range reports {
		counts[exitcode.Of(one)]++
	}
	var parts []string
	for code, words := range []string{"passed", "failed", "raised an error", "ran out of time", "lost the kernel", "could not be judged"} {
		if n := counts[code]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, words))
		}
	}
	fmt.Fprintf(b, "%s: %s\n", count(len(reports), "notebook", "notebooks"), strings.Join(parts, ", "))
	if counts[exitcode.Failed] > 0 && !t.Verbose {
		b.WriteString("What to do about a finding: --verbose, or notebook-validator explain RULE\n")
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func duration(seconds float64) string {
	precision := 100 * time.Millisecond
	if seconds > 60 {
		precision = time.Second
	}
	return time.Duration(seconds * float64(time.Second)).Round(precision).String()
}
