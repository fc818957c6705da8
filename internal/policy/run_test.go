package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/facts"
)

func TestAnswers(t *testing.T) {
	response := func(status int) facts.Value {
		return facts.Value{Type: "requests.models.Response", StatusCode: &status}
	}
	process := func(code int) facts.Value { return facts.Value{Type: "subprocess.CompletedProcess", ReturnCode: &code} }
	get, run := call("requests.get"), call("subprocess.run")
	checked := run
	checked.Checked = true
	linted := func(in Input, rule string) Input {
		in.Analysis.Lint = []facts.Lint{{Rule: rule, Cell: ptr(0), Line: 1, Name: "x"}}
		return in
	}
	judgeAll(t, map[string]rulesCase{
		"a response with an error":         {sketch(leaves("r", get, response(404))), []string{"HTTP 0 Failure r"}},
		"one that is fine":                 {sketch(leaves("r", get, response(200))), nil},
		"one of a notebook that looks":     {with(sketch(leaves("r", get, response(500))), func(a *facts.Analysis) { a.ResponseChecked = true }), nil},
		"one that lint saw coming":         {linted(sketch(leaves("r", get, response(404))), "NB202"), []string{"HTTP 0 Failure r"}},
		"one that went well":               {linted(sketch(leaves("r", get, response(200))), "NB202"), []string{"NB202 0 Warning x"}},
		"a process that failed":            {sketch(leaves("p", run, process(1))), []string{"PROC 0 Failure p"}},
		"one that is shown":                {sketch(shows(run, process(1))), []string{"PROC 0 Failure subprocess.run"}},
		"one that went well ":              {sketch(leaves("p", run, process(0))), nil},
		"one that would have raised":       {sketch(leaves("p", checked, process(1))), nil},
		"a notebook that looks at codes":   {with(sketch(leaves("p", run, process(1))), func(a *facts.Analysis) { a.ReturnCodeChecked = true }), nil},
		"a process that lint saw coming":   {linted(sketch(leaves("p", run, process(1))), "NB204"), []string{"PROC 0 Failure p"}},
		"one in a function":                {sketch(inFunction("p", run, process(1))), []string{"PROC 0 Failure p"}},
		"another name for one that failed": {sketch(leaves("q", of("name"), process(1))), nil},
	})
}

func TestShell(t *testing.T) {
	ran := func(code int, commands ...string) Input {
		return sketch(step{commands: commands, facts: facts.Cell{ExitCode: &code}})
	}
	raised := ran(1, "pip")
	raised.Cells[0].Raised, raised.Cells[0].MayRaise = true, true
	judgeAll(t, map[string]rulesCase{
		"pip":                            {ran(1, "pip"), []string{"SHELL 0 Failure pip"}},
		"a Python of some version":       {ran(2, "/usr/bin/python3.11"), []string{"SHELL 0 Failure /usr/bin/python3.11"}},
		"grep, which answers so":         {ran(1, "grep"), []string{"SHELL 0 Warning grep"}},
		"one of two, not known which":    {ran(1, "pip", "grep"), []string{"SHELL 0 Warning pip, grep"}},
		"what is not known":              {ran(1), []string{"SHELL 0 Warning"}},
		"one that went well":             {ran(0, "pip"), nil},
		"a notebook that looks at it":    {with(ran(1, "pip"), func(a *facts.Analysis) { a.NoneGuards = []string{"_exit_code"} }), nil},
		"in a cell that raised by right": {raised, []string{"SHELL 0 Failure pip"}},
		"a thread":                       {sketch(step{facts: facts.Cell{Threads: []string{"ZeroDivisionError", "KeyError"}}}), []string{"THREAD 0 Failure KeyError", "THREAD 0 Failure ZeroDivisionError"}},
	})
}

func TestWarnings(t *testing.T) {
	judgeAll(t, map[string]rulesCase{
		"a numerical one":             {sketch(warning(step{}, "RuntimeWarning", "Mean of empty slice")), []string{"WARN-NUM 0 Warning RuntimeWarning"}},
		"two of them on one line":     {sketch(warning(warning(step{}, "RuntimeWarning", "Mean of empty slice"), "RuntimeWarning", "invalid value encountered in divide")), []string{"WARN-NUM 0 Warning RuntimeWarning"}},
		"two of them":                 {sketch(warning(step{facts: facts.Cell{Warnings: []facts.Warning{{Category: "RuntimeWarning", Message: "divide by zero encountered in log", Line: 7, Own: true}}}}, "RuntimeWarning", "Mean of empty slice")), []string{"WARN-NUM 0 Warning RuntimeWarning", "WARN-NUM 0 Warning RuntimeWarning"}},
		"the same one twice":          {sketch(warning(warning(step{}, "RuntimeWarning", "Mean of empty slice"), "RuntimeWarning", "Mean of empty slice")), []string{"WARN-NUM 0 Warning RuntimeWarning"}},
		"another of that class":       {sketch(warning(step{}, "RuntimeWarning", "something else")), nil},
		"a library's doubt":           {sketch(warning(step{}, "sklearn.exceptions.ConvergenceWarning", "no convergence")), []string{"WARN-LIB 0 Warning ConvergenceWarning"}},
		"a deprecation":               {sketch(warning(step{}, "FutureWarning", "will change")), nil},
		"one whose value is harmless": {sketch(warning(leaves("s", call("s0.shift"), series(3, nans(1))), "RuntimeWarning", "All-NaN slice")), []string{"PD-NAN 0 Info s", "WARN-NUM 0 Warning RuntimeWarning"}},
	})
}

