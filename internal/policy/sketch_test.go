package policy

import (
	"fmt"
	"strings"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/facts"
	"mlops.dev/notebook-validator-operator/internal/findings"
)

// step is one code cell of a sketched notebook: what its source says and what its run left.
type step struct {
	scope     facts.Scope
	functions []facts.Function
	commands  []string
	facts     facts.Cell
	change    func(*Cell)
}

type (
	binds  = map[string]facts.Bind
	values = map[string]facts.Value
)

// sketch makes an Input of cells that all ran well.
func sketch(steps ...step) Input {
	in := Input{Observed: true, Analysis: facts.Analysis{Done: true}}
	for i, s := range steps {
		in.Analysis.Cells = append(in.Analysis.Cells, facts.Source{
			Index: i, Parsed: true, Commands: s.commands, Scope: s.scope, Functions: s.functions,
		})
		seen := s.facts
		cell := Cell{Index: i, ID: fmt.Sprintf("id-%d", i), FirstLine: "code", Status: StatusOK, Facts: &seen}
		if s.change != nil {
			s.change(&cell)
		}
		in.Cells = append(in.Cells, cell)
	}
	return in
}

func with(in Input, change func(*facts.Analysis)) Input {
	change(&in.Analysis)
	return in
}

func call(callee string) facts.Bind { return facts.Bind{Kind: "call", Callee: callee, Line: 1} }

func own(callee, returns string) facts.Bind {
	return facts.Bind{Kind: "call", Callee: callee, Returns: returns, Line: 1}
}

func of(kind string) facts.Bind { return facts.Bind{Kind: kind, Line: 1} }

func ptr[T any](value T) *T { return &value }

func null() facts.Value { return facts.Value{Type: "NoneType", None: true} }

func number(value float64) facts.Value {
	return facts.Value{Type: "float", Scalar: true, Number: &value}
}

func nan() facts.Value { return facts.Value{Type: "float", Scalar: true, NaN: 1} }

func inf() facts.Value { return facts.Value{Type: "numpy.float64", Scalar: true, Inf: 1} }

func array(size int64, change ...func(*facts.Value)) facts.Value {
	return made(facts.Value{Type: "numpy.ndarray", Shape: []int64{size}, Size: &size, DType: "float64"}, change)
}

func series(size int64, change ...func(*facts.Value)) facts.Value {
	return made(facts.Value{Type: "pandas.core.series.Series", Shape: []int64{size}, Size: &size}, change)
}

func frame(rows int64, change ...func(*facts.Value)) facts.Value {
	return made(facts.Value{Type: "pandas.core.frame.DataFrame", Shape: []int64{rows, 2}, Size: ptr(rows * 2)}, change)
}

func collection(kind string, length int64, change ...func(*facts.Value)) facts.Value {
	return made(facts.Value{Type: kind, Len: &length}, change)
}

func instance(attributes values) facts.Value {
	return facts.Value{Type: "__main__.Model", Attributes: attributes}
}

func made(v facts.Value, changes []func(*facts.Value)) facts.Value {
	for _, change := range changes {
		change(&v)
	}
	return v
}

func nans(n int64) func(*facts.Value) { return func(v *facts.Value) { v.NaN = n } }

func infs(n int64) func(*facts.Value) { return func(v *facts.Value) { v.Inf = n } }

func allNaN(columns ...string) func(*facts.Value) {
	return func(v *facts.Value) {
		v.NaN, v.AllNaNColumns = max(v.NaN, rows(*v)), columns
		v.AllNaN = len(v.Shape) == 1
	}
}

func badKeys(keys ...string) func(*facts.Value) {
	return func(v *facts.Value) { v.NaN, v.BadKeys = int64(len(keys)), keys }
}

func sampled(v *facts.Value) { v.Sampled = true }

// told writes findings in short: rule, cell, name and severity.
func told(all []findings.Finding) []string {
	short := make([]string, 0, len(all))
	for _, f := range all {
		cell := "-"
		if f.Cell != nil {
			cell = fmt.Sprint(*f.Cell)
		}
		short = append(short, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", f.Rule, cell, f.Severity, f.Name)))
	}
	return short
}

func at(level v1alpha1.ValidationLevel) v1alpha1.ValidationConfig {
	return v1alpha1.ValidationConfig{Level: level}
}

// leaves is a cell that binds one name by one bind and leaves one value.
func leaves(name string, bind facts.Bind, value facts.Value, loads ...string) step {
	return step{scope: facts.Scope{Binds: binds{name: bind}, Loads: loads}, facts: facts.Cell{Values: values{name: value}}}
}

// shows is a cell that ends in an expression.
func shows(bind facts.Bind, value facts.Value, loads ...string) step {
	return step{scope: facts.Scope{Last: &bind, Loads: loads}, facts: facts.Cell{Displayed: []facts.Value{value}}}
}

type rulesCase struct {
	in   Input
	want []string
}
