package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

func TestARecordThatAgreesWithItselfIsRead(t *testing.T) {
	cases := map[string]*Run{
		"completed":        makeRun(OutcomeCompleted, CellOK, CellSkipped),
		"error":            makeRun(OutcomeError, CellOK, CellError, CellNotRun, CellSkipped),
		"timeout":          makeRun(OutcomeTimeout, CellTimeout),
		"kernel died":      makeRun(OutcomeKernelDied, CellOK, CellDied),
		"exited well":      with(makeRun(OutcomeExited, CellExited, CellNotRun), exitedWith(0, "")),
		"exited badly":     with(makeRun(OutcomeExited, CellExited), exitedWith(9, "")),
		"no kernel":        with(makeRun(OutcomeNoSuchKernel, CellNotRun), func(run *Run) { run.Kernel = nil }),
		"no code cells":    makeRun(OutcomeNoCodeCells, CellSkipped),
		"invalid notebook": with(makeRun(OutcomeInvalidNotebook), func(run *Run) { run.NBFormat = nil }),
		"runner missing":   makeRun(OutcomeRunnerMissing),
		"not observed": with(makeRun(OutcomeCompleted, CellOK), func(run *Run) {
			run.Observed, run.ObservedDetail = false, "the kernel's language is R"
		}),
		"observed": with(makeRun(OutcomeCompleted, CellOK), func(run *Run) {
			run.Cells[0].Stderr = "careful"
			run.Cells[0].Facts = makeFacts("loss", facts.Value{Type: "float", Scalar: true, NaN: 1})
		}),
	}
	for name, run := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := ParseRun(encodeRun(t, run))
			require.NoError(t, err)
			assert.Equal(t, run, got)
		})
	}
}

