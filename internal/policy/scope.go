package policy

import (
	"cmp"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// scope is a piece of code that ran, with what it had and what it left: the top level of a cell, or one call of a function.
// The rules do not know the difference.
type scope struct {
	// cell holds the code; it is not the calling cell where a function was called.
	cell *Cell
	// function is its qualified name, empty for the top level.
	function string
	source   *facts.Scope
	// inputs are values that the code read, as they were before it ran.
	inputs map[string]facts.Value
	// before are values that names had before, whether the code reads them or not.
	before func(name string) (facts.Value, bool)
	// readLater is true of a name that other code reads afterwards.
	readLater func(name string) bool
	// found is the most certain fault of each kind that was found here.
	found map[kind]confidence
}

// target is one value to judge.
type target struct {
	// name is empty for what has none: a displayed or returned value.
	name  string
	what  string
	value facts.Value
	bind  facts.Bind
	// changed is set where the code did not bind the name but may have changed its object.
	changed bool
	// both is set where the code bound the name and may have changed its object afterwards: what it bound need not be the
	// cause.
	both bool
	// member is set for an attribute of an instance that the code did not bind by itself.
	member bool
}

const (
	displayed = "The displayed value"
	returned  = "The returned value"
)

// targets of a scope in the order in which they are judged: bound names by line, then what may only hold a part of them.
func targets(source *facts.Scope, value func(string) (facts.Value, bool)) []target {
	var all []target
	changes := set(source.Mutates)
	for name, bind := range source.Binds {
		both := changes[name]
		if both && bind.Kind == "name" {
			bind.Kind = "changed"
		}
		if v, known := value(name); known {
			all = append(all, target{name: name, value: v, bind: bind, both: both})
		}
	}
	for name := range changes {
		_, bound := source.Binds[name]
		if v, known := value(name); known && !bound {
			all = append(all, target{name: name, value: v, changed: true})
		}
	}
	slices.SortStableFunc(all, func(a, b target) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.bind.Line, b.bind.Line), strings.Compare(a.name, b.name))
	})
	return all
}

func order(t target) int {
	switch {
	case t.changed:
		return 2
	case isContainer(t.value):
		return 1
	default:
		return 0
	}
}

// members are the attributes of an instance that the code does not bind by itself.
func members(t target, binds map[string]facts.Bind) []target {
	names := make([]string, 0, len(t.value.Attributes))
	for name := range t.value.Attributes {
		if _, bound := binds[t.name+"."+name]; !bound {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	all := make([]target, 0, len(names))
	for _, name := range names {
		member := facts.Bind{Kind: "member", Line: t.bind.Line}
		all = append(all, target{name: t.name + "." + name, value: t.value.Attributes[name], bind: member, changed: t.changed, member: true})
	}
	return all
}

// lookup finds a name, or an attribute of it by a dotted name.
func lookup(values map[string]facts.Value, name string) (facts.Value, bool) {
	if v, known := values[name]; known {
		return v, true
	}
	parts := strings.Split(name, ".")
	v, known := values[parts[0]]
	for _, part := range parts[1:] {
		if !known {
			break
		}
		v, known = v.Attributes[part]
	}
	return v, known
}

// subject names the value in a message.
func (s *scope) subject(t target) string {
	what := t.what
	if what == "" {
		what = quote(t.name)
	}
	if s.function != "" {
		what += " in " + quote(s.function+"()")
	}
	return what
}

// by names the call that a value comes from.
func (t target) by() string {
	if t.bind.Callee == "" || t.both {
		return ""
	}
	return ", from " + quote(t.bind.Callee+"()")
}

func quote(name string) string { return "`" + clip(name, maxNameRunes) + "`" }
