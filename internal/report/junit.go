package report

import (
	"encoding/xml"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// MaxJUnitBytes bounds junit.xml.
const MaxJUnitBytes = 150 << 10

// junitSuite is written so that the schemas of Apache Ant, GitLab and Jenkins
// all accept it: Ant's wants every attribute and both texts at the end, and
// knows no output of a single case.
type junitSuite struct {
	XMLName    xml.Name        `xml:"testsuite"`
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Hostname   string          `xml:"hostname,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	SystemOut  string          `xml:"system-out"`
	SystemErr  string          `xml:"system-err"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// junitCase holds at most one of Failure, Error and Skipped.
type junitCase struct {
	Name      string        `xml:"name,attr"`
	Classname string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Failure   *junitProblem `xml:"failure"`
	Error     *junitProblem `xml:"error"`
	Skipped   *junitSkip    `xml:"skipped"`
	// output becomes a part of the suite's.
	output string
	// unskipped is set where a finding made a failure of a cell that did not run.
	unskipped bool
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
// the suite, its code cells and the checks of the notebook as a whole are the
// cases. Texts are shortened first; only when that is not enough are cases left
// out, and a property says how many.
func JUnit(report *Report, maxBytes int) ([]byte, error) {
	for _, limit := range []int{16 << 10, 4 << 10, 1 << 10, 200, 0} {
		if data, err := encodeSuite(suiteOf(report, limit)); err != nil || len(data) <= maxBytes {
			return data, err
		}
	}
	return mostCases(suiteOf(report, 0), maxBytes)
}

// mostCases encodes as many of the cases as there is room for.
func mostCases(suite junitSuite, maxBytes int) ([]byte, error) {
	var fitting []byte
	for low, high := 0, len(suite.Cases); low <= high; {
		middle := (low + high) / 2
		data, err := encodeSuite(omitCases(suite, middle))
		switch {
		case err != nil:
			return nil, err
		case len(data) <= maxBytes:
			fitting, low = data, middle+1
		default:
			high = middle - 1
		}
	}
	if fitting == nil {
		return nil, fmt.Errorf("the JUnit file does not fit %d bytes even without its cases", maxBytes)
	}
	return fitting, nil
}

// omitCases keeps the cases that matter most, in their order.
func omitCases(suite junitSuite, keep int) junitSuite {
	order := make([]int, len(suite.Cases))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool {
		return importance(suite.Cases[order[i]]) > importance(suite.Cases[order[j]])
	})
	kept := slices.Sorted(slices.Values(order[:keep]))
	cases := make([]junitCase, 0, keep)
	for _, i := range kept {
		cases = append(cases, suite.Cases[i])
	}
	omitted := len(suite.Cases) - keep
	suite.Cases = cases
	suite.Properties = append(slices.Clone(suite.Properties), junitProperty{"omittedCases", fmt.Sprint(omitted)})
	return suite
}

func importance(entry junitCase) int {
	switch {
	case entry.Error != nil:
		return 2
	case entry.Failure != nil:
		return 1
	}
	return 0
}

func encodeSuite(suite junitSuite) ([]byte, error) {
	suite.SystemOut = outputsOf(suite.Cases)
	data, err := xml.MarshalIndent(suite, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode the JUnit file: %w", err)
	}
	return append(append([]byte(xml.Header), data...), '\n'), nil
}

// outputsOf joins the outputs of cases, each below its name.
func outputsOf(cases []junitCase) string {
	var all strings.Builder
	for _, entry := range cases {
		if entry.output != "" {
			fmt.Fprintf(&all, "%s\n%s\n\n", entry.Name, strings.TrimSuffix(entry.output, "\n"))
		}
	}
	return all.String()
}

func suiteOf(report *Report, limit int) junitSuite {
	suite := junitSuite{
		Name:       junitName(report.Notebook),
		Time:       junitTime(report.Seconds),
		Timestamp:  junitTimestamp(report.StartedAt),
		Hostname:   "localhost",
		Properties: propertiesOf(report),
		Cases:      casesOf(report, limit),
	}
	suite.Tests = len(suite.Cases) + report.OmittedCells
	suite.Skipped = report.Counts.Skipped + report.Counts.NotRun
	for _, entry := range suite.Cases {
		switch {
		case entry.Failure != nil:
			suite.Failures++
		case entry.Error != nil:
			suite.Errors++
		}
		if entry.unskipped {
			suite.Skipped--
		}
	}
	return suite
}

func propertiesOf(report *Report) []junitProperty {
	properties := []junitProperty{
		{"verdict", sanitize(report.Verdict)},
		{"reason", sanitize(string(report.Reason))},
		{"message", sanitize(report.Message)},
		{"level", sanitize(string(report.Level))},
		{"url", sanitize(report.URL)},
		{"commit", sanitize(report.Commit)},
		{"image", sanitize(report.Image)},
	}
	if report.OmittedCells > 0 {
		properties = append(properties, junitProperty{"omittedCells", fmt.Sprint(report.OmittedCells)})
	}
	if report.OmittedFindings > 0 {
		properties = append(properties, junitProperty{"omittedFindings", fmt.Sprint(report.OmittedFindings)})
	}
	return properties
}

// junitName is never empty: no schema allows that.
func junitName(path string) string {
	if name := sanitize(path); name != "" {
		return name
	}
	return "notebook"
}

func className(report *Report) string {
	return strings.ReplaceAll(junitName(report.Notebook), "/", ".")
}

func junitTime(seconds float64) string { return fmt.Sprintf("%.3f", seconds) }

// junitTimestamp has no time zone, as Ant wants it, and means UTC. A run that
// left no record has the beginning of time: the attribute must be there.
func junitTimestamp(started *time.Time) string {
	if started == nil {
		return time.Unix(0, 0).UTC().Format("2006-01-02T15:04:05")
	}
	return started.UTC().Format("2006-01-02T15:04:05")
}
