package report

import (
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/demands"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/golden"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// requireSchema wants the document to be what all readers of JUnit files accept.
func requireSchema(t *testing.T, data []byte) {
	t.Helper()
	output, err := lintXML(t, data)
	require.NoError(t, err, output)
}

func lintXML(t *testing.T, data []byte) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "junit.xml")
	require.NoError(t, os.WriteFile(file, data, 0o600))
	_, err := exec.LookPath("xmllint")
	require.NoError(t, err, "hack/test-prereqs.sh installs it")
	output, err := exec.Command("xmllint", "--noout", "--nonet", "--schema", filepath.Join("testdata", "junit.xsd"), file).CombinedOutput()
	return string(output), err
}

func TestTheSchemaRefusesWhatOneReaderWouldRefuse(t *testing.T) {
	valid, err := JUnit(validatedReport(), MaxJUnitBytes)
	require.NoError(t, err)
	requireSchema(t, valid)
	cases := map[string][2]string{
		"a case's own text":        {`</testcase>`, `<system-out>x</system-out></testcase>`},
		"a time zone":              {`09:26:53"`, `09:26:53Z"`},
		"no host name":             {` hostname="localhost"`, ``},
		"an exponent":              {`time="3.000"`, `time="3e0"`},
		"an empty name":            {`name="lint"`, `name=""`},
		"two cases with one name":  {`name="lint"`, `name="policy"`},
		"two problems of one case": {`</error>`, `</error><error type="x" message=""></error>`},
		"no text at the end":       {`<system-err></system-err>`, ``},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			invalid := strings.Replace(string(valid), change[0], change[1], 1)
			require.NotEqual(t, string(valid), invalid)
			_, err := lintXML(t, []byte(invalid))
			assert.Error(t, err)
		})
	}
}

func decodeSuite(t *testing.T, report *Report) junitSuite {
	t.Helper()
	data, err := JUnit(report, MaxJUnitBytes)
	require.NoError(t, err)
	requireSchema(t, data)
	var suite junitSuite
	require.NoError(t, xml.Unmarshal(data, &suite))
	return suite
}

func caseNamed(t *testing.T, suite junitSuite, prefix string) junitCase {
	t.Helper()
	for _, entry := range suite.Cases {
		if strings.HasPrefix(entry.Name, prefix) {
			return entry
		}
	}
	require.Failf(t, "no such case", "%s in %v", prefix, suite.Cases)
	return junitCase{}
}

// validated is a report of a run of which the validation found something.
func validated(report *Report, found ...findings.Finding) *Report {
	report.SetValidation(Validation{Level: v1alpha1.LevelStaging, Observed: true, Findings: found})
	return report
}

func found(rule string, severity v1alpha1.Severity, cell *int) findings.Finding {
	return findings.Finding{
		Rule: rule, Severity: severity, Cell: cell, Line: 2, Message: "message of " + rule,
		Why: "it matters", Fix: "do it right", Example: "x = 1\ny = 2\n", Link: "https://example.com/" + rule,
	}
}

// validatedReport has findings of every kind at every place.
func validatedReport() *Report {
	report := New(subject, mixedRun(), Judge(mixedRun()))
	report.SetValidation(Validation{
		Level:          v1alpha1.LevelStaging,
		Observed:       true,
		ObservedDetail: "1 of 4 cells was not observed",
		Findings: []findings.Finding{
			found("NB102", v1alpha1.SeverityFailure, pointer(0)),
			found("NB201", v1alpha1.SeverityWarning, pointer(0)),
			found("NONE-MIXED", v1alpha1.SeverityFailure, pointer(0)),
			found("SCALAR", v1alpha1.SeverityFailure, pointer(0)),
			found("EMPTY", v1alpha1.SeverityWarning, pointer(2)),
			found("WARN-NUM", v1alpha1.SeverityFailure, pointer(2)),
			found("OUTPUT-TYPE", v1alpha1.SeverityFailure, pointer(3)),
			found("GOLDEN-MISMATCH", v1alpha1.SeverityFailure, pointer(0)),
			found("NO-ASSERTION", v1alpha1.SeverityInfo, nil),
		},
		Comparison: &golden.Result{
			Strategy: v1alpha1.StrategyNormalized, Verdict: v1alpha1.ComparisonMismatched, Message: "1 of 2 cells differs",
			Commit: subject.Commit, TotalCells: 2, Matched: 1, Mismatched: 1, Notes: []string{"the source of cell 1 changed"},
			Diffs: []golden.Diff{{
				Cell: pointer(0), GoldenCell: pointer(0), CellID: "a", Message: "the text differs",
				Expected: "a\nb\n", Actual: "a\nc <b>\x1b[31m\n",
			}},
		},
	})
	return report
}

