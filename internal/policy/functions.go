package policy

import (
	"strings"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// defined is a function of the notebook and the cell that defines it.
type defined struct {
	*facts.Function
	cell *Cell
}

// functions are those that the cells so far define. A name may be defined more than once.
type functions struct {
	byName map[string][]defined
	// byLeaf are methods and nested functions by the last part of their names.
	byLeaf map[string][]defined
	// sentinels are attributes that some function sets to a NaN or Inf that it writes itself; assigned are all that any
	// function sets, false for those that it only copies from a name.
	sentinels map[string]bool
	assigned  map[string]bool
}

func newFunctions() *functions {
	return &functions{
		byName: map[string][]defined{}, byLeaf: map[string][]defined{},
		sentinels: map[string]bool{}, assigned: map[string]bool{},
	}
}

func (f *functions) define(cell *Cell, source *facts.Source) {
	for i := range source.Functions {
		function := defined{&source.Functions[i], cell}
		f.byName[function.Name] = append(f.byName[function.Name], function)
		if leaf := leafOf(function.Name); leaf != function.Name {
			f.byLeaf[leaf] = append(f.byLeaf[leaf], function)
		}
		for name, bind := range function.Scope.Binds {
			f.assign(name, bind)
		}
	}
}

func (f *functions) assign(name string, bind facts.Bind) {
	leaf := leafOf(name)
	if leaf == name {
		return
	}
	f.sentinels[leaf] = f.sentinels[leaf] || bind.NaNLiteral
	f.assigned[leaf] = f.assigned[leaf] || bind.Kind != "name"
}

// find the function that a call belongs to; the last definition wins.
func (f *functions) find(call facts.Call) (defined, bool) {
	all := f.byName[call.Function]
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Line == call.Line {
			return all[i], true
		}
	}
	return defined{}, false
}

// called are the functions that a callee may mean: the one of that name or, for a method, those of its last part.
func (f *functions) called(callee string) []defined {
	if callee == "" {
		return nil
	}
	if all := f.byName[callee]; len(all) > 0 {
		return all[len(all)-1:]
	}
	if all := f.byName[callee+".__init__"]; len(all) > 0 {
		return all[len(all)-1:]
	}
	if leaf := leafOf(callee); leaf != callee {
		return f.byLeaf[leaf]
	}
	return nil
}

// origin is what a call may bring in that is no fault: NaN that the code writes itself, or data that it reads.
type origin struct{ literal, reads bool }

// maxCallDepth bounds how far calls of calls are followed.
const maxCallDepth = 50

// origin of what a callee returns, calls of calls included.
func (f *functions) origin(callee string) origin {
	result, visited := origin{}, map[*facts.Function]bool{}
	var visit func(callee string)
	visit = func(callee string) {
		for _, function := range f.called(callee) {
			if visited[function.Function] || len(visited) >= maxCallDepth {
				continue
			}
			visited[function.Function] = true
			result.literal = result.literal || function.Scope.NaNLiteral
			result.reads = result.reads || function.Scope.Reads
			for _, name := range function.Scope.Loads {
				if len(f.byName[name]) > 0 {
					visit(name)
				}
			}
			for _, bind := range function.Scope.Binds {
				visit(bind.Callee)
			}
		}
	}
	visit(callee)
	return result
}

func leafOf(name string) string { return name[strings.LastIndex(name, ".")+1:] }

func rootOf(name string) string {
	root, _, _ := strings.Cut(name, ".")
	return root
}
