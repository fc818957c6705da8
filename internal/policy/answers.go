package policy

import (
	"fmt"
	"regexp"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// response judges an HTTP response whose status nobody looks at.
func (j *judge) response(s *scope, t target) {
	status := t.value.StatusCode
	if status == nil || *status < 400 || j.in.Analysis.ResponseChecked || t.bind.Kind == "name" || t.changed || t.member {
		return
	}
	j.report(s, t, kindAnswer, high, remark{
		rule: "HTTP", message: fmt.Sprintf("%s is a response with status %d, and nothing in the notebook looks at it.", s.subject(t), *status),
	})
}

// process judges a finished process whose exit code nobody looks at.
func (j *judge) process(s *scope, t target) {
	code := t.value.ReturnCode
	if code == nil || *code == 0 || j.in.Analysis.ReturnCodeChecked || t.bind.Checked || t.bind.Kind == "name" || t.changed || t.member {
		return
	}
	j.report(s, t, kindAnswer, high, remark{
		rule: "PROC", message: fmt.Sprintf("%s is a process that ended with exit code %d, and nothing in the notebook looks at it.", s.subject(t), *code),
	})
}

// runsCoroutine are calls that a coroutine may be handed to.
var runsCoroutine = set(strings.Fields("run run_until_complete gather create_task ensure_future wait wait_for as_completed run_coroutine_threadsafe shield"))

// coroutine judges a coroutine that is kept instead of awaited.
func (j *judge) coroutine(s *scope, t target) {
	if !t.value.Coroutine || t.bind.Kind == "name" || t.changed || j.awaitedLater(s, t) {
		return
	}
	j.coroutines[leafOf(t.bind.Callee)] = true
	j.report(s, t, kindCoroutine, high, remark{rule: "CORO", message: s.subject(t) + " is a coroutine that nobody awaits" + t.by() + "."})
}

// awaitedLater is true if a later cell reads the name and most likely awaits it: it awaits something, or lint, which sees
// every use of a function of the notebook, misses no await.
func (j *judge) awaitedLater(s *scope, t target) bool {
	if s.function != "" || t.name == "" {
		return false
	}
	used := len(j.functions.called(t.bind.Callee)) > 0 && !j.uses.misses(s.cell.Index, t.bind.Line)
	for _, i := range j.uses.readers[t.name] {
		if j.in.Cells[i].Index > s.cell.Index && (used || awaits(&j.sources[j.in.Cells[i].Index].Scope)) {
			return true
		}
	}
	return false
}

func awaits(source *facts.Scope) bool {
	waits := func(bind facts.Bind) bool { return bind.Kind == "await" || runsCoroutine[leafOf(bind.Callee)] }
	for _, bind := range source.Binds {
		if waits(bind) {
			return true
		}
	}
	return source.Last != nil && waits(*source.Last)
}

var neverAwaited = regexp.MustCompile(`coroutine '?([^' ]{1,200})'? was never awaited`)

// neverAwaited judges Python's own warning, which comes when the coroutine is thrown away.
func (j *judge) neverAwaited(cell *Cell, s *scope) {
	for _, warning := range cell.Facts.Warnings {
		match := neverAwaited.FindStringSubmatch(warning.Message)
		if match == nil || j.coroutines[leafOf(match[1])] {
			continue
		}
		line := 0
		if warning.Own {
			line = warning.Line
		}
		j.coroutines[leafOf(match[1])] = true
		s.found[kindCoroutine] = high
		j.found.add(remark{
			rule: "CORO", cell: cell, line: line, name: match[1], message: "The coroutine of " + quote(match[1]+"()") + " was thrown away without an await.",
		})
	}
}
