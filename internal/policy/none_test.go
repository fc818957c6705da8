package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/facts"
)

func judgeAll(t *testing.T, tests map[string]rulesCase) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := test.want
			if want == nil {
				want = []string{}
			}
			assert.Equal(t, want, told(Judge(test.in, at(v1alpha1.LevelDevelopment))))
		})
	}
}

func TestNone(t *testing.T) {
	guard := func(names ...string) func(*facts.Analysis) {
		return func(a *facts.Analysis) { a.NoneGuards = names }
	}
	inPlace := facts.Bind{Kind: "call", Callee: "df.dropna", InPlace: true, Line: 1}
	withDefault := facts.Bind{Kind: "call", Callee: "lookup", NoneArgument: true, Line: 1}
	mixed := own("load", "mixed")
	judgeAll(t, map[string]rulesCase{
		"a function that falls through":           {sketch(leaves("data", mixed, null())), []string{"NONE-MIXED 0 Failure data"}},
		"an awaited one":                          {sketch(leaves("data", facts.Bind{Kind: "await", Callee: "load", Returns: "mixed"}, null())), []string{"NONE-MIXED 0 Failure data"}},
		"one that gave a value":                   {sketch(leaves("data", mixed, number(1))), nil},
		"one whose result is asked about":         {with(sketch(leaves("data", mixed, null())), guard("data")), nil},
		"one that is annotated":                   {sketch(leaves("data", own("find", "optional"), null())), []string{"NONE-OPTIONAL 0 Info data"}},
		"a name that nobody cares for":            {sketch(leaves("_", mixed, null())), nil},
		"inplace=True":                            {sketch(leaves("df", inPlace, null())), []string{"NONE-INPLACE 0 Failure df"}},
		"a method that sorts":                     {sketch(leaves("xs", call("xs.sort"), null())), []string{"NONE-INPLACE 0 Failure xs"}},
		"a plain function of that name":           {sketch(leaves("xs", call("sort"), null())), []string{"NONE-OTHER 0 Warning xs"}},
		"a procedure whose result is read":        {sketch(leaves("r", own("show", "procedure"), null(), "r")), []string{"NONE-PROC 0 Warning r"}},
		"a procedure whose result a later reads":  {sketch(leaves("r", own("show", "procedure"), null()), step{scope: facts.Scope{Loads: []string{"r"}}}), []string{"NONE-PROC 0 Warning r"}},
		"a procedure whose result a function has": {sketch(leaves("r", own("show", "procedure"), null()), step{functions: []facts.Function{{Name: "f", Scope: facts.Scope{Loads: []string{"r"}}}}}), []string{"NONE-PROC 0 Warning r"}},
		"a procedure whose result is not read":    {sketch(leaves("r", own("show", "procedure"), null())), []string{"NONE-PROC 0 Info r"}},
		"an attribute that is read":               {sketch(leaves("s.r", own("show", "procedure"), null()), step{scope: facts.Scope{Loads: []string{"s", "s.r"}}}), []string{"NONE-PROC 0 Warning s.r"}},
		"an attribute that a method reads":        {sketch(step{functions: []facts.Function{{Name: "S.f", Scope: facts.Scope{Loads: []string{"self", "self.r"}}}}}, leaves("s.r", own("show", "procedure"), null())), []string{"NONE-PROC 1 Warning s.r"}},
		"an attribute that nobody reads":          {sketch(step{scope: facts.Scope{Loads: []string{"s", "s.r"}}}, leaves("s.r", own("show", "procedure"), null(), "s")), []string{"NONE-PROC 1 Info s.r"}},
		"that attribute of another object":        {sketch(leaves("s.r", own("show", "procedure"), null()), step{scope: facts.Scope{Loads: []string{"t", "t.r"}}}), []string{"NONE-PROC 0 Info s.r"}},
		"an attribute that is asked about":        {with(sketch(leaves("s.r", mixed, null())), guard("self.r")), nil},
		"a search":                                {sketch(leaves("m", call("re.match"), null())), []string{"NONE-OPTIONAL 0 Info m"}},
		"a lookup with None for a default":        {sketch(leaves("m", withDefault, null())), []string{"NONE-OPTIONAL 0 Info m"}},
		"next":                                    {sketch(leaves("m", call("next"), null())), []string{"NONE-OPTIONAL 0 Info m"}},
		"print":                                   {sketch(leaves("p", call("print"), null())), nil},
		"plt.show":                                {sketch(leaves("p", call("matplotlib.pyplot.show"), null())), nil},
		"a user's own show that returns None":     {sketch(leaves("p", own("show", "mixed"), null())), []string{"NONE-MIXED 0 Failure p"}},
		"some library's call":                     {sketch(leaves("p", call("lib.build"), null())), []string{"NONE-OTHER 0 Warning p"}},
		"a constant":                              {sketch(leaves("p", of("constant"), null())), nil},
		"the last call of a cell":                 {sketch(shows(mixed, null())), []string{"NONE-LAST-MIXED 0 Warning load"}},
		"the last call of a cell, a procedure":    {sketch(shows(own("show", "procedure"), null())), nil},
		"a name at the end of a cell":             {sketch(shows(of("name"), null())), nil},
	})
}