func TestARecordThatContradictsItselfIsRefused(t *testing.T) {
	cases := map[string]struct {
		run  *Run
		want string
	}{
		"later version":                    {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.Version = 3 }), "version 3"},
		"unknown outcome":                  {makeRun("passed", CellOK), "unknown outcome"},
		"unknown status":                   {makeRun(OutcomeCompleted, "fine"), "unknown status"},
		"completed over a failed cell":     {makeRun(OutcomeCompleted, CellError), "status error"},
		"completed over a cell not run":    {makeRun(OutcomeCompleted, CellOK, CellNotRun), "status not_run"},
		"completed with nothing run":       {makeRun(OutcomeCompleted, CellSkipped), "no cell ran"},
		"completed without a kernel":       {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.Kernel = nil }), "no kernel"},
		"completed with an exit code":      {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.ExitCode = pointer(0) }), "exit code"},
		"completed with memory short":      {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.OutOfMemory = true }), "the kernel lived"},
		"error without a failed cell":      {with(makeRun(OutcomeError, CellError), func(r *Run) { r.FailedCell = nil }), "does not name it"},
		"error in another cell":            {with(makeRun(OutcomeError, CellOK, CellError), func(r *Run) { r.FailedCell = pointer(0) }), "does not name it"},
		"error without its error":          {with(makeRun(OutcomeError, CellError), func(r *Run) { r.Cells[0].Error = nil }), "no error"},
		"error, but cells ran on":          {makeRun(OutcomeError, CellError, CellOK), "does not allow"},
		"error twice":                      {makeRun(OutcomeError, CellError, CellError), "does not allow"},
		"error, but a cell before not run": {makeRun(OutcomeError, CellNotRun, CellError), "does not allow"},
		"error, but all good":              {makeRun(OutcomeError, CellOK), "no cell has status error"},
		"error with an exit code":          {with(makeRun(OutcomeError, CellError), func(r *Run) { r.ExitCode = pointer(1) }), "exit code"},
		"error with a signal":              {with(makeRun(OutcomeError, CellError), func(r *Run) { r.Signal = pointer("SIGKILL") }), "signal"},
		"exited without a code":            {makeRun(OutcomeExited, CellExited), "no exit code"},
		"exited with 0, but failed":        {with(makeRun(OutcomeExited, CellExited), func(r *Run) { r.ExitCode, r.FailedCell = pointer(0), pointer(0) }), "names a failed cell"},
		"invalid notebook with cells":      {makeRun(OutcomeInvalidNotebook, CellNotRun), "comes with cells"},
		"no such kernel, but cells ran":    {makeRun(OutcomeNoSuchKernel, CellOK), "does not allow"},
		"no code cells, but one to run":    {makeRun(OutcomeNoCodeCells, CellNotRun), "does not allow"},
		"a cell twice":                     {with(makeRun(OutcomeCompleted, CellOK, CellOK), func(r *Run) { r.Cells[1].Index = 0 }), "cell 0 follows cell 0"},
		"a negative index":                 {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.Cells[0].Index = -1 }), "cell -1"},
		"negative seconds":                 {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.Cells[0].Seconds = -1 }), "out of range"},
		"endless seconds":                  {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.Seconds = 1e300 }), "out of range"},
		"a result of a cell not run":       {with(makeRun(OutcomeError, CellError, CellNotRun), func(r *Run) { r.Cells[1].ExecutionCount = pointer(2) }), "but a result"},
		"a negative count":                 {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.Cells[0].ExecutionCount = pointer(-2) }), "negative"},
		"an endless id":                    {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.Cells[0].ID = strings.Repeat("x", 5000) }), "too long"},
		"facts, but not observed": {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) {
			r.Observed, r.Cells[0].Facts = false, makeFacts("x", facts.Value{Type: "int"})
		}), "nothing was observed"},
		"facts of a cell not run": {with(makeRun(OutcomeError, CellError, CellNotRun), func(r *Run) {
			r.Cells[1].Facts = makeFacts("x", facts.Value{Type: "int"})
		}), "but a result"},
		"observed, but also not":  {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.ObservedDetail = "no reason" }), "says why not"},
		"an endless error stream": {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.Cells[0].Stderr = strings.Repeat("x", 5000) }), "too long"},
		"an endless reason":       {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.Analysis.Detail = strings.Repeat("x", 5000) }), "says too much"},
		"a flood of notes":        {with(makeRun(OutcomeCompleted, CellOK), func(r *Run) { r.Notes = make([]string, 200) }), "notes"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := ParseRun(encodeRun(t, test.run))
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestTheFormOfARecordIsStrict(t *testing.T) {
	good := string(encodeRun(t, makeRun(OutcomeError, CellOK, CellError)))
	cases := map[string]struct{ old, new, want string }{
		"an unknown field":          {`"version":2`, `"version":2,"verdict":"Passed"`, `unknown field "verdict"`},
		"a field in other letters":  {`"version":2`, `"Version":2`, `unknown field "Version"`},
		"a doubled field":           {`"version":2`, `"version":2,"version":2`, "twice"},
		"a doubled field in a cell": {`"status":"error"`, `"status":"error","status":"ok"`, "twice"},
		"a missing field":           {`"outOfMemory":false,`, ``, `lacks the field "outOfMemory"`},
		"a missing field in a cell": {`"status":"error",`, ``, `lacks the field "status"`},
		"null for a text":           {`"detail":""`, `"detail":null`, "is null"},
		"null for the cells":        {`"notes":[]`, `"notes":null`, "is null"},
		"an object for a text":      {`"detail":""`, `"detail":{}`, "not a single value"},
		"a number for a text":       {`"detail":""`, `"detail":5`, "not valid"},
		"a text for a number":       {`"version":2`, `"version":"2"`, "not valid"},
		"a fraction for an index":   {`"index":0`, `"index":0.5`, "not valid"},
		"a list for an object":      {`"nbformat":{"major":4,"minor":5}`, `"nbformat":[]`, "not an object"},
		"an object for a list":      {`"notes":[]`, `"notes":{}`, "not a list"},
		"a time that is none":       {`"startedAt":"2026`, `"startedAt":"x2026`, "not valid"},
		"text after it":             {`]}`, `]} {}`, "text follows"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, good, test.old)
			changed := strings.Replace(good, test.old, test.new, 1)
			if test.old == "]}" {
				changed = strings.TrimSuffix(good, test.old) + test.new
			}
			_, err := ParseRun([]byte(changed))
			assert.ErrorContains(t, err, test.want)
		})
	}
	for cut := 0; cut < len(good); cut += 7 {
		_, err := ParseRun([]byte(good[:cut]))
		require.Error(t, err, "cut after %d bytes", cut)
	}
}