func TestJUnitPutsFindingsWhereTheyBelong(t *testing.T) {
	suite := decodeSuite(t, validatedReport())
	first := caseNamed(t, suite, "cell-0 [a] step()")
	require.NotNil(t, first.Failure)
	assert.Equal(t, "NONE-MIXED", first.Failure.Type)
	assert.Equal(t, "message of NONE-MIXED", first.Failure.Message)
	assert.Contains(t, first.Failure.Text, "SCALAR in cell 0, line 2: message of SCALAR")
	assert.Contains(t, first.Failure.Text, "    x = 1\n    y = 2\n")

	raised := caseNamed(t, suite, "cell-2")
	require.NotNil(t, raised.Error)
	assert.Nil(t, raised.Failure)
	assert.Equal(t, "ValueError", raised.Error.Type)
	assert.Contains(t, raised.Error.Text, "WARN-NUM in cell 2", "an exception leaves room for what else was found")

	assert.Equal(t, "NB102", caseNamed(t, suite, caseLint).Failure.Type)
	assert.Equal(t, "GOLDEN-MISMATCH", caseNamed(t, suite, caseGolden).Failure.Type)
	assert.Equal(t, "OUTPUT-TYPE", caseNamed(t, suite, caseExpected).Failure.Type)
	assert.Nil(t, caseNamed(t, suite, casePolicy).Failure, "an advice fails nothing")
	assert.NotNil(t, caseNamed(t, suite, "cell-3").Skipped)

	assert.Contains(t, suite.SystemOut, "warning: NB201 in cell 0")
	assert.Contains(t, suite.SystemOut, "warning: EMPTY in cell 2")
	assert.Contains(t, suite.SystemOut, "info: NO-ASSERTION")
	assert.Equal(t, []int{8, 4, 1, 2}, []int{suite.Tests, suite.Failures, suite.Errors, suite.Skipped})
	assert.Len(t, suite.Cases, suite.Tests)
}

func TestJUnitMakesAFailureOfAFindingThatDecidesTheVerdict(t *testing.T) {
	run := makeRun(OutcomeCompleted, CellOK, CellOK)
	verdict := Verdict{Reason: ReasonSilentFailure, Message: "cell 1: it is None", FailedCell: pointer(1)}
	suite := decodeSuite(t, validated(New(subject, run, verdict), found("NONE-MIXED", v1alpha1.SeverityFailure, pointer(1))))
	assert.Equal(t, []int{4, 1, 0}, []int{suite.Tests, suite.Failures, suite.Errors})
	assert.Equal(t, "NONE-MIXED", caseNamed(t, suite, "cell-1").Failure.Type)
}

func TestJUnitFailsACellThatWasSkipped(t *testing.T) {
	suite := decodeSuite(t, validated(New(subject, mixedRun(), Judge(mixedRun())), found("TAG-NOT-RAISED", v1alpha1.SeverityFailure, pointer(1))))
	assert.NotNil(t, caseNamed(t, suite, "cell-1").Failure)
	assert.Nil(t, caseNamed(t, suite, "cell-1").Skipped)
	assert.Equal(t, 1, suite.Skipped)
}