func TestNoneOfACellThatRaised(t *testing.T) {
	in := sketch(leaves("data", own("load", "mixed"), null()))
	in.Cells[0].Raised, in.Cells[0].Status = true, StatusError
	assert.Empty(t, Judge(in, at(v1alpha1.LevelProduction)))
}

func TestCoroutine(t *testing.T) {
	coroutine := facts.Value{Type: "coroutine", Coroutine: true}
	fetch := facts.Function{Name: "fetch", Line: 1, Returns: "value"}
	made := leaves("r", own("fetch", ""), coroutine)
	made.functions = []facts.Function{fetch}
	warned := made
	warned.facts.Warnings = []facts.Warning{{Category: "RuntimeWarning", Message: "coroutine 'fetch' was never awaited"}}
	only := step{facts: facts.Cell{Warnings: warned.facts.Warnings}}
	wait := facts.Bind{Kind: "await"}
	linted := with(sketch(made), func(a *facts.Analysis) { a.Lint = []facts.Lint{{Rule: "NB306", Cell: ptr(0), Line: 1, Name: "fetch"}} })
	judgeAll(t, map[string]rulesCase{
		"one that is bound":                         {sketch(made), []string{"CORO 0 Failure r"}},
		"one that is shown":                         {sketch(shows(call("fetch"), coroutine)), []string{"CORO 0 Failure fetch"}},
		"one that Python warns of":                  {sketch(only), []string{"CORO 0 Failure fetch"}},
		"the warning about one that is found":       {sketch(warned), []string{"CORO 0 Failure r"}},
		"the warning in a later cell":               {sketch(made, only), []string{"CORO 0 Failure r"}},
		"lint said it too":                          {linted, []string{"CORO 0 Failure r"}},
		"one that a later cell awaits":              {sketch(leaves("r", call("lib.get"), coroutine), step{scope: facts.Scope{Loads: []string{"r"}, Last: &wait}}), nil},
		"one that a later cell only reads":          {sketch(leaves("r", call("lib.get"), coroutine), step{scope: facts.Scope{Loads: []string{"r"}}}), []string{"CORO 0 Failure r"}},
		"the notebook's own, which lint saw to":     {sketch(made, step{scope: facts.Scope{Loads: []string{"r"}}}), nil},
		"a name for one that another name holds":    {sketch(leaves("r", of("name"), coroutine)), nil},
		"one in a function that nobody awaits":      {sketch(inFunction("r", own("fetch", ""), coroutine)), []string{"CORO 0 Failure r"}},
		"a value that an awaited call has returned": {sketch(leaves("r", wait, number(1))), nil},
	})
}

// inFunction is a cell that defines f, which binds one name, and calls it.
func inFunction(name string, bind facts.Bind, value facts.Value) step {
	f := facts.Function{Name: "f", Line: 1, Returns: "value", Scope: facts.Scope{Binds: binds{name: bind}}}
	return step{
		functions: []facts.Function{f},
		facts:     facts.Cell{Calls: []facts.Call{{Function: "f", Line: 1, Values: values{name: value}, Returned: number(0)}}},
	}
}
