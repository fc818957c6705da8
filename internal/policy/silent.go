package policy

import "mlops.dev/notebook-validator-operator/internal/facts"

// silent goes through the cells in their order, since what a cell did to a value shows only beside what it was before.
func (j *judge) silent() {
	if !on(j.config.DetectSilentFailures) {
		return
	}
	j.unobserved()
	for i := range j.in.Cells {
		cell := &j.in.Cells[i]
		if !cell.ran() {
			continue
		}
		source := j.sources[cell.Index]
		if source == nil {
			source = &facts.Source{Index: cell.Index}
		}
		j.functions.define(cell, source)
		found := map[kind]confidence{}
		if cell.Facts != nil {
			j.values(i, source, found)
			j.shell(cell, source)
			j.threads(cell)
			j.numericWarnings(cell, found)
			j.remember(cell.Facts.Values)
		}
		j.printed(cell, source, found)
		j.untaggedRaise(cell)
		j.earlyExit(i)
	}
}

// values judges what the cell left and what its calls made; calls come first, they are nearer to the cause.
func (j *judge) values(i int, source *facts.Source, found map[kind]confidence) {
	cell := &j.in.Cells[i]
	if !cell.whole() {
		return
	}
	for k := range cell.Facts.Calls {
		call := &cell.Facts.Calls[k]
		function, known := j.functions.find(*call)
		if !known || call.Raised {
			continue
		}
		s := j.callScope(i, source, function, call)
		j.judgeScope(s, targets(s.source, callValues(call)))
		j.judgeReturned(s, function, call)
		merge(found, s.found)
	}
	s := j.topScope(i, source)
	j.judgeScope(s, targets(s.source, func(name string) (facts.Value, bool) { return lookup(cell.Facts.Values, name) }))
	j.judgeDisplayed(s, cell.Facts.Displayed)
	merge(found, s.found)
	j.neverAwaited(cell, s)
}

func merge(into, from map[kind]confidence) {
	for k, c := range from {
		into[k] = max(into[k], c)
	}
}

// judgeScope applies every rule about values to every target.
func (j *judge) judgeScope(s *scope, all []target) {
	for _, t := range all {
		j.judgeTarget(s, t)
	}
	for _, t := range all {
		for _, member := range members(t, s.source.Binds) {
			if s.function == "" {
				j.judgeTarget(s, member)
			}
		}
	}
}

func (j *judge) judgeTarget(s *scope, t target) {
	j.coroutine(s, t)
	j.response(s, t)
	j.process(s, t)
	if !t.changed && !t.member {
		j.none(s, t)
	}
	j.numbers(s, t)
	j.emptied(s, t)
}

// judgeReturned looks at a value that a function returns without ever having bound it.
func (j *judge) judgeReturned(s *scope, function defined, call *facts.Call) {
	if function.Returns == "generator" {
		return
	}
	t := target{what: returned, value: call.Returned, bind: facts.Bind{Kind: "return", Line: function.Line}}
	j.numbers(s, t)
}

// judgeDisplayed looks at the value that Jupyter shows below the cell.
func (j *judge) judgeDisplayed(s *scope, values []facts.Value) {
	if len(values) == 0 || s.source.Last == nil {
		return
	}
	t := target{what: displayed, value: values[len(values)-1], bind: *s.source.Last}
	j.coroutine(s, t)
	j.response(s, t)
	j.process(s, t)
	j.noneDisplayed(s, t)
	j.numbers(s, t)
}

// report tells of a fault, unless the value was only passed on and its cause is told of already.
func (j *judge) report(s *scope, t target, k kind, c confidence, r remark) {
	if !j.passedOn(s, t, k, c) {
		r.cell, r.line, r.name, r.scope = s.cell, t.bind.Line, t.name, s.function
		if r.name == "" {
			r.name = t.bind.Callee
		}
		if t.what == returned {
			r.name = s.function
		}
		j.found.add(r)
	}
	s.found[k] = max(s.found[k], c)
	if s.function != "" {
		j.faults.note(s.function, k, c)
	}
	if owner := attribute(t.name); owner != "" {
		j.faults.note(owner, k, c)
	}
}

func (j *judge) passedOn(s *scope, t target, k kind, c confidence) bool {
	if called := j.functions.called(t.bind.Callee); len(called) > 0 {
		return j.faulty(called, k, c)
	}
	if t.member {
		return j.faults[attribute(t.name)][k] >= c || s.found[k] >= c
	}
	if (t.what != "" || t.changed || isContainer(t.value)) && s.found[k] >= c {
		return true
	}
	if t.bind.Callee != "" {
		return false
	}
	for _, name := range s.source.Loads {
		// An attribute that is read is no call of a method of that name.
		if attribute(name) == "" && j.faulty(j.functions.called(name), k, c) {
			return true
		}
	}
	return false
}

func (j *judge) faulty(called []defined, k kind, c confidence) bool {
	for _, function := range called {
		if j.faults[function.Name][k] >= c {
			return true
		}
	}
	return false
}
