package policy

import (
	"fmt"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// hiddenInSample is how many elements a sample may have missed for one that it found: a value that was only sampled and
// showed no NaN does not prove that a few are new.
const hiddenInSample = 1000

// numbers judges NaN and infinity in a value.
func (j *judge) numbers(s *scope, t target) {
	v := t.value
	if v.NaN <= 0 && v.Inf <= 0 && !v.AllNaN && len(v.AllNaNColumns) == 0 || t.bind.Kind == "name" || private(t.name) {
		return
	}
	from := j.functions.origin(t.bind.Callee)
	if s.source.NaNLiteral || t.bind.NaNLiteral || from.literal || t.member && j.deliberate(s, t) {
		return
	}
	if guarded(j.nanGuards, t.name) {
		// What follows from a value that the notebook knows to be incomplete is no news either.
		s.inputs[t.name] = v
		return
	}
	reads := s.source.Reads || from.reads
	switch {
	case v.Scalar:
		j.scalar(s, t)
	case isContainer(v):
		j.container(s, t, reads)
	case reads:
	case isTable(v):
		j.table(s, t)
	case len(v.Shape) > 0:
		j.array(s, t)
	}
}

// deliberate is true of an attribute that is no news: it was like that before, some function sets it to a sentinel, or it
// is only a copy of what a caller passed in.
func (j *judge) deliberate(s *scope, t target) bool {
	leaf := leafOf(t.name)
	before, known := s.before(t.name)
	switch {
	case j.functions.sentinels[leaf]:
		return true
	case known && t.changed:
		return isDirty(before) || before.AllNaN
	default:
		// Nobody assigns it: a default of a class, or an argument of a generated __init__.
		return !j.functions.assigned[leaf]
	}
}

// elementLike are calls that take one value out of many.
var elementLike = set(strings.Fields("item get pop next getattr squeeze first last iloc loc at iat"))

// scalar judges a single number. Missing values in the inputs are no excuse: a reduction has swallowed them.
func (j *judge) scalar(s *scope, t target) {
	c := s.counts()
	nan := t.value.NaN > 0
	dirty := nan && c.nan || !nan && c.inf
	switch t.bind.Kind {
	case "subscript", "constant":
		return
	case "call", "await", "arithmetic":
		if elementLike[leafOf(t.bind.Callee)] && dirty {
			return
		}
	default:
		if dirty || t.changed && !t.member {
			return
		}
	}
	// A single number that was like that already is passed on; an infinite one is a bound or a start value.
	if !nan && c.scalarInf || nan && c.scalarNaN && !c.valuesNaN && j.known(s) {
		return
	}
	word := "NaN"
	if !nan {
		word = "infinite"
	}
	j.report(s, t, kindNumber, high, remark{rule: "SCALAR", message: s.subject(t) + " is " + word + t.by() + "."})
}

// known is true if the single NaN among the inputs was found where it arose: of a parameter the caller is told.
func (j *judge) known(s *scope) bool {
	if s.function != "" {
		return true
	}
	for name, v := range s.inputs {
		if v.Scalar && v.NaN > 0 && j.found.names[named{"SCALAR", name}] {
			return true
		}
	}
	return false
}

// container judges a collection that newly holds NaN or infinity.
func (j *judge) container(s *scope, t target, reads bool) {
	v, c := t.value, s.counts()
	if reads || t.bind.Kind == "subscript" || v.NaN <= 0 && v.Inf <= 0 {
		return
	}
	if before, known := s.before(t.name); known && (t.changed || has(s.inputs, t.name)) && isDirty(before) && !newKeys(before, v) {
		return
	}
	sure, dirty := isDict(v), v.NaN > 0 && c.nan || v.Inf > 0 && c.inf
	if dirty {
		// A dict written out of single numbers is a result; they were calculated from what was incomplete.
		single := t.bind.Kind == "container" && isDict(v) && v.NaN+v.Inf == int64(len(v.BadKeys))
		if !single || v.NaN > 0 && c.scalarNaN || v.Inf > 0 && c.scalarInf {
			return
		}
		sure = false
	}
	message := fmt.Sprintf("%s, a %s, holds %s%s%s.", s.subject(t), typeName(v), amounts(v), listed(" under ", v.BadKeys), t.by())
	certainty := medium
	if sure {
		certainty = high
	}
	j.report(s, t, kindNumber, certainty, remark{rule: "CONTAINER", milder: !sure, message: message})
}

func newKeys(before, after facts.Value) bool {
	return slices.ContainsFunc(after.BadKeys, func(key string) bool { return !slices.Contains(before.BadKeys, key) })
}

func typeName(v facts.Value) string { return clip(leafOf(v.Type), maxNameRunes) }

// amounts counts what must not be there.
func amounts(v facts.Value) string {
	var parts []string
	if v.NaN > 0 {
		parts = append(parts, fmt.Sprintf("%d NaN", v.NaN))
	}
	if v.Inf > 0 {
		parts = append(parts, fmt.Sprintf("%d infinite", v.Inf))
	}
	text := strings.Join(parts, " and ")
	if v.Size != nil && *v.Size > 0 {
		text += fmt.Sprintf(" of %d values", *v.Size)
	}
	return text
}

const maxListed = 3

// listed names the first few.
func listed(before string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	quoted := make([]string, 0, maxListed)
	for _, name := range names[:min(len(names), maxListed)] {
		quoted = append(quoted, quote(name))
	}
	more := ""
	if len(names) > maxListed {
		more = fmt.Sprintf(" and %d more", len(names)-maxListed)
	}
	return before + strings.Join(quoted, ", ") + more
}
