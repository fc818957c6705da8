package show_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/runner"
	"mlops.dev/notebook-validator-operator/internal/validate/find"
	"mlops.dev/notebook-validator-operator/internal/validate/local"
	"mlops.dev/notebook-validator-operator/internal/validate/show"
)

func sample() *report.Report {
	cell := 3
	return &report.Report{
		Notebook: "nb/a.ipynb", Verdict: "Failed", Reason: report.ReasonLintFailed, Message: "cell 3: swallowed", Seconds: 2.04,
		Notes: []string{"the kernel x is not installed"},
		Findings: []findings.Finding{
			{Rule: "NB102", Severity: v1alpha1.SeverityFailure, Cell: &cell, Line: 2, Message: "Swallowed.", Why: "Because.", Fix: "Raise.",
				Example: "try:\n    f()\n", Link: "docs/rules/NB102.md"},
			{Rule: "NB402", Severity: v1alpha1.SeverityInfo, Message: "No check."},
		},
	}
}

func text(t *testing.T, verbose bool, reports ...*report.Report) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, show.Text{Verbose: verbose}.Write(&b, reports))
	return b.String()
}

func TestTheTextIsShort(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `FAILED nb/a.ipynb: cell 3: swallowed (2s)
nb/a.ipynb:cell 3 line 2: failure NB102 Swallowed.
nb/a.ipynb: 1 piece of advice with --verbose
1 notebook: 1 failed
What to do about a finding: --verbose, or notebook-validator explain RULE
`, text(t, false, sample()))
}

func TestTheVerboseTextSaysWhatToDo(t *testing.T) {
	t.Parallel()
	raised := sample()
	raised.Findings, raised.Notes, raised.Reason, raised.Seconds = nil, nil, report.ReasonCellFailed, 61.2
	raised.FailedCell = new(int)
	raised.Cells = []report.RunCell{{Error: &report.CellFailure{Traceback: "Traceback\nValueError: x"}}}
	assert.Equal(t, `FAILED nb/a.ipynb: cell 3: swallowed (2s)
nb/a.ipynb:cell 3 line 2: failure NB102 Swallowed.
    why: Because.
    fix: Raise.
    example:
        try:
            f()
    see: docs/rules/NB102.md
nb/a.ipynb: info NB402 No check.
    note: the kernel x is not installed
FAILED nb/a.ipynb: cell 3: swallowed (1m1s)
    traceback of cell 0:
        Traceback
        ValueError: x
2 notebooks: 1 failed, 1 raised an error
`, text(t, true, sample(), raised))
}

func jobs(names ...string) []local.Job {
	var jobs []local.Job
	for _, name := range names {
		jobs = append(jobs, local.Job{Notebook: find.Notebook{Name: name}})
	}
	return jobs
}

func TestLinesForLogs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	lines := show.NewLines(&b, jobs("a.ipynb", "b.ipynb"), true)
	lines.Begins(0)
	lines.Goes(0, runner.Progress{})
	lines.Begins(1)
	lines.Goes(0, runner.Progress{Cell: 4, Done: 1, Total: 3})
	lines.Goes(0, runner.Progress{Cell: 4, Done: 1, Total: 3})
	lines.Ends(1, local.Outcome{Report: &report.Report{Reason: report.ReasonPassed}, Seconds: 1.23})
	lines.Ends(0, local.Outcome{Report: sample(), Seconds: 75})
	lines.Close()
	assert.Equal(t, `running a.ipynb
running b.ipynb
running a.ipynb: cell 4, 1 of 3 code cells done, 0s
passed b.ipynb in 1.2s (1 of 2)
failed a.ipynb in 1m15s (2 of 2)
`, b.String())
}

func TestTheBarIsClearedAway(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	bar := show.NewBar(&b, jobs(strings.Repeat("long/", 20)+"ä.ipynb"), show.Colours{})
	bar.Begins(0)
	bar.Goes(0, runner.Progress{})
	bar.Goes(0, runner.Progress{Cell: 4, Done: 1, Total: 2})
	bar.Ends(0, local.Outcome{})
	bar.Close()
	assert.Contains(t, b.String(), "…")
	assert.Contains(t, b.String(), "ä.ipynb")
	assert.Equal(t, "", strings.TrimSpace(b.String()[strings.LastIndex(strings.TrimRight(b.String(), "\r"), "\r"):]))
}
