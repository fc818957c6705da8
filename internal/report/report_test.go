package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/testing/golden"
)

var subject = Subject{
	Notebook: "tier/sub/analysis.ipynb",
	URL:      "https://user:token@git.example.com/team/notebooks.git?private_token=abc",
	Ref:      "main",
	Commit:   strings.Repeat("0123456789", 4),
	Image:    "registry.example.com/team/image@sha256:" + strings.Repeat("ab", 32),
}

// mixedRun has a cell of every kind that can stand in one run.
func mixedRun() *Run {
	run := with(makeRun(OutcomeError, CellOK, CellSkipped, CellError, CellNotRun), raised("ValueError", "a < b & \"c\""))
	run.Notes = []string{"a note"}
	run.Cells[0].Output = "plain\nred\x1b[0m ]]> \ufffe" + string([]byte{0xff})
	run.Cells[2].Error.Traceback = "Traceback\n----> 1 f()\nValueError: a < b"
	return run
}

func TestGoldenReport(t *testing.T) {
	cases := map[string]*Report{
		"failed":    New(subject, mixedRun(), Judge(mixedRun())),
		"passed":    passedReport(),
		"exit":      exitReport(),
		"invalid":   New(subject, nil, Unreadable(fmt.Errorf("the run left no run.json"))),
		"validated": validatedReport(),
	}
	for name, report := range cases {
		t.Run(name, func(t *testing.T) {
			bounded, err := Bound(report, MaxReportBytes)
			require.NoError(t, err)
			data, err := Encode(bounded)
			require.NoError(t, err)
			var pretty bytes.Buffer
			require.NoError(t, json.Indent(&pretty, data, "", "  "))
			golden.Text(t, name+".report.json", pretty.String()+"\n")
			junit, err := JUnit(bounded, MaxJUnitBytes)
			require.NoError(t, err)
			requireSchema(t, junit)
			golden.Text(t, name+".junit.xml", string(junit))
		})
	}
}

func passedReport() *Report {
	run := makeRun(OutcomeCompleted, CellOK, CellOK)
	return New(subject, run, Judge(run))
}

func exitReport() *Report {
	run := with(makeRun(OutcomeExited, CellOK, CellExited, CellNotRun), exitedWith(4, ""))
	return New(subject, run, Judge(run))
}

func TestCredentialsLeaveTheURL(t *testing.T) {
	cases := map[string]struct{ address, want string }{
		"user and password":      {"https://me:secret@host/r.git", "https://host/r.git"},
		"a token as user":        {"https://ghp_secret@host/r.git", "https://host/r.git"},
		"a token in the query":   {"https://host/r.git?token=secret#x", "https://host/r.git"},
		"ssh keeps its user":     {"ssh://git:secret@host:22/r.git", "ssh://git@host:22/r.git"},
		"scp-like stays":         {"git@host:team/r.git", "git@host:team/r.git"},
		"scp-like with password": {"git:secret@host:team/r.git", "git@host:team/r.git"},
		"cannot be read":         {"https://me:sec ret@[host/r", "(address not readable)"},
		"plain":                  {"https://host/r.git", "https://host/r.git"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, RedactURL(test.address))
		})
	}
}

func TestAnExitThatFailsCountsAsAFailedCell(t *testing.T) {
	assert.Equal(t, Counts{Total: 3, Passed: 1, Failed: 1, NotRun: 1}, exitReport().Counts)
}

// largeRun fails in its last cell but one.
func largeRun(cells, outputBytes int) *Run {
	statuses := make([]CellStatus, cells)
	for i := range statuses {
		statuses[i] = CellOK
	}
	statuses[cells-2], statuses[cells-1] = CellError, CellNotRun
	run := makeRun(OutcomeError, statuses...)
	for i := range run.Cells {
		run.Cells[i].Output = strings.Repeat("\"\\é", outputBytes/4)
	}
	run.Cells[cells-2].Error.Traceback = strings.Repeat("line\n", 1500) + "ValueError: wrong"
	return run
}

func TestBoundShortensTextsBeforeItLeavesCellsOut(t *testing.T) {
	cases := map[string]struct {
		run      *Run
		maxBytes int
		omits    bool
	}{
		"fits as it is":           {largeRun(10, 1000), MaxReportBytes, false},
		"outputs are too long":    {largeRun(100, 16<<10), MaxReportBytes, false},
		"many cells":              {largeRun(3000, 2000), MaxReportBytes, false},
		"far too many cells":      {largeRun(10000, 200), MaxReportBytes, true},
		"hardly any room":         {largeRun(50, 100), 6 << 10, true},
		"room for the failed one": {largeRun(50, 4000), 8 << 10, true},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			report := New(subject, test.run, Judge(test.run))
			before, err := Encode(report)
			require.NoError(t, err)
			bounded, err := Bound(report, test.maxBytes)
			require.NoError(t, err)
			encoded, err := Encode(bounded)
			require.NoError(t, err)
			assert.LessOrEqual(t, len(encoded), test.maxBytes)
			assert.Equal(t, test.omits, bounded.OmittedCells > 0)
			assert.Len(t, test.run.Cells, len(bounded.Cells)+bounded.OmittedCells)
			assert.Equal(t, report.Counts, bounded.Counts)
			requireFailedCell(t, bounded)

			after, err := Encode(report)
			require.NoError(t, err)
			assert.Equal(t, string(before), string(after), "the report itself is left as it was")
			again, err := Bound(report, test.maxBytes)
			require.NoError(t, err)
			assert.Equal(t, bounded, again)
		})
	}
}

func requireFailedCell(t *testing.T, report *Report) {
	t.Helper()
	for _, cell := range report.Cells {
		if isFailing(report, cell) {
			assert.True(t, strings.HasSuffix(cell.Error.Traceback, "ValueError: wrong"))
			return
		}
	}
	require.Fail(t, "the failed cell was left out")
}

func TestBoundSaysWhenNothingHelps(t *testing.T) {
	_, err := Bound(passedReport(), 100)
	assert.ErrorContains(t, err, "does not fit 100 bytes")
}