func TestARecordThatIsTooLargeOrTooDeepIsRefused(t *testing.T) {
	_, err := ParseRun(make([]byte, MaxRunBytes+1))
	assert.ErrorContains(t, err, "larger than 32 MiB")
	_, err = ParseRun(bytes.Repeat([]byte("["), 1<<20))
	assert.ErrorContains(t, err, "not valid")
	deep := `{"version":` + strings.Repeat(`{"a":`, 1<<20)
	_, err = ParseRun([]byte(deep))
	assert.ErrorContains(t, err, "not valid")
}

func TestFactsMayLeaveOutOnlyWhatDoesNotApply(t *testing.T) {
	run := makeRun(OutcomeCompleted, CellOK)
	run.Cells[0].Facts = makeFacts("x", facts.Value{Type: "int"})
	good := string(encodeRun(t, run))
	cases := map[string]struct{ new, want string }{
		"a count":             {`{"type":"float","nan":2}`, ""},
		"no type":             {`{"nan":2}`, `lacks the field "type"`},
		"a field unknown":     {`{"type":"int","verdict":1}`, "unknown field"},
		"a number of letters": {`{"type":"int","number":"1"}`, "not valid"},
		"attributes":          {`{"type":"__main__.M","attributes":{"a":{"type":"int"}}}`, ""},
		"endless attributes": {
			strings.Repeat(`{"type":"a","attributes":{"a":`, 1<<18) + "1", "nested too deep"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, good, `{"type":"int"}`)
			_, err := ParseRun([]byte(strings.Replace(good, `{"type":"int"}`, test.new, 1)))
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestFactsAreOfTheRunAndNotOfTheReport(t *testing.T) {
	run := makeRun(OutcomeCompleted, CellOK)
	run.Cells[0].Stderr, run.Cells[0].Facts = "careful", makeFacts("x", facts.Value{Type: "int"})
	data, err := Encode(New(Subject{}, run, Judge(run)))
	require.NoError(t, err)
	assert.NotContains(t, string(data), "facts")
	assert.NotContains(t, string(data), "stderr")
}

// FuzzParseRun looks for input that panics, or that passes although no cell is ok.
func FuzzParseRun(f *testing.F) {
	f.Add(encodeRun(f, makeRun(OutcomeCompleted, CellOK, CellSkipped)))
	f.Add(encodeRun(f, makeRun(OutcomeError, CellOK, CellError, CellNotRun)))
	f.Add(encodeRun(f, with(makeRun(OutcomeExited, CellExited), exitedWith(0, ""))))
	f.Add([]byte(`{"version":2,"outcome":"completed"}`))
	records, err := filepath.Glob("testdata/run-*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range records {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		run, err := ParseRun(data)
		if err != nil {
			return
		}
		verdict := Judge(run)
		good := 0
		for _, cell := range run.Cells {
			if cell.Status == CellOK || cell.Status == CellExited {
				good++
			}
		}
		if verdict.Passed && good == 0 {
			t.Fatalf("passed without a good cell: %s", data)
		}
		bounded, err := Bound(New(Subject{}, run, verdict), MaxReportBytes)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := Encode(bounded)
		if err != nil || len(encoded) > MaxReportBytes || !json.Valid(encoded) {
			t.Fatalf("report of %d bytes: %v", len(encoded), err)
		}
		if _, err := JUnit(bounded, MaxJUnitBytes); err != nil {
			t.Fatal(err)
		}
	})
}
