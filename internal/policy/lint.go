package policy

import (
	"strings"

	"mlops.dev/notebook-validator-operator/internal/facts"
	"mlops.dev/notebook-validator-operator/internal/rules"
)

// seenAtRun names for a rule of lint the rules that say the same of the run; they are surer.
var seenAtRun = map[string][]string{
	"NB301": {"NONE-INPLACE"},
	"NB306": {"CORO"},
	"NB204": {"PROC"},
	"NB202": {"HTTP"},
}

// lint gives what the source alone shows, in cells that never ran too.
func (j *judge) lint() {
	cells := make(map[int]*Cell, len(j.in.Cells))
	for i := range j.in.Cells {
		cells[j.in.Cells[i].Index] = &j.in.Cells[i]
	}
	covered := j.expectedCells()
	for _, place := range j.in.Analysis.Lint {
		rule, known := rules.Find(place.Rule)
		if !known || rule.Group != rules.GroupLint || j.answered(place, covered) {
			continue
		}
		r := remark{rule: place.Rule, line: place.Line, name: place.Name, message: lintMessage(rule, place)}
		if place.Cell != nil {
			r.cell = cells[*place.Cell]
			if r.cell == nil {
				r.cell = &Cell{Index: *place.Cell}
			}
		}
		j.found.add(r)
	}
}

// answered is true of what another finding says better, or what an expectation of the user takes care of.
func (j *judge) answered(place facts.Lint, covered map[int]bool) bool {
	switch place.Rule {
	case "NB402":
		return j.config.VerifyAssertions || j.expects()
	case "NB401":
		return place.Cell != nil && covered[*place.Cell]
	}
	return place.Cell != nil && j.found.at(*place.Cell, place.Line, place.Name, seenAtRun[place.Rule]...)
}

func lintMessage(rule rules.Rule, place facts.Lint) string {
	message := rule.Title
	if place.Name != "" {
		message += ": " + quote(place.Name)
	}
	if place.Detail != "" {
		message += " (" + strings.Join(strings.Fields(place.Detail), " ") + ")"
	}
	return message + "."
}