func TestFailOnWarnings(t *testing.T) {
	in := sketch(
		warning(step{}, "RuntimeWarning", "Mean of empty slice"),
		warning(warning(step{}, "DeprecationWarning", "old"), "UserWarning", "To exit: use 'exit', 'quit', or Ctrl-D."),
	)
	for level, want := range map[v1alpha1.ValidationLevel][]string{
		v1alpha1.LevelLearning:   {"WARNING 0 Failure RuntimeWarning"},
		v1alpha1.LevelStaging:    {"WARNING 0 Failure RuntimeWarning"},
		v1alpha1.LevelProduction: {"WARNING 0 Failure RuntimeWarning", "WARNING 1 Failure DeprecationWarning"},
	} {
		config := at(level)
		config.FailOnWarnings = true
		assert.Equal(t, want, told(Judge(in, config)), level)
	}
}

func TestStreams(t *testing.T) {
	prints := func(text string, s step) Input {
		s.change = func(cell *Cell) { cell.Stdout = text }
		return sketch(s)
	}
	judgeAll(t, map[string]rulesCase{
		"nan":                        {prints("loss nan\n", step{}), []string{"STREAM-NAN 0 Info nan"}},
		"inf below zero":             {prints("-inf", step{}), []string{"STREAM-NAN 0 Info inf"}},
		"a word that begins so":      {prints("info nano Inference", step{}), nil},
		"a cell that writes NaN":     {prints("nan", literal(step{})), nil},
		"what is found better":       {prints("nan", leaves("m", call("f"), nan())), []string{"SCALAR 0 Failure m"}},
		"what the notebook knows of": {with(prints("nan", step{scope: facts.Scope{Loads: []string{"df"}}}), nanGuard("df")), nil},
	})
}

func TestObserved(t *testing.T) {
	unseen := func(cell *Cell) { cell.Facts = nil }
	blind := sketch(step{change: unseen})
	blind.Observed, blind.ObservedDetail = false, "IPython is too old."
	foreign := sketch(step{change: unseen}, step{change: unseen})
	foreign.Language, foreign.Observed = "R", false
	judgeAll(t, map[string]rulesCase{
		"a cell without facts":      {sketch(step{change: unseen}), []string{"NOT-OBSERVED 0 Info"}},
		"an empty one":              {sketch(step{change: func(cell *Cell) { cell.Facts, cell.FirstLine = nil, "" }}), nil},
		"one that was skipped":      {sketch(step{change: func(cell *Cell) { cell.Facts, cell.Status = nil, StatusSkipped }}), nil},
		"a kernel without observer": {blind, []string{"NOT-OBSERVED - Info"}},
		"a source that nobody read": {with(sketch(), func(a *facts.Analysis) { a.Done = false }), []string{"NOT-OBSERVED - Info"}},
		"another language":          {foreign, []string{"NOT-OBSERVED - Info R"}},
	})
	assert.Equal(t, []string{"NOT-OBSERVED - Warning"}, told(Judge(blind, at(v1alpha1.LevelStaging))))
	assert.Equal(t, []string{"NOT-OBSERVED - Info R"}, told(Judge(foreign, at(v1alpha1.LevelProduction))))
}

func TestExits(t *testing.T) {
	ends := func(code int) step {
		return step{change: func(cell *Cell) { cell.Status, cell.ExitCode = StatusExited, &code }}
	}
	left := step{change: func(cell *Cell) { cell.Status, cell.Facts = StatusNotRun, nil }}
	skipped := step{change: func(cell *Cell) { cell.Status, cell.Facts = StatusSkipped, nil }}
	failed := step{change: func(cell *Cell) { cell.Status, cell.Raised = StatusError, true }}
	tagged := step{change: func(cell *Cell) { cell.MayRaise = true }}
	raised := step{change: func(cell *Cell) { cell.MayRaise, cell.Raised = true, true }}
	judgeAll(t, map[string]rulesCase{
		"in the middle":                    {sketch(ends(0), left), []string{"EARLY-EXIT 0 Warning"}},
		"at the end":                       {sketch(step{}, ends(0)), nil},
		"before cells that are skipped":    {sketch(ends(0), skipped), nil},
		"with another code":                {sketch(ends(3), left), nil},
		"a tag for an error that is none":  {sketch(tagged), []string{"TAG-NOT-RAISED 0 Warning"}},
		"a tag for an error that is there": {sketch(raised), nil},
	})
	config := v1alpha1.ValidationConfig{RequireExplicitExitCodes: true}
	for name, test := range map[string]rulesCase{
		"ends with 0":              {sketch(step{}, ends(0), skipped), nil},
		"ends with 3":              {sketch(step{}, ends(3)), []string{"EXPLICIT-EXIT 1 Failure"}},
		"runs to its end":          {sketch(step{}, step{}), []string{"EXPLICIT-EXIT 1 Failure"}},
		"ends by an allowed error": {sketch(raised), []string{"EXPLICIT-EXIT 0 Failure"}},
		"ends by an error":         {sketch(failed, left), nil},
		"has no cell that runs":    {sketch(skipped), []string{"EXPLICIT-EXIT - Failure"}},
		"ends with who knows what": {sketch(step{change: func(cell *Cell) { cell.Status = StatusExited }}), []string{"EXPLICIT-EXIT 0 Failure"}},
	} {
		t.Run(name, func(t *testing.T) { assert.ElementsMatch(t, test.want, told(Judge(test.in, config))) })
	}
}
