package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParametersReachTheReportAsTheyWereGiven(t *testing.T) {
	given := map[string]any{
		"region": "north", "limit": json.Number("12345678901234567890"), "none": nil, "on": true,
		"options": map[string]any{"list": []any{json.Number("1.50"), "a", []any{}}},
	}
	run, err := ParseRun(encodeRun(t, with(makeRun(OutcomeCompleted, CellOK), func(run *Run) { run.Parameters = given })))
	require.NoError(t, err)
	assert.Equal(t, given, run.Parameters)
	report := New(Subject{}, run, Judge(run))
	assert.Equal(t, given, report.Parameters)
	data, err := Encode(report)
	require.NoError(t, err)
	assert.Contains(t, string(data), `"limit":12345678901234567890`)
}

func TestParametersInAReportAreSafeAndShort(t *testing.T) {
	hostile := map[string]any{"a\x1b[31m": []any{"b\x00\x1b]0;title\x07c", map[string]any{"d\r": "\x7f"}}}
	run := with(makeRun(OutcomeCompleted, CellOK), func(run *Run) { run.Parameters = hostile })
	assert.Equal(t, map[string]any{"a": []any{"bc", map[string]any{"d": ""}}}, New(Subject{}, run, Judge(run)).Parameters)

	run.Parameters = map[string]any{"long": strings.Repeat("x", maxParametersBytes)}
	report := New(Subject{}, run, Judge(run))
	assert.Nil(t, report.Parameters)
	assert.Equal(t, []string{"the parameters are left out here: they are longer than 64 KiB"}, report.Notes)
}

func TestParametersOfAnyShapeAreReadButNotOfAnyDepth(t *testing.T) {
	good := string(encodeRun(t, with(makeRun(OutcomeCompleted, CellOK), func(run *Run) { run.Parameters = map[string]any{"x": 1} })))
	cases := map[string]struct{ value, want string }{
		"null":              {`null`, ""},
		"as deep as it may": {strings.Repeat("[", 50) + strings.Repeat("]", 50), ""},
		"far too deep":      {strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), "nested too deep"},
		"cut short":         {`[`, "not valid"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, good, `"x":1}`)
			_, err := ParseRun([]byte(strings.Replace(good, `"x":1}`, `"x":`+test.value+`}`, 1)))
			if test.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.want)
			}
		})
	}
}

func TestParametersThatCannotBeSetAreNoErrorOfACell(t *testing.T) {
	run := with(makeRun(OutcomeParametersInvalid, CellNotRun, CellSkipped), func(run *Run) { run.Detail = "the notebook does not know x" })
	read, err := ParseRun(encodeRun(t, run))
	require.NoError(t, err)
	verdict := Judge(read)
	assert.Equal(t, Verdict{Reason: ReasonParametersInvalid, Message: "the notebook does not know x"}, verdict)
	assert.True(t, reasons[verdict.Reason])
	_, err = ParseRun(encodeRun(t, makeRun(OutcomeParametersInvalid, CellOK)))
	assert.ErrorContains(t, err, "does not allow")
}
