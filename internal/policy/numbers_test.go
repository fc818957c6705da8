package policy

import (
	"testing"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

func nanGuard(names ...string) func(*facts.Analysis) {
	return func(a *facts.Analysis) { a.NaNGuards = names }
}

func literal(s step) step {
	s.scope.NaNLiteral = true
	return s
}

func reading(s step) step {
	s.scope.Reads = true
	return s
}

// holding is a cell that leaves a value without a finding, as one that writes NaN itself does.
func holding(name string, value facts.Value) step {
	return literal(leaves(name, call("numpy.array"), value))
}

func TestScalar(t *testing.T) {
	metric := call("numpy.mean")
	judgeAll(t, map[string]rulesCase{
		"NaN from a call":                       {sketch(leaves("m", metric, nan())), []string{"SCALAR 0 Failure m"}},
		"infinity from arithmetic":              {sketch(leaves("m", of("arithmetic"), inf())), []string{"SCALAR 0 Failure m"}},
		"one that is only shown":                {sketch(shows(metric, nan())), []string{"SCALAR 0 Failure numpy.mean"}},
		"one that is bound and shown":           {sketch(step{scope: facts.Scope{Binds: binds{"m": metric}, Last: ptr(of("name"))}, facts: facts.Cell{Values: values{"m": nan()}, Displayed: []facts.Value{nan()}}}), []string{"SCALAR 0 Failure m"}},
		"a reduction of what was NaN before":    {sketch(holding("a", array(3, nans(1))), leaves("m", metric, nan(), "a")), []string{"SCALAR 1 Failure m"}},
		"an element of what was NaN before":     {sketch(holding("a", array(3, nans(1))), leaves("m", of("subscript"), nan(), "a")), nil},
		"an element by a call":                  {sketch(holding("a", array(3, nans(1))), leaves("m", call("a.item"), nan(), "a")), nil},
		"the target of a loop over NaN":         {sketch(holding("a", array(3, nans(1))), leaves("m", of("other"), nan(), "a")), nil},
		"a part of what a clean call returned":  {sketch(leaves("m", of("other"), nan())), []string{"SCALAR 0 Failure m"}},
		"a sentinel":                            {sketch(leaves("best", facts.Bind{Kind: "call", Callee: "float", NaNLiteral: true}, inf())), nil},
		"one in a cell that writes NaN":         {sketch(literal(leaves("m", metric, nan()))), nil},
		"what is made of a sentinel":            {sketch(holding("best", inf()), leaves("best", call("min"), inf(), "best")), nil},
		"one that was found already":            {sketch(leaves("m", metric, nan()), leaves("n", of("arithmetic"), nan(), "m")), []string{"SCALAR 0 Failure m"}},
		"one that the notebook asks about":      {with(sketch(leaves("m", metric, nan())), nanGuard("m")), nil},
		"an alias":                              {sketch(leaves("m", of("name"), nan())), nil},
		"a name that begins with an underscore": {sketch(leaves("_m", metric, nan())), nil},
		"a finite one":                          {sketch(leaves("m", metric, number(1))), nil},
		"a cell that reads data":                {sketch(reading(leaves("m", metric, nan()))), []string{"SCALAR 0 Failure m"}},
	})
}

func TestContainer(t *testing.T) {
	written := of("container")
	dict := collection("dict", 2, badKeys("acc"))
	grown := step{scope: facts.Scope{Mutates: []string{"xs"}}, facts: facts.Cell{Values: values{"xs": collection("list", 2, nans(1))}}}
	judgeAll(t, map[string]rulesCase{
		"a dict of metrics":                       {sketch(leaves("m", written, dict)), []string{"CONTAINER 0 Failure m"}},
		"a list":                                  {sketch(leaves("xs", written, collection("list", 2, nans(1)))), []string{"CONTAINER 0 Warning xs"}},
		"a list that a cell appends to":           {sketch(leaves("xs", written, collection("list", 0)), grown), []string{"CONTAINER 1 Warning xs"}},
		"a list that was like that before":        {sketch(holding("xs", collection("list", 1, nans(1))), grown), nil},
		"a dict that gets a second bad key":       {sketch(holding("d", dict), step{scope: facts.Scope{Mutates: []string{"d"}}, facts: facts.Cell{Values: values{"d": collection("dict", 3, badKeys("acc", "f1"))}}}), nil},
		"metrics of what was NaN before":          {sketch(holding("a", array(3, nans(1))), leaves("m", written, dict, "a")), []string{"CONTAINER 1 Warning m"}},
		"columns of what was NaN before":          {sketch(holding("a", frame(3, nans(1))), leaves("m", call("a.to_dict"), dict, "a")), nil},
		"a dict of arrays that were NaN":          {sketch(holding("a", array(3, nans(2))), leaves("m", written, collection("dict", 2, badKeys("a"), nans(2)), "a")), nil},
		"a metric that is found in the same cell": {sketch(step{scope: facts.Scope{Binds: binds{"m": call("numpy.mean"), "d": written}}, facts: facts.Cell{Values: values{"m": nan(), "d": dict}}}), []string{"SCALAR 0 Failure m"}},
		"a metric that was found before":          {sketch(leaves("m", call("numpy.mean"), nan()), leaves("d", written, dict, "m")), []string{"SCALAR 0 Failure m"}},
		"data that was read":                      {sketch(reading(leaves("d", call("json.load"), dict))), nil},
		"a list with None":                        {sketch(leaves("xs", written, collection("list", 2, func(v *facts.Value) { v.Missing = 1 }))), nil},
		"a result that is shown":                  {sketch(shows(written, dict)), []string{"CONTAINER 0 Failure"}},
		"a named tuple":                           {sketch(leaves("p", call("Point"), collection("__main__.Point", 2, nans(1)))), []string{"CONTAINER 0 Warning p"}},
	})
}

func TestTable(t *testing.T) {
	changed := func(name string, v facts.Value, loads ...string) step {
		return step{scope: facts.Scope{Mutates: []string{name}, Loads: loads}, facts: facts.Cell{Values: values{name: v}}}
	}
	asks := func(s step) step {
		s.scope.AsksMissing = true
		return s
	}
	lost := frame(3, allNaN("w"))
	judgeAll(t, map[string]rulesCase{
		"a new column without values":            {sketch(leaves("df", call("pandas.DataFrame"), frame(3)), changed("df", lost, "df")), []string{"PD-ALLNAN 1 Failure df"}},
		"one that was like that before":          {sketch(holding("df", lost), changed("df", lost, "df")), nil},
		"a filter of one with gaps":              {sketch(holding("df", frame(9, nans(2))), leaves("few", of("subscript"), frame(2, allNaN("v")), "df")), nil},
		"as many rows as the one with gaps":      {sketch(holding("df", frame(9, nans(2))), leaves("out", call("df.merge"), frame(9, allNaN("v")), "df")), []string{"PD-ALLNAN 1 Failure out"}},
		"a cell that asks what is missing":       {sketch(leaves("df", call("f"), frame(3)), asks(leaves("out", call("df.where"), lost, "df"))), []string{"PD-NAN 1 Info out"}},
		"reindex":                                {sketch(leaves("out", call("df.reindex"), lost)), []string{"PD-ALLNAN 0 Warning out"}},
		"a series without values":                {sketch(leaves("s", call("s1.map"), series(3, allNaN()))), []string{"PD-ALLNAN 0 Failure s"}},
		"no rows":                                {sketch(leaves("s", call("s1.map"), frame(0, allNaN("v")))), nil},
		"another name that gets a column":        {sketch(leaves("df", call("pandas.DataFrame"), frame(3)), step{scope: facts.Scope{Binds: binds{"e": of("name")}, Mutates: []string{"e"}, Loads: []string{"df"}}, facts: facts.Cell{Values: values{"e": lost}}}), []string{"PD-ALLNAN 1 Failure e"}},
		"infinity":                               {sketch(leaves("r", of("arithmetic"), series(3, infs(1)))), []string{"PD-INF 0 Failure r"}},
		"infinity that was there before":         {sketch(holding("r", series(3, infs(1))), leaves("q", of("arithmetic"), series(3, infs(1)), "r")), nil},
		"some NaN":                               {sketch(shows(of("arithmetic"), series(3, nans(2)))), []string{"PD-NAN 0 Info"}},
		"some NaN of a name that is asked about": {with(sketch(leaves("s", call("s0.shift"), series(3, nans(1)))), nanGuard("s")), nil},
		"what follows from such a name":          {with(sketch(step{scope: facts.Scope{Binds: binds{"s": call("s0.shift"), "u": {Kind: "arithmetic", Line: 2}}, Loads: []string{"s"}}, facts: facts.Cell{Values: values{"s": series(3, nans(1)), "u": series(3, nans(1))}}}), nanGuard("s")), nil},
		"some NaN that was there before":         {sketch(holding("s", series(3, nans(1))), leaves("u", of("arithmetic"), series(3, nans(1)), "s")), nil},
		"a name that is bound anew, not read":    {sketch(holding("df", frame(3, nans(1))), leaves("df", of("arithmetic"), frame(3, infs(1)))), []string{"PD-INF 1 Failure df"}},
		"data that is read":                      {sketch(reading(leaves("df", call("pandas.read_csv"), lost))), nil},
		"a column of it that is shown again":     {sketch(step{scope: facts.Scope{Binds: binds{"r": of("arithmetic")}, Last: ptr(call("r.head"))}, facts: facts.Cell{Values: values{"r": series(3, infs(1))}, Displayed: []facts.Value{series(3, infs(1))}}}), []string{"PD-INF 0 Failure r"}},
	})
}

func TestArray(t *testing.T) {
	judgeAll(t, map[string]rulesCase{
		"some NaN from what was clean":        {sketch(leaves("a", call("numpy.arange"), array(4)), leaves("b", call("numpy.sqrt"), array(4, nans(1)), "a")), []string{"ARR-NAN 1 Warning b"}},
		"some NaN from what was not":          {sketch(holding("a", array(4, nans(1))), leaves("b", call("numpy.sqrt"), array(4, nans(1)), "a")), nil},
		"nothing but NaN":                     {sketch(leaves("b", of("arithmetic"), array(4, allNaN()))), []string{"ARR-ALLNAN 0 Failure b"}},
		"infinity":                            {sketch(leaves("b", call("numpy.log"), array(4, infs(1)))), []string{"ARR-INF 0 Failure b"}},
		"memory that was only allocated":      {sketch(leaves("b", call("numpy.empty"), array(4, infs(1), nans(1)))), nil},
		"few that a sample may have missed":   {sketch(leaves("a", call("f"), array(1e8, sampled)), leaves("b", call("numpy.sqrt"), array(1e8, nans(3)), "a")), nil},
		"more than a sample may have missed":  {sketch(leaves("a", call("f"), array(1e8, sampled)), leaves("b", call("numpy.sqrt"), array(1e8, nans(1e7)), "a")), []string{"ARR-NAN 1 Warning b"}},
		"an alias":                            {sketch(leaves("b", of("name"), array(4, infs(1)))), nil},
		"a cell that reads data":              {sketch(reading(leaves("b", call("numpy.load"), array(4, nans(1))))), nil},
		"a tensor":                            {sketch(leaves("b", of("arithmetic"), made(array(4, nans(1)), []func(*facts.Value){func(v *facts.Value) { v.Type = "torch.Tensor" }}))), []string{"ARR-NAN 0 Warning b"}},
		"a value of which nothing is known":   {sketch(leaves("b", of("arithmetic"), facts.Value{Type: "x.Y", Unassessed: "lazy"})), nil},
		"the numerical warning that it gives": {sketch(warning(leaves("b", call("numpy.sqrt"), array(4, nans(1))), "RuntimeWarning", "invalid value encountered in sqrt")), []string{"ARR-NAN 0 Warning b"}},
	})
}

func warning(s step, category, message string) step {
	s.facts.Warnings = append(s.facts.Warnings, facts.Warning{Category: category, Message: message, Line: 1, Own: true})
	return s
}

func TestEmpty(t *testing.T) {
	full := leaves("df", call("pandas.DataFrame"), frame(3))
	guard := func(a *facts.Analysis) { a.NoneGuards = []string{"out"} }
	judgeAll(t, map[string]rulesCase{
		"a merge that loses every row":     {sketch(full, leaves("out", call("df.merge"), frame(0), "df")), []string{"EMPTY 1 Warning out"}},
		"a filter":                         {sketch(full, leaves("big", of("subscript"), frame(0), "df")), []string{"EMPTY 1 Warning big"}},
		"a name that the notebook tests":   {with(sketch(full, leaves("out", call("df.merge"), frame(0), "df")), guard), nil},
		"what one hopes not to find":       {sketch(full, leaves("duplicates", of("subscript"), frame(0), "df")), nil},
		"what was empty before":            {sketch(leaves("df", call("f"), frame(0)), leaves("out", call("df.merge"), frame(0), "df")), nil},
		"a start for something to fill":    {sketch(full, leaves("out", call("numpy.array"), array(0), "df")), nil},
		"an alias":                         {sketch(full, leaves("out", of("name"), frame(0), "df")), nil},
		"a list":                           {sketch(full, leaves("out", of("container"), collection("list", 0), "df")), nil},
		"a single number without a length": {sketch(full, leaves("out", call("f"), number(0), "df")), nil},
		"one that its own method emptied":  {sketch(full, step{scope: facts.Scope{Mutates: []string{"df"}}, facts: facts.Cell{Values: values{"df": frame(0)}}}), []string{"EMPTY 1 Warning df"}},
	})
}
