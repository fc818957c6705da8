package policy

import "strings"

// unobserved tells where nobody looked, which is not the same as finding nothing.
func (j *judge) unobserved() {
	if language := j.in.Language; language != "" && !strings.EqualFold(language, "python") {
		j.found.add(remark{
			rule: "NOT-OBSERVED", milder: true, name: language,
			message: "The notebook is in " + quote(language) + "; silent failures are looked for in Python alone.",
		})
		return
	}
	if !j.in.Observed {
		j.found.add(remark{rule: "NOT-OBSERVED", message: sentence("The kernel could not be observed", j.in.ObservedDetail)})
		return
	}
	if !j.in.Analysis.Done {
		j.found.add(remark{rule: "NOT-OBSERVED", message: sentence("The source could not be read", j.in.Analysis.Detail)})
	}
	for i := range j.in.Cells {
		if cell := &j.in.Cells[i]; cell.Facts == nil && cell.whole() && !cell.empty() {
			j.found.add(remark{rule: "NOT-OBSERVED", cell: cell, message: "The cell ran, but nobody saw what it left behind."})
		}
	}
}

// sentence adds the reason where one is known.
func sentence(what, why string) string {
	if why == "" {
		return what + "."
	}
	return what + ": " + strings.TrimSuffix(why, ".") + "."
}
