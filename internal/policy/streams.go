package policy

import (
	"regexp"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// printedNaN is nan or inf as Python, NumPy and pandas print it.
var printedNaN = regexp.MustCompile(`\b(?:nan|NaN|inf)\b`)

// printed judges the text of a cell, which is the weakest sign of all: it counts only where nothing better was found and
// nothing explains it.
func (j *judge) printed(cell *Cell, source *facts.Source, found map[kind]confidence) {
	scope := &source.Scope
	if !cell.whole() || scope.NaNLiteral || scope.Reads || scope.AsksMissing || found[kindNumber] > unfounded {
		return
	}
	token := printedNaN.FindString(cell.Stdout)
	if token == "" || j.knownDirty(scope) {
		return
	}
	j.found.add(remark{rule: "STREAM-NAN", cell: cell, name: token, message: "The cell printed " + quote(token) + "."})
}

// knownDirty is true if the cell reads something that is known to hold NaN or infinity.
func (j *judge) knownDirty(scope *facts.Scope) bool {
	for _, name := range scope.Loads {
		v, known := lookup(j.state, name)
		if known && isDirty(v) || guarded(j.nanGuards, name) {
			return true
		}
		for _, attribute := range v.Attributes {
			if isDirty(attribute) {
				return true
			}
		}
	}
	return false
}
