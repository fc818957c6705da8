package html

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/report"
)

// page is what the template shows.
type page struct {
	Styles   template.CSS
	Notebook string
	Passed   bool
	Verdict  string
	Reason   string
	Message  string
	// FailedCell is the anchor of the cell in which the notebook failed, empty where there is none.
	FailedCell string
	Tallies    []tally
	Facts      []fact
	// Parameters that the run was given.
	Parameters []fact
	Packages   []fact
	// Notes that change no verdict.
	Notes []string
	// LeftOut says what did not fit.
	LeftOut []string
	// Failing findings stand below the verdict; FailuresLeftOut counts those of very many that did not fit.
	Failing         []finding
	FailuresLeftOut int
	// General are the other findings that belong to no cell of the page.
	General    []finding
	Timeline   []bar
	Comparison *comparison
	Cells      []*cell
}

// tally is one of the numbers beside the verdict.
type tally struct{ Label, Value, Class string }

// fact is a line of what is known of the run.
type fact struct {
	Name, Value string
	// Code is set for what a machine made up: commits, images.
	Code bool
}

// finding is a finding with the place it links to.
type finding struct {
	findings.Finding
	// Class is failure, warning or info.
	Class string
	// Anchor of the cell on this page, empty where it has none.
	Anchor string
	// Place in words.
	Place string
	// Web is set where Link is the address of a page in the web.
	Web bool
	// InCell is set where it is shown beside its cell as well.
	InCell bool
}

// bar of the timeline; left and width are shares of the whole in per cent.
type bar struct {
	Anchor, Label, Class, Duration, Left, Width string
}

// pageOf puts everything together. What is needed to keep within a size is taken out later.
func pageOf(r *report.Report, executed *nbformat.Notebook) *page {
	p := &page{
		Styles:     styles,
		Notebook:   visible(r.Notebook),
		Passed:     r.Reason.Passes(),
		Verdict:    visible(r.Verdict),
		Reason:     visible(string(r.Reason)),
		Message:    visible(r.Message),
		Facts:      factsOf(r),
		Parameters: parametersOf(r),
		Packages:   packagesOf(r),
		Comparison: comparisonOf(r.Comparison),
	}
	for _, note := range r.Notes {
		p.Notes = append(p.Notes, visible(note))
	}
	p.leaveOut(r.OmittedCells, "cell", "is", "are", "in the report: only the executed notebook has them")
	p.leaveOut(r.OmittedFindings, "finding", "was", "were", "left out, the least severe ones")
	p.Cells = cellsOf(r, executed)
	p.place(r)
	if failed := placesOf(p.Cells).find("", r.FailedCell); failed != nil {
		p.FailedCell = failed.Anchor
	}
	p.Tallies = talliesOf(r)
	p.Timeline = timelineOf(p.Cells)
	return p
}

func (p *page) leaveOut(number int, noun, is, are, rest string) {
	switch {
	case number == 1:
		p.LeftOut = append(p.LeftOut, fmt.Sprintf("1 %s %s %s", noun, is, rest))
	case number > 1:
		p.LeftOut = append(p.LeftOut, fmt.Sprintf("%d %ss %s %s", number, noun, are, rest))
	}
}

// place puts findings and diffs beside the cells they belong to.
func (p *page) place(r *report.Report) {
	places := placesOf(p.Cells)
	for _, f := range r.Findings {
		view := findingOf(f)
		target := places.find(f.CellID, f.Cell)
		if target != nil {
			view.Anchor, view.InCell = target.Anchor, true
			target.judge(view)
		}
		switch {
		case f.Severity == v1alpha1.SeverityFailure:
			p.Failing = append(p.Failing, view)
		case target == nil:
			p.General = append(p.General, view)
		}
	}
	if p.Comparison == nil {
		return
	}
	for i := range p.Comparison.Diffs {
		diff := &p.Comparison.Diffs[i]
		if target := places.find(diff.cellID, diff.index); target != nil {
			diff.Anchor = target.Anchor
			target.Differs = true
		}
	}
}

func findingOf(f findings.Finding) finding {
	f.Rule, f.Message, f.Why, f.Fix = visible(f.Rule), visible(f.Message), visible(f.Why), visible(f.Fix)
	f.Example, f.Link = visible(f.Example), visible(f.Link)
	view := finding{Finding: f, Class: strings.ToLower(string(f.Severity)), Place: "notebook"}
	if f.Cell != nil {
		view.Place = fmt.Sprintf("cell %d", *f.Cell)
		if f.Line > 0 {
			view.Place += fmt.Sprintf(", line %d", f.Line)
		}
	}
	view.Web = strings.HasPrefix(f.Link, "https://") || strings.HasPrefix(f.Link, "http://")
	return view
}

func talliesOf(r *report.Report) []tally {
	numbers := map[v1alpha1.Severity]int{}
	for _, f := range r.Findings {
		numbers[f.Severity]++
	}
	tallies := []tally{
		{"cells passed", fmt.Sprintf("%d of %d", r.Counts.Passed, r.Counts.Total), ""},
		{"time", secondsText(r.Seconds), ""},
	}
	if r.Level == "" {
		return tallies
	}
	return append(tallies,
		tally{"failures", fmt.Sprint(numbers[v1alpha1.SeverityFailure]), classIf("failure", numbers[v1alpha1.SeverityFailure] > 0)},
		tally{"warnings", fmt.Sprint(numbers[v1alpha1.SeverityWarning]), classIf("warning", numbers[v1alpha1.SeverityWarning] > 0)},
		tally{"hints", fmt.Sprint(numbers[v1alpha1.SeverityInfo]), ""},
	)
}

func classIf(class string, condition bool) string {
	if condition {
		return class
	}
	return ""
}

func factsOf(r *report.Report) []fact {
	var facts []fact
	know := func(name, value string, code bool) {
		if value != "" {
			facts = append(facts, fact{name, visible(value), code})
		}
	}
	know("Level", string(r.Level), false)
	know("Repository", r.URL, true)
	know("Reference", r.Ref, true)
	know("Commit", r.Commit, true)
	know("Image", r.Image, true)
	if r.Kernel != nil {
		know("Kernel", strings.TrimSpace(r.Kernel.DisplayName+" ("+r.Kernel.Name+")"), false)
	}
	know("Python", r.Python, false)
	if r.StartedAt != nil {
		know("Started", r.StartedAt.UTC().Format(time.RFC1123), false)
	}
	know("Duration", secondsText(r.Seconds), false)
	know("Code cells", fmt.Sprintf("%d passed, %d failed, %d skipped, %d not run", r.Counts.Passed, r.Counts.Failed,
		r.Counts.Skipped, r.Counts.NotRun), false)
	if r.Level != "" {
		know("Values observed", observedText(r), false)
	}
	return facts
}

func observedText(r *report.Report) string {
	answer := "yes"
	if !r.Observed {
		answer = "no"
	}
	if r.ObservedDetail != "" {
		answer += ": " + r.ObservedDetail
	}
	return answer
}
