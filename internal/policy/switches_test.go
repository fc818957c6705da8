package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/facts"
	"mlops.dev/notebook-validator-operator/internal/rules"
)

func TestStderr(t *testing.T) {
	config := v1alpha1.ValidationConfig{FailOnStderr: true}
	for name, test := range map[string]struct {
		text string
		own  int
	}{
		"nothing":                   {"", 0},
		"a line of the notebook":    {"cannot reach the server\n", 1},
		"what logging writes":       {"WARNING:root:no data\nERROR:root:failed\n", 2},
		"a warning of Python":       {"/tmp/ipykernel_1/1.py:1: RuntimeWarning: invalid value\n  np.sqrt(-1)\n", 0},
		"a warning and a line":      {"/tmp/x.py:1: UserWarning: a\n  f()\nlost\n", 1},
		"a long warning":            {"/tmp/x.py:3: SettingWithCopyWarning: \nA value is set on a copy.\n\nSee the documentation\n  df['a'] = 1\n", 0},
		"a warning without source":  {"<string>:1: UserWarning: a\nlost\n", 1},
		"a progress bar":            {"\r 10%|█         | 1/10 [00:00<00:01, 9.9it/s]\r100%|██████████| 10/10 [00:01<00:00, 9.9it/s]\n", 0},
		"a loader's messages":       {"2026-01-02 10:11:12.123456: I tensorflow/core/util.cc:1] oneDNN\nMatplotlib is building the font cache; this may take a moment.\n", 0},
		"what IPython says at exit": {"An exception has occurred, use %tb to see the full traceback.\n\n\x1b[0;31mSystemExit\x1b[0m\x1b[0;31m:\x1b[0m 0\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.own, ownLines(test.text))
			in := sketch(step{change: func(cell *Cell) { cell.Stderr = test.text }})
			assert.Len(t, Judge(in, config), min(test.own, 1))
			assert.Empty(t, Judge(in, v1alpha1.ValidationConfig{}), "the switch is off")
		})
	}
}

func TestNoAssertion(t *testing.T) {
	config := v1alpha1.ValidationConfig{VerifyAssertions: true, Level: v1alpha1.LevelLearning}
	unchecked := with(sketch(shows(call("f"), number(1))), func(a *facts.Analysis) { a.Lint = []facts.Lint{{Rule: "NB402"}} })
	assert.Equal(t, []string{"NO-ASSERTION - Failure"}, told(Judge(unchecked, config)), "NB402 would say the same")
	assert.Equal(t, []string{"NB402 - Info"}, told(Judge(unchecked, at(v1alpha1.LevelLearning))))

	checked := with(unchecked, func(a *facts.Analysis) { a.Checks, a.Lint = 1, nil })
	assert.Empty(t, Judge(checked, config))

	unread := Input{Observed: true, Analysis: facts.Analysis{Detail: "not in Python"}}
	assert.ElementsMatch(t, []string{"NO-ASSERTION - Failure", "NOT-OBSERVED - Info"}, told(Judge(unread, config)))
	assert.Equal(t, "Checks could not be looked for: not in Python.", Judge(unread, config)[0].Message)

	config.ExpectedOutputs = []v1alpha1.ExpectedOutput{{Cell: ptr(int32(0)), Type: "float"}}
	assert.Empty(t, Judge(unchecked, config), "an expectation is a check")
	config.CheckOutputTypes = ptr(false)
	assert.Len(t, Judge(unchecked, config), 1, "one that nobody looks at is none")
}

func TestExpectationsAreChecks(t *testing.T) {
	in := with(sketch(shows(call("f"), number(1)), step{}), func(a *facts.Analysis) {
		a.Lint = []facts.Lint{{Rule: "NB401", Cell: ptr(0), Line: 1, Name: "a"}, {Rule: "NB401", Cell: ptr(1), Line: 1, Name: "b"}, {Rule: "NB402"}}
	})
	config := v1alpha1.ValidationConfig{ExpectedOutputs: []v1alpha1.ExpectedOutput{{Cell: ptr(int32(0)), Type: "float"}}}
	assert.Equal(t, []string{"NB401 1 Info b"}, told(Judge(in, config)))
}

func TestExpectationsAddressCellsByIndex(t *testing.T) {
	in := sketch(shows(call("f"), number(1)))
	config := v1alpha1.ValidationConfig{ExpectedOutputs: []v1alpha1.ExpectedOutput{{Cell: ptr(int32(0)), Type: "str"}}}
	assert.Equal(t, []string{"OUTPUT-TYPE 0 Failure"}, told(Judge(in, config)))
	config.CheckOutputTypes = ptr(false)
	assert.Empty(t, Judge(in, config))
}

func TestUnpinned(t *testing.T) {
	in := sketch()
	in.Unpinned = []string{"numpy", "pandas>=1"}
	for level, severity := range map[v1alpha1.ValidationLevel]string{
		v1alpha1.LevelLearning: "Info", "": "Warning", v1alpha1.LevelStaging: "Warning", v1alpha1.LevelProduction: "Failure",
	} {
		assert.Equal(t, []string{"UNPINNED-REQUIREMENT - " + severity + " numpy", "UNPINNED-REQUIREMENT - " + severity + " pandas>=1"},
			told(Judge(in, at(level))))
	}
}

