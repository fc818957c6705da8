package policy

import (
	"maps"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// optionalLike are calls that answer None when they find nothing.
var optionalLike = set(strings.Fields(`get match search fullmatch find find_one fetchone first scalar scalar_one_or_none
	one_or_none pop getenv which find_spec next getattr setdefault getmodule get_option gettrace guess_type find_element
	get_text getdefaultlocale getlocale`))

// optionalNames are optional-like only where they are not methods: they give back what they were given.
var optionalNames = set(strings.Fields("next getattr input eval min max exec"))

// voidMethods change their object and return None.
var voidMethods = set(strings.Fields(`sort append extend insert reverse remove clear update add discard shuffle seed fill put
	resize_ itemset appendleft extendleft setdefaults`))

// quietMethods return None and are bound by habit; as plain names they may be anything, so only dotted ones count.
var quietMethods = set(strings.Fields(`show info tight_layout savefig figure close set_printoptions set_option simplefilter
	filterwarnings basicConfig sleep`))

// quietNames print or display.
var quietNames = set(strings.Fields("print display pprint help IPython.display.display pprint.pprint builtins.print"))

// none judges a name that a call left None.
func (j *judge) none(s *scope, t target) {
	if !t.value.None || !isCall(t.bind) || private(t.name) || guarded(j.noneGuards, t.name) {
		return
	}
	rule, c, milder := j.noneRule(s, t)
	if rule == "" {
		return
	}
	j.report(s, t, kindNone, c, remark{rule: rule, milder: milder, message: s.subject(t) + " is None" + t.by() + noneReason(rule) + "."})
}

func (j *judge) noneRule(s *scope, t target) (rule string, c confidence, milder bool) {
	leaf, dotted := leafOf(t.bind.Callee), strings.Contains(t.bind.Callee, ".")
	switch {
	case t.bind.Returns == "mixed":
		return "NONE-MIXED", high, false
	case t.bind.Returns == "optional":
		return "NONE-OPTIONAL", low, false
	case t.bind.InPlace, t.bind.Returns == "" && dotted && voidMethods[leaf]:
		return "NONE-INPLACE", high, false
	case t.bind.Returns == "procedure" && s.readLater(t.name):
		return "NONE-PROC", medium, false
	case t.bind.Returns == "procedure":
		return "NONE-PROC", low, true
	case quietNames[t.bind.Callee], dotted && quietMethods[leaf]:
		return "", unfounded, false
	case t.bind.NoneArgument, dotted && optionalLike[leaf], optionalNames[t.bind.Callee], optionalLike[t.bind.Callee] && t.bind.Returns == "":
		return "NONE-OPTIONAL", low, false
	default:
		return "NONE-OTHER", medium, false
	}
}

func noneReason(rule string) string {
	switch rule {
	case "NONE-MIXED":
		return ", which returns a value on other paths"
	case "NONE-INPLACE":
		return ", which changes its object in place"
	case "NONE-PROC":
		return ", which never returns a value"
	default:
		return ""
	}
}

// noneDisplayed judges a cell that ends in a call which fell through to None; IPython shows nothing for it.
func (j *judge) noneDisplayed(s *scope, t target) {
	if !t.value.None || !isCall(t.bind) || t.bind.Returns != "mixed" {
		return
	}
	j.report(s, t, kindNone, medium, remark{
		rule: "NONE-LAST-MIXED", message: "The last call, " + quote(t.bind.Callee+"()") + ", returned None, though it returns a value on other paths.",
	})
}

func isCall(bind facts.Bind) bool { return bind.Kind == "call" || bind.Kind == "await" }

// private is true of names that say by themselves that nobody is interested in them.
func private(name string) bool { return strings.HasPrefix(name, "_") }

// guarded is true of a name that the notebook asks about; an attribute is asked about by its full name, or by the same
// attribute of another name for the object.
func guarded(guards map[string]bool, name string) bool {
	return name != "" && slices.ContainsFunc(sameObject(name), func(same string) bool { return guards[same] })
}

// withAttributes adds the attributes of the names, for those that a method sets.
func withAttributes(names map[string]bool) map[string]bool {
	for _, name := range slices.Collect(maps.Keys(names)) {
		if owner := attribute(name); owner != "" {
			names[owner] = true
		}
	}
	return names
}