func TestJUnitSaysWhyACellDidNotRun(t *testing.T) {
	notebook := notebookOf(t, "", "n = 1", "", "slow()", "slow()", "# NBVAL_SKIP", "step()", "rest()")
	notebook.Cells[2].Tags = []string{nbformat.TagSkipExecution}
	notebook.Cells[3].Tags = []string{"other", nbformat.TagNbvalSkip}
	for name, test := range map[string]struct {
		outcome Outcome
		status  CellStatus
		change  func(*Run)
		says    string
	}{
		"an exception": {OutcomeError, CellError, nil, "not run: cell 5 raised ValueError"},
		"the time":     {OutcomeTimeout, CellTimeout, nil, "not run: the time was used up in cell 5"},
		"the kernel":   {OutcomeKernelDied, CellDied, nil, "not run: the kernel died in cell 5"},
		"an exit":      {OutcomeExited, CellExited, func(run *Run) { run.ExitCode, run.FailedCell = pointer(0), nil }, "not run: cell 5 ended the notebook"},
	} {
		t.Run(name, func(t *testing.T) {
			run := makeRun(test.outcome, CellOK, CellSkipped, CellSkipped, CellSkipped, CellSkipped, test.status, CellNotRun)
			if test.change != nil {
				test.change(run)
			}
			run.Cells[2].SkipReason = "made up by the record"
			suite := decodeSuite(t, Assess(subject, Evidence{Run: run, Pristine: notebook}, demands.Demands{}))
			for prefix, want := range map[string]string{
				"cell-1": "the cell is empty",
				"cell-2": "the cell is tagged skip-execution",
				"cell-3": "the cell is tagged nbval-skip",
				"cell-4": "the cell holds the comment NBVAL_SKIP",
				"cell-6": test.says,
			} {
				skipped := caseNamed(t, suite, prefix).Skipped
				require.NotNil(t, skipped, prefix)
				assert.Equal(t, want, skipped.Message)
			}
		})
	}
	nothing := New(subject, makeRun(OutcomeParametersInvalid, CellNotRun, CellSkipped), Verdict{Reason: ReasonParametersInvalid})
	assert.Equal(t, "not run: the notebook was not begun (ParametersInvalid)", caseNamed(t, decodeSuite(t, nothing), "cell-0").Skipped.Message)
	assert.Equal(t, "empty, or marked to be skipped", caseNamed(t, decodeSuite(t, nothing), "cell-1").Skipped.Message)
}

func TestJUnitShowsChecksThatFoundNothing(t *testing.T) {
	suite := decodeSuite(t, validated(passedReport()))
	assert.Nil(t, caseNamed(t, suite, caseLint).Failure)
	assert.Nil(t, caseNamed(t, suite, casePolicy).Failure)
	assert.Len(t, suite.Cases, 4)
	assert.Len(t, decodeSuite(t, passedReport()).Cases, 2, "without a level there was no validation")
}

func TestJUnitShowsAFailureThatHasNoCell(t *testing.T) {
	unreadable := New(subject, nil, Unreadable(fmt.Errorf("gone")))
	suite := decodeSuite(t, validated(unreadable, found("NB102", v1alpha1.SeverityFailure, pointer(0))))
	assert.Equal(t, "ReportInvalid", caseNamed(t, suite, caseNotebook).Error.Type)
	assert.Equal(t, []int{1, 1}, []int{suite.Failures, suite.Errors})
}

func TestJUnitFindsAPlaceForACellThatIsNotThere(t *testing.T) {
	suite := decodeSuite(t, validated(passedReport(), found("SCALAR", v1alpha1.SeverityFailure, pointer(999))))
	assert.Equal(t, "SCALAR", caseNamed(t, suite, casePolicy).Failure.Type)
}

func TestJUnitIsBoundedAndValid(t *testing.T) {
	everyCell := func(severity v1alpha1.Severity) func(*Run) []findings.Finding {
		return func(run *Run) (all []findings.Finding) {
			for i := range run.Cells {
				all = append(all, found("SCALAR", severity, &run.Cells[i].Index), found("NB102", severity, nil))
			}
			return all
		}
	}
	cases := map[string]struct {
		run   *Run
		found func(*Run) []findings.Finding
	}{
		"long texts":                   {largeRun(100, 16<<10), everyCell(v1alpha1.SeverityInfo)},
		"many cells":                   {largeRun(5000, 10), everyCell(v1alpha1.SeverityWarning)},
		"many cells of which all fail": {largeRun(5000, 10), everyCell(v1alpha1.SeverityFailure)},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			report := validated(New(subject, test.run, Judge(test.run)), test.found(test.run)...)
			data, err := JUnit(report, MaxJUnitBytes)
			require.NoError(t, err)
			assert.LessOrEqual(t, len(data), MaxJUnitBytes)
			assert.Greater(t, len(data), MaxJUnitBytes/3, "what there is room for is used")
			requireSchema(t, data)
			assert.Contains(t, string(data), fmt.Sprintf(`tests="%d"`, len(test.run.Cells)+2))
			assert.Contains(t, string(data), `<error type="ValueError"`)
		})
	}
}

func TestJUnitSaysWhenNothingHelps(t *testing.T) {
	_, err := JUnit(passedReport(), 100)
	assert.ErrorContains(t, err, "does not fit 100 bytes")
}