func TestLint(t *testing.T) {
	places := func(lint ...facts.Lint) Input {
		return with(sketch(step{}, step{}), func(a *facts.Analysis) { a.Lint = lint })
	}
	judgeAll(t, map[string]rulesCase{
		"two lines with the same fault":      {places(facts.Lint{Rule: "NB102", Cell: ptr(0), Line: 1}, facts.Lint{Rule: "NB102", Cell: ptr(0), Line: 4}), []string{"NB102 0 Warning", "NB102 0 Warning"}},
		"the same fault twice":               {places(facts.Lint{Rule: "NB102", Cell: ptr(0), Line: 1}, facts.Lint{Rule: "NB102", Cell: ptr(0), Line: 1}), []string{"NB102 0 Warning"}},
		"a rule that nobody knows":           {places(facts.Lint{Rule: "NB999", Cell: ptr(0)}), nil},
		"a rule that is not one of lint":     {places(facts.Lint{Rule: "SCALAR", Cell: ptr(0)}), nil},
		"a cell that is not in the notebook": {places(facts.Lint{Rule: "NB102", Cell: ptr(7)}), []string{"NB102 7 Warning"}},
		"a result of an in-place call":       {with(sketch(leaves("df", facts.Bind{Kind: "call", Callee: "df.dropna", InPlace: true, Line: 2}, null())), func(a *facts.Analysis) { a.Lint = []facts.Lint{{Rule: "NB301", Cell: ptr(0), Line: 2}} }), []string{"NONE-INPLACE 0 Failure df"}},
		"one in a function that was not run": {places(facts.Lint{Rule: "NB301", Cell: ptr(0), Line: 2, Name: "df"}), []string{"NB301 0 Failure df"}},
	})
}

func TestTextsOfAFinding(t *testing.T) {
	in := with(sketch(step{}), func(a *facts.Analysis) {
		a.Lint = []facts.Lint{{Rule: "NB103", Cell: ptr(0), Line: 3, Name: "Exc\x1beption", Detail: "two\nlines"}}
	})
	found := Judge(in, v1alpha1.ValidationConfig{})
	require.Len(t, found, 1)
	rule, _ := rules.Find("NB103")
	assert.Equal(t, "Error printed, then ignored: `Exc eption` (two lines).", found[0].Message)
	assert.Equal(t, rule.Why, found[0].Why)
	assert.Equal(t, rule.Fix, found[0].Fix)
	assert.Equal(t, rule.Example, found[0].Example)
	assert.Equal(t, rule.Link(), found[0].Link)
	assert.Equal(t, 3, found[0].Line)
	assert.Equal(t, "id-0", found[0].CellID)

	found = Judge(in, v1alpha1.ValidationConfig{EducationalMode: ptr(false)})
	require.Len(t, found, 1)
	assert.Empty(t, found[0].Example)
	assert.NotEmpty(t, found[0].Fix)
}

func TestSilentFailuresCanBeSwitchedOff(t *testing.T) {
	in := sketch(leaves("m", call("f"), nan()), step{change: func(cell *Cell) { cell.Facts = nil }})
	assert.NotEmpty(t, Judge(in, v1alpha1.ValidationConfig{}))
	assert.Empty(t, Judge(in, v1alpha1.ValidationConfig{DetectSilentFailures: ptr(false)}))
}

func TestTheMostSevereAreKept(t *testing.T) {
	var lint []facts.Lint
	for i := range 2 * MaxFindings {
		lint = append(lint, facts.Lint{Rule: "NB203", Cell: ptr(0), Line: i + 1})
	}
	lint = append(lint, facts.Lint{Rule: "NB304", Cell: ptr(0), Line: 2*MaxFindings + 1})
	found := Judge(with(sketch(step{}), func(a *facts.Analysis) { a.Lint = lint }), v1alpha1.ValidationConfig{})
	require.Len(t, found, MaxFindings)
	assert.Equal(t, "NB304", found[MaxFindings-1].Rule)
	assert.Equal(t, 1, found[0].Line)
}

func TestOrder(t *testing.T) {
	in := with(sketch(step{}, step{}), func(a *facts.Analysis) {
		a.Lint = []facts.Lint{
			{Rule: "NB201", Cell: ptr(1), Line: 2}, {Rule: "NB102", Cell: ptr(1), Line: 2}, {Rule: "NB103", Cell: ptr(1), Line: 1},
			{Rule: "NB103", Cell: ptr(0), Line: 9}, {Rule: "NB402"},
		}
	})
	assert.Equal(t, []string{"NB402 - Info", "NB103 0 Warning", "NB103 1 Warning", "NB102 1 Warning", "NB201 1 Info"},
		told(Judge(in, v1alpha1.ValidationConfig{})))
}
