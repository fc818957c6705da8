package policy

import (
	"testing"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// defines is a cell that defines functions and does nothing else.
func defines(functions ...facts.Function) step { return step{functions: functions} }

func function(name string, scope facts.Scope) facts.Function {
	return facts.Function{Name: name, Line: 1, Returns: "value", Scope: scope}
}

// calling is a cell that binds what a function returned, and the call itself.
func calling(name, callee string, value facts.Value, loads []string, calls ...facts.Call) step {
	s := leaves(name, own(callee, "value"), value, loads...)
	s.facts.Calls = calls
	return s
}

func TestFaultsInFunctions(t *testing.T) {
	mean := function("mean", facts.Scope{Binds: binds{"m": call("numpy.mean")}, Loads: []string{"xs", "m"}})
	faulty := facts.Call{Function: "mean", Line: 1, Arguments: values{"xs": array(0)}, Values: values{"m": nan()}, Returned: nan()}
	direct := function("root", facts.Scope{Loads: []string{"xs"}})
	rooted := facts.Call{Function: "root", Line: 1, Arguments: values{"xs": array(3)}, Returned: array(3, nans(1))}
	dirty := rooted
	dirty.Arguments = values{"xs": array(3, nans(1))}
	raised := faulty
	raised.Raised = true
	elsewhere := faulty
	elsewhere.Line = 7
	sentinel := function("ratio", facts.Scope{NaNLiteral: true})
	outer := function("report", facts.Scope{Binds: binds{"r": own("mean", "value")}, Loads: []string{"mean", "xs"}})
	outerCall := facts.Call{Function: "report", Line: 1, Values: values{"r": nan()}, Returned: nan()}
	judgeAll(t, map[string]rulesCase{
		"a local name, where it is set":             {sketch(defines(mean), calling("r", "mean", nan(), nil, faulty)), []string{"SCALAR 0 Failure m"}},
		"the same in another call":                  {sketch(defines(mean), calling("r", "mean", nan(), nil, faulty, faulty), calling("q", "mean", nan(), nil, faulty)), []string{"SCALAR 0 Failure m"}},
		"a returned value that has no name":         {sketch(defines(direct), calling("r", "root", array(3, nans(1)), nil, rooted)), []string{"ARR-NAN 0 Warning root"}},
		"an argument that was like that":            {sketch(defines(direct), holding("a", array(3, nans(1))), calling("r", "root", array(3, nans(1)), []string{"a"}, dirty)), nil},
		"a call that raised":                        {sketch(defines(mean), calling("r", "mean", number(1), nil, raised)), nil},
		"a function that is not the notebook's":     {sketch(defines(mean), calling("r", "mean", number(1), nil, elsewhere)), nil},
		"a value that its function writes":          {sketch(defines(sentinel), calling("r", "ratio", nan(), nil)), nil},
		"calls of calls":                            {sketch(defines(mean, outer), calling("x", "report", nan(), nil, faulty, outerCall)), []string{"SCALAR 0 Failure m"}},
		"a result that is calculated with":          {sketch(defines(mean), step{scope: facts.Scope{Binds: binds{"x": of("arithmetic")}, Loads: []string{"mean"}}, facts: facts.Cell{Values: values{"x": nan()}, Calls: []facts.Call{faulty}}}), []string{"SCALAR 0 Failure m"}},
		"a call that nobody recorded":               {sketch(defines(mean), calling("r", "mean", nan(), nil)), []string{"SCALAR 1 Failure r"}},
		"another fault in the same cell":            {sketch(defines(mean), step{scope: facts.Scope{Binds: binds{"x": call("numpy.log")}, Loads: []string{"mean"}}, facts: facts.Cell{Values: values{"x": nan()}, Calls: []facts.Call{faulty}}}), []string{"SCALAR 0 Failure m", "SCALAR 1 Failure x"}},
		"a milder one inside does not hide it":      {sketch(defines(function("f", facts.Scope{Binds: binds{"s": call("df.shift")}})), calling("r", "f", nan(), nil, facts.Call{Function: "f", Line: 1, Values: values{"s": series(3, nans(1))}, Returned: nan()})), []string{"PD-NAN 0 Info s", "SCALAR 0 Failure f"}},
		"a global that was like that":               {sketch(holding("a", array(3, nans(1))), defines(function("f", facts.Scope{Binds: binds{"b": call("numpy.sqrt")}, Loads: []string{"a"}})), step{facts: facts.Cell{Calls: []facts.Call{{Function: "f", Line: 1, Values: values{"b": array(3, nans(1))}}}}}), nil},
		"an argument that the function spoilt":      {sketch(defines(function("f", facts.Scope{Mutates: []string{"df"}, Loads: []string{"df"}})), leaves("d", call("pandas.DataFrame"), frame(3)), step{scope: facts.Scope{Mutates: []string{"d"}, Loads: []string{"d", "f"}}, facts: facts.Cell{Values: values{"d": frame(3, infs(1))}, Calls: []facts.Call{{Function: "f", Line: 1, Arguments: values{"df": frame(3, infs(1))}, Returned: null()}}}}), []string{"PD-INF 0 Failure df"}},
		"an argument that was spoilt before":        {sketch(defines(function("f", facts.Scope{Mutates: []string{"df"}, Loads: []string{"df"}})), holding("d", frame(3, infs(1))), step{scope: facts.Scope{Mutates: []string{"d"}, Loads: []string{"d", "f"}}, facts: facts.Cell{Values: values{"d": frame(3, infs(1))}, Calls: []facts.Call{{Function: "f", Line: 1, Arguments: values{"df": frame(3, infs(1))}, Returned: null()}}}}), nil},
		"None in a function, and its result":        {sketch(defines(function("get", facts.Scope{Binds: binds{"d": own("load", "mixed")}})), calling("r", "get", null(), nil, facts.Call{Function: "get", Line: 1, Values: values{"d": null()}, Returned: null()})), []string{"NONE-MIXED 0 Failure d"}},
		"an empty table in a function":              {sketch(defines(function("f", facts.Scope{Binds: binds{"big": of("subscript")}, Loads: []string{"df"}})), calling("r", "f", frame(0), []string{"d"}, facts.Call{Function: "f", Line: 1, Arguments: values{"df": frame(3)}, Values: values{"big": frame(0)}, Returned: frame(0)})), []string{"EMPTY 0 Warning big"}},
		"a generator's values are not judged":       {sketch(defines(facts.Function{Name: "g", Line: 1, Returns: "generator"}), step{facts: facts.Cell{Calls: []facts.Call{{Function: "g", Line: 1, Returned: nan()}}}}), nil},
		"data that is read in a function":           {sketch(defines(function("get", facts.Scope{Reads: true})), calling("df", "get", frame(3, allNaN("x")), nil)), nil},
		"a function that is defined by a later one": {sketch(calling("r", "mean", number(1), nil, faulty), defines(mean)), nil},
	})
}

func TestAttributes(t *testing.T) {
	fit := function("Model.fit", facts.Scope{
		Binds: binds{"self.loss": call("numpy.mean")}, Mutates: []string{"self"}, Loads: []string{"self", "xs"},
	})
	sets := function("Model.__init__", facts.Scope{Binds: binds{"self.best": {Kind: "call", Callee: "float", NaNLiteral: true, Line: 2}}, NaNLiteral: true})
	copies := function("Model.__init__", facts.Scope{Binds: binds{"self.loss": of("name")}})
	fitted := facts.Call{Function: "Model.fit", Line: 1, Arguments: values{"self": instance(values{"loss": nan()})}, Returned: null()}
	changes := func(attributes values, calls ...facts.Call) step {
		return step{
			scope: facts.Scope{Mutates: []string{"m"}, Loads: []string{"m"}},
			facts: facts.Cell{Values: values{"m": instance(attributes)}, Calls: calls},
		}
	}
	clean := leaves("m", call("Model"), instance(values{"loss": number(1)}))
	judgeAll(t, map[string]rulesCase{
		"one that a method sets":                  {sketch(defines(fit), clean, changes(values{"loss": nan()}, fitted)), []string{"SCALAR 0 Failure self.loss"}},
		"a call that nobody recorded":             {sketch(defines(fit), clean, changes(values{"loss": nan()})), []string{"SCALAR 2 Failure m.loss"}},
		"one that was like that before":           {sketch(defines(fit), clean, changes(values{"loss": nan()}, fitted), changes(values{"loss": nan()})), []string{"SCALAR 0 Failure self.loss"}},
		"a sentinel of the class":                 {sketch(defines(sets), leaves("m", call("Model"), instance(values{"best": inf()}))), nil},
		"what a caller passed in":                 {sketch(defines(copies), leaves("m", call("Model"), instance(values{"loss": nan()}))), nil},
		"a default that no code sets":             {sketch(leaves("m", call("Settings"), instance(values{"limit": inf()}))), nil},
		"one that turned bad though no code sets": {sketch(clean, changes(values{"loss": nan()})), []string{"SCALAR 1 Failure m.loss"}},
		"one that a cell sets":                    {sketch(clean, step{scope: facts.Scope{Binds: binds{"m.loss": of("arithmetic")}, Mutates: []string{"m"}, Loads: []string{"m"}}, facts: facts.Cell{Values: values{"m": instance(values{"loss": nan()})}}}), []string{"SCALAR 1 Failure m.loss"}},
		"one that a cell sets, by its full name":  {sketch(clean, step{scope: facts.Scope{Binds: binds{"m.loss": of("arithmetic")}}, facts: facts.Cell{Values: values{"m.loss": nan()}}}), []string{"SCALAR 1 Failure m.loss"}},
		"one that the class asks about":           {with(sketch(defines(fit), clean, changes(values{"loss": nan()})), nanGuard("self.loss")), nil},
		"a table that a method empties":           {sketch(defines(fit), leaves("m", call("Model"), instance(values{"rows": frame(3)})), changes(values{"rows": frame(0)})), []string{"EMPTY 2 Warning m.rows"}},
	})
}
