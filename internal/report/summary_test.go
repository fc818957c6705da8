package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answer returns the two halves of the report container's answer.
func answer(t testing.TB, report *Report) (message, log []byte) {
	t.Helper()
	log, message, err := EncodeAnswer(report, nil)
	require.NoError(t, err)
	return message, log
}

func TestVerifyGivesBackWhatWasReported(t *testing.T) {
	report := passedReport()
	message, log := answer(t, report)
	for name, text := range map[string][]byte{"without a line end": log, "with its line end": append(log, '\n')} {
		t.Run(name, func(t *testing.T) {
			got, err := Verify(message, text)
			require.NoError(t, err)
			assert.Equal(t, report, got.Report)
			assert.Equal(t, string(log), string(got.Encoded))
			assert.True(t, got.Summary.Passed)
			assert.Equal(t, ReasonPassed, got.Summary.Reason)
			assert.Equal(t, subject.Commit, got.Summary.Commit)
		})
	}
}

func TestFilesGoAlongWithAReport(t *testing.T) {
	files := Files{FileHTML: "<p>\n\u2028\x00</p>", FileExecuted: "{\n}"}
	log, message, err := EncodeAnswer(passedReport(), files)
	require.NoError(t, err)
	got, err := Verify(message, append(log, '\n'))
	require.NoError(t, err)
	assert.Equal(t, files, got.Files)
	assert.Equal(t, passedReport(), got.Report)
	assert.NotContains(t, string(got.Encoded), FileHTML, "report.json is the first line alone")

	log, message, err = EncodeAnswer(passedReport(), Files{FileHTML: strings.Repeat("x", MaxFilesBytes+1)})
	require.NoError(t, err)
	_, err = Verify(message, log)
	assert.ErrorContains(t, err, "files of the report have more than")
}

func TestVerifyRefusesWhatDoesNotAgree(t *testing.T) {
	good := passedReport()
	message, log := answer(t, good)
	change := func(data []byte, old, new string) []byte {
		require.Contains(t, string(data), old)
		return []byte(strings.Replace(string(data), old, new, 1))
	}
	reSummarized := func(log []byte, edit func(*Summary)) []byte {
		summary := Summarize(good, log)
		edit(&summary)
		data, err := json.Marshal(summary)
		require.NoError(t, err)
		return data
	}
	later := change(log, `"schemaVersion":1`, `"schemaVersion":2`)
	other := change(log, `"reason":"Passed"`, `"reason":"Timeout"`)
	keep := func(*Summary) {}
	cases := map[string]struct {
		message, log []byte
		want         string
	}{
		"one byte differs":         {message, change(log, "step()", "stop()"), "digests differ"},
		"the log is cut":           {message, log[:len(log)-1], "bytes, its summary says"},
		"the log is empty":         {message, nil, "bytes, its summary says"},
		"something follows":        {message, append(append([]byte{}, log...), "\n\n"...), "bytes, its summary says"},
		"files that are none":      {reSummarized([]byte(string(log)+"\nhi"), keep), []byte(string(log) + "\nhi"), "files of the report are not valid"},
		"a file nobody knows":      {reSummarized([]byte(string(log)+"\n{\"a.sh\":\"\"}"), keep), []byte(string(log) + "\n{\"a.sh\":\"\"}"), "unknown file"},
		"no message":               {nil, log, "summary is not valid"},
		"the progress of a runner": {[]byte(`{"cell":1,"id":"a","done":1,"total":2,"seconds":1}`), log, "unknown field"},
		"a later summary":          {change(message, `"version":1`, `"version":2`), log, "version 2"},
		"a summary without digest": {change(message, `"digest"`, `"digests"`), log, "unknown field"},
		"a pass with a bad reason": {change(message, `"reason":"Passed"`, `"reason":"Timeout"`), log, "contradicts itself"},
		"a reason nobody knows":    {change(message, `"reason":"Passed"`, `"reason":"Fine"`), log, "unknown reason"},
		"a failure called passed":  {change(message, `"passed":true`, `"passed":false`), log, "contradicts itself"},
		"a doubled verdict":        {change(message, `"passed":true`, `"passed":false,"passed":true`), log, "twice"},
		"too long a message":       {append(message, strings.Repeat(" ", MaxSummaryBytes)...), log, "larger than"},
		"a later report":           {reSummarized(later, keep), later, "version 2"},
		"a report of another end":  {reSummarized(other, keep), other, "different verdicts"},
		"another commit":           {reSummarized(log, func(s *Summary) { s.Commit = "f" }), log, "different commits"},
		"a report that is none":    {reSummarized([]byte("[]"), keep), []byte("[]"), "report is not valid"},
		"too large a report": {
			reSummarized(make([]byte, MaxAnswerBytes+1), keep), make([]byte, MaxAnswerBytes+1), "larger than"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Verify(test.message, test.log)
			assert.ErrorContains(t, err, test.want)
			assert.Nil(t, got)
		})
	}
}

func TestTheSummaryFitsWhateverTheNotebookRaised(t *testing.T) {
	for name, text := range map[string]string{
		"quotes":           strings.Repeat(`"\`, 5000),
		"markup":           strings.Repeat(`<&>`, 5000),
		"control":          strings.Repeat("\x00\x01\u2028\u0085", 5000),
		"broken text":      strings.Repeat("\xff", 5000),
		"many-byte letter": strings.Repeat("\U0001F600", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			run := with(makeRun(OutcomeError, CellError), raised(text, text))
			message, log := answer(t, New(subject, run, Judge(run)))
			assert.LessOrEqual(t, len(message), MaxSummaryBytes)
			_, err := Verify(message, log)
			require.NoError(t, err)
		})
	}
}

// FuzzVerify looks for input that panics, or that verifies although the summary
// was not made of that log.
func FuzzVerify(f *testing.F) {
	message, log := answer(f, passedReport())
	f.Add(message, log)
	f.Add(message, append(log, '\n'))
	f.Add([]byte(`{}`), []byte(`{}`))
	log, message, err := EncodeAnswer(passedReport(), Files{FileHTML: "<p>", FileExecuted: "{}"})
	require.NoError(f, err)
	f.Add(message, log)
	message, log = answer(f, exitReport())
	f.Add(message, log)
	f.Fuzz(func(t *testing.T, message, log []byte) {
		got, err := Verify(message, log)
		if err != nil {
			return
		}
		if digestOf([]byte(strings.TrimSuffix(string(log), "\n"))) != got.Summary.Digest || got.Report.Reason != got.Summary.Reason {
			t.Fatal("verified what does not agree")
		}
	})
}
