package report

import (
	"encoding/xml"
	"fmt"
	"sort"
	"strings"
	"time"
)

// MaxJUnitBytes bounds junit.xml.
const MaxJUnitBytes = 200 << 10

type junitSuite struct {
	XMLName    xml.Name        `xml:"testsuite"`
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	Classname string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Failure   *junitProblem `xml:"failure"`
	Error     *junitProblem `xml:"error"`
	Skipped   *junitSkip    `xml:"skipped"`
	SystemOut string        `xml:"system-out,omitempty"`
}

type junitProblem struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

type junitSkip struct {
	Message string `xml:"message,attr"`
}

// JUnit returns the report as a JUnit file of at most maxBytes: the notebook is
// the suite, its code cells are the cases. Texts are shortened first; only when
// that is not enough are cases left out, and a property says how many.
func JUnit(report *Report, maxBytes int) ([]byte, error) {
	for _, limit := range []int{16 << 10, 4 << 10, 1 << 10, 200, 0} {
		if data, err := encodeSuite(suiteOf(report, limit)); err != nil || len(data) <= maxBytes {
			return data, err
		}
	}
	suite := suiteOf(report, 0)
	var fitting []byte
	var failure error
	sort.Search(len(suite.Cases)+1, func(n int) bool {
		data, err := encodeSuite(omitCases(suite, n))
		if err != nil {
			failure = err
		} else if len(data) <= maxBytes {
			fitting = data
			return false
		}
		return true
	})
	if fitting == nil && failure == nil {
		failure = fmt.Errorf("the JUnit file does not fit %d bytes even without its cases", maxBytes)
	}
	return fitting, failure
}

func encodeSuite(suite junitSuite) ([]byte, error) {
	data, err := xml.MarshalIndent(suite, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode the JUnit file: %w", err)
	}
	return append(append([]byte(xml.Header), data...), '\n'), nil
}

func suiteOf(report *Report, limit int) junitSuite {
	suite := junitSuite{
		Name:       sanitize(report.Notebook),
		Tests:      report.Counts.Total,
		Skipped:    report.Counts.Skipped + report.Counts.NotRun,
		Time:       junitTime(report.Seconds),
		Properties: propertiesOf(report),
	}
	if report.StartedAt != nil {
		suite.Timestamp = report.StartedAt.UTC().Format(time.RFC3339)
	}
	if report.OmittedCells > 0 {
		suite.Properties = append(suite.Properties, omittedProperty(report.OmittedCells))
	}
	if !report.Reason.Passes() && report.FailedCell == nil {
		suite.Tests++
		suite.Cases = append(suite.Cases, junitCase{
			Name: "notebook", Classname: className(report), Time: junitTime(0), Error: problemOf(report, ""),
		})
	}
	for _, cell := range report.Cells {
		suite.Cases = append(suite.Cases, caseOf(report, cell, limit))
	}
	for _, entry := range suite.Cases {
		if entry.Failure != nil {
			suite.Failures++
		}
		if entry.Error != nil {
			suite.Errors++
		}
	}
	return suite
}

func propertiesOf(report *Report) []junitProperty {
	return []junitProperty{
		{"verdict", sanitize(report.Verdict)},
		{"reason", sanitize(string(report.Reason))},
		{"message", sanitize(report.Message)},
		{"url", sanitize(report.URL)},
		{"commit", sanitize(report.Commit)},
		{"image", sanitize(report.Image)},
	}
}

func omittedProperty(count int) junitProperty {
	return junitProperty{"omittedCells", fmt.Sprint(count)}
}

func caseOf(report *Report, cell RunCell, limit int) junitCase {
	entry := junitCase{
		Name:      oneLine(fmt.Sprintf("cell-%d [%s] %s", cell.Index, cell.ID, cell.Source), 300),
		Classname: className(report),
		Time:      junitTime(cell.Seconds),
		SystemOut: keepEnds(sanitize(cell.Output), limit),
	}
	switch {
	case isFailing(report, cell) && report.Reason == ReasonNonZeroExit:
		entry.Failure = problemOf(report, traceback(cell, limit))
	case isFailing(report, cell):
		entry.Error = problemOf(report, traceback(cell, limit))
	case cell.Status == CellSkipped:
		entry.Skipped = &junitSkip{Message: "empty or tagged skip-execution"}
	case cell.Status == CellNotRun:
		entry.Skipped = &junitSkip{Message: "not run: the notebook ended before this cell"}
	}
	return entry
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
	// Even the shortest file keeps the end of the one traceback that matters.
	return keepEnds(sanitize(cell.Error.Traceback), max(limit, 1<<10))
}

func omitCases(suite junitSuite, keep int) junitSuite {
	var cases []junitCase
	for i, entry := range suite.Cases {
		if i < keep || entry.Error != nil || entry.Failure != nil {
			cases = append(cases, entry)
		}
	}
	omitted := len(suite.Cases) - len(cases)
	suite.Cases = cases
	suite.Properties = append(append([]junitProperty{}, suite.Properties...),
		junitProperty{"omittedCases", fmt.Sprint(omitted)})
	return suite
}

func className(report *Report) string {
	return strings.ReplaceAll(sanitize(report.Notebook), "/", ".")
}

func junitTime(seconds float64) string { return fmt.Sprintf("%.3f", seconds) }
