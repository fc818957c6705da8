package policy

import (
	"fmt"
	"regexp"
	"strings"
)

// oftenEmpty are names of what one hopes to find nothing of.
var oftenEmpty = regexp.MustCompile(`(?i)err|bad|miss|invalid|dup|outlier|mismatch|conflict|orphan|unmatched|null|nan|fail|diff|anomal|remaining|leftover`)

// emptied judges a table or array without elements that was made from such as had some.
func (j *judge) emptied(s *scope, t target) {
	v := t.value
	if v.Size == nil || *v.Size != 0 || len(v.Shape) == 0 || t.bind.Kind == "name" || private(t.name) {
		return
	}
	if guarded(j.noneGuards, t.name) || oftenEmpty.MatchString(t.name) || startsEmpty(t.bind.Callee) {
		return
	}
	if before, known := s.before(t.name); known && (t.changed || t.member) && before.Size != nil && *before.Size == 0 {
		return
	}
	if from := s.notEmpty(); from != "" {
		j.report(s, t, kindEmpty, medium, remark{
			rule: "EMPTY", message: fmt.Sprintf("%s, a %s, has no elements%s, though %s had some.", s.subject(t), typeName(v), t.by(), quote(from)),
		})
	}
}

// notEmpty is the first of the inputs with elements, empty for none.
func (s *scope) notEmpty() string {
	first := ""
	for name, v := range s.inputs {
		if len(v.Shape) > 0 && v.Size != nil && *v.Size > 0 && (first == "" || name < first) {
			first = name
		}
	}
	return first
}

// startsEmpty is true of what makes an empty start for something that is filled later.
func startsEmpty(callee string) bool {
	if !strings.HasPrefix(callee, "numpy.") && !strings.HasPrefix(callee, "pandas.") && !strings.HasPrefix(callee, "torch.") {
		return false
	}
	switch leafOf(callee) {
	case "array", "empty", "zeros", "ones", "tensor", "DataFrame", "Series", "Index":
		return true
	default:
		return false
	}
}
