package policy

import (
	"maps"
	"slices"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// topScope is the code of a cell outside of functions. Its inputs are the names that it reads, as they were at the end of
// their last cell; a name that it only binds anew says nothing about what it read.
func (j *judge) topScope(i int, source *facts.Source) *scope {
	inputs := map[string]facts.Value{}
	j.knownBefore(inputs, &source.Scope)
	return &scope{
		cell: &j.in.Cells[i], source: &source.Scope, inputs: inputs, found: map[kind]confidence{},
		before:    func(name string) (facts.Value, bool) { return lookup(j.state, name) },
		readLater: func(name string) bool { return j.uses.readFrom(i, name) },
	}
}

// knownBefore adds what the names that the code reads or changes were before the cell.
func (j *judge) knownBefore(inputs map[string]facts.Value, source *facts.Scope) {
	for _, name := range slices.Concat(source.Loads, source.Mutates) {
		if v, known := lookup(j.state, name); known {
			addInput(inputs, name, v)
		}
	}
}

func addInput(inputs map[string]facts.Value, name string, v facts.Value) {
	inputs[name] = v
	for attribute, value := range v.Attributes {
		inputs[name+"."+attribute] = value
	}
}

// callScope is one call of a function by the i-th cell. Arguments are known only as they were at the return: one that the function did not
// touch is an input as it is; for one that it did, the names of the calling cell stand in.
func (j *judge) callScope(i int, calling *facts.Source, function defined, call *facts.Call) *scope {
	inputs, touched := map[string]facts.Value{}, false
	for name, v := range call.Arguments {
		if touches(&function.Scope, name) {
			touched = true
			addUntouched(inputs, &function.Scope, name, v)
			continue
		}
		addInput(inputs, name, v)
	}
	j.globals(inputs, &j.in.Cells[i], function, call)
	if touched {
		j.knownBefore(inputs, &calling.Scope)
	}
	return &scope{
		cell: function.cell, function: function.Name, source: &function.Scope, inputs: inputs, found: map[kind]confidence{},
		before: func(name string) (facts.Value, bool) { return j.attributeBefore(name) },
		readLater: func(name string) bool {
			return slices.Contains(function.Scope.Loads, name) || attribute(name) != "" && j.uses.readFrom(i, name)
		},
	}
}

func touches(source *facts.Scope, name string) bool {
	_, bound := source.Binds[name]
	return bound || slices.Contains(source.Mutates, name)
}

// addUntouched adds those attributes of an instance that the function does not set.
func addUntouched(inputs map[string]facts.Value, source *facts.Scope, name string, v facts.Value) {
	for attribute, value := range v.Attributes {
		if !touches(source, name+"."+attribute) {
			inputs[name+"."+attribute] = value
		}
	}
}

// globals adds names of the notebook that the function reads: as they were before the cell, and as the cell left them,
// since it may have set them before the call.
func (j *judge) globals(inputs map[string]facts.Value, caller *Cell, function defined, call *facts.Call) {
	for _, name := range function.Scope.Loads {
		root := rootOf(name)
		if has(call.Arguments, root) || has(call.Values, root) || touches(&function.Scope, name) {
			continue
		}
		for _, known := range []map[string]facts.Value{j.state, caller.Facts.Values} {
			if v, found := lookup(known, name); found && (inputs[name].Size == nil || isDirty(v)) {
				addInput(inputs, name, v)
			}
		}
	}
}

func has(values map[string]facts.Value, name string) bool {
	_, known := values[name]
	return known
}

// attributeBefore is the attribute in whatever instance had it at the end of an earlier cell.
func (j *judge) attributeBefore(name string) (facts.Value, bool) {
	leaf := leafOf(name)
	if leaf == name {
		return facts.Value{}, false
	}
	before, known := j.attributes[leaf]
	return before, known
}

// remember keeps what the cell left; of equal attributes a faulty one counts.
func (j *judge) remember(left map[string]facts.Value) {
	maps.Copy(j.state, left)
	fresh := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		for attribute, v := range left[name].Attributes {
			if !fresh[attribute] || isDirty(v) {
				j.attributes[attribute] = v
			}
			fresh[attribute] = true
		}
	}
}

// callValues looks a name up in the function's variables, then in its parameters.
func callValues(call *facts.Call) func(string) (facts.Value, bool) {
	return func(name string) (facts.Value, bool) {
		if v, known := lookup(call.Values, name); known {
			return v, true
		}
		return lookup(call.Arguments, name)
	}
}
