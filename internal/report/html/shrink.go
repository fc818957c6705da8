package html

import (
	"fmt"
	"slices"
)

// ladder holds the ways to make a page smaller, what is missed least first. Each gets the number of bytes that the page
// is too large by; the verdict and the findings that fail stay to the end.
var ladder = []func(p *page, excess int){
	(*page).dropImages,
	(*page).dropFrames,
	func(p *page, _ int) { p.cutOutputs(4 << 10) },
	func(p *page, _ int) { p.cutOutputs(500) },
	func(p *page, _ int) { p.dropOutputs() },
	func(p *page, _ int) { p.dropAdvice() },
	func(p *page, _ int) { p.dropSources() },
	func(p *page, _ int) { p.dropCells() },
	func(p *page, _ int) { p.onlyFailures() },
}

// dropImages takes out the largest images until enough is gone.
func (p *page) dropImages(excess int) {
	size := func(o *output) int { return len(o.Image) }
	dropped, bytes := p.dropLargest(excess, size, func(o *output, size int) {
		*o = *textOutput("result", o.text)
		o.Note = "An image of " + bytesText(size*3/4) + " was left out: it is in the executed notebook."
	})
	p.say(dropped, "image", bytes*3/4)
}

// dropFrames puts text in the place of the largest frames.
func (p *page) dropFrames(excess int) {
	size := func(o *output) int {
		if o.Frame == nil {
			return 0
		}
		return len(o.Frame.Document)
	}
	dropped, bytes := p.dropLargest(excess, size, replaceFrame)
	p.say(dropped, "HTML output", bytes)
}

func replaceFrame(o *output, size int) {
	*o = *textOutput("result", cut(o.text, 4<<10))
	o.Note = "HTML of " + bytesText(size) + " is shown as text."
}

// limitFrames spares the reader's browser.
func (p *page) limitFrames() {
	frames := 0
	for _, c := range p.Cells {
		for _, o := range c.Outputs {
			if o.Frame == nil {
				continue
			}
			if frames++; frames > maxFrames {
				replaceFrame(o, len(o.Frame.Document))
			}
		}
	}
}

// dropLargest hands the largest outputs to drop until excess bytes are gone.
func (p *page) dropLargest(excess int, size func(*output) int, drop func(*output, int)) (dropped, bytes int) {
	var candidates []*output
	for _, c := range p.Cells {
		for _, o := range c.Outputs {
			if size(o) > 0 {
				candidates = append(candidates, o)
			}
		}
	}
	slices.SortStableFunc(candidates, func(a, b *output) int { return size(b) - size(a) })
	for _, o := range candidates {
		if bytes >= excess {
			break
		}
		length := size(o)
		drop(o, length)
		dropped++
		bytes += length
	}
	return dropped, bytes
}

func (p *page) say(number int, noun string, bytes int) {
	if number > 0 {
		p.LeftOut = append(p.LeftOut, fmt.Sprintf("%s left out to keep this page small (%s)", count(number, noun), bytesText(bytes)))
	}
}

// cutOutputs shortens all texts; tracebacks keep at least 2 KiB.
func (p *page) cutOutputs(limit int) {
	for _, c := range p.Cells {
		for i, o := range c.Outputs {
			room := limit
			if o.Kind == "error" {
				room = max(limit, 2<<10)
			}
			if len(o.Spans) > 0 && len(o.text) > room {
				note := o.Note
				c.Outputs[i] = textOutput(o.Kind, cut(o.text, room))
				c.Outputs[i].Note = note
			}
		}
	}
}

// dropOutputs leaves tracebacks alone.
func (p *page) dropOutputs() {
	dropped := 0
	for _, c := range p.Cells {
		before := len(c.Outputs)
		c.Outputs = slices.DeleteFunc(c.Outputs, func(o *output) bool { return o.Kind != "error" })
		dropped += before - len(c.Outputs)
	}
	p.say(dropped, "output", 0)
}

// dropAdvice leaves of every finding that does not fail only what was found.
func (p *page) dropAdvice() {
	shorten := func(all []finding) {
		for i := range all {
			if all[i].Class != "failure" {
				all[i].Why, all[i].Fix, all[i].Example = "", "", ""
			}
		}
	}
	shorten(p.General)
	for _, c := range p.Cells {
		shorten(c.Findings)
	}
	p.Packages = nil
}

func (p *page) dropSources() {
	for _, c := range p.Cells {
		if len(c.Lines) > 20 {
			c.Lines, c.SourceNote = c.Lines[:20], "Only the first 20 lines are shown, to keep this page small."
		}
	}
	p.cutOutputs(0)
}

// dropCells leaves the cells that failed or of which a finding fails.
func (p *page) dropCells() {
	before := len(p.Cells)
	p.Cells = slices.DeleteFunc(p.Cells, func(c *cell) bool {
		fails := slices.ContainsFunc(c.Findings, func(f finding) bool { return f.Class == "failure" })
		return c.Class != "failed" && !fails
	})
	p.say(before-len(p.Cells), "cell", 0)
	p.Timeline = nil
	if p.Comparison != nil {
		p.Comparison.Diffs, p.Comparison.Notes = nil, nil
	}
	p.forgetAnchors()
}

// onlyFailures is the end of the ladder: the verdict, and what fails, in one line each.
func (p *page) onlyFailures() {
	p.Cells, p.General, p.Comparison, p.Notes, p.Parameters = nil, nil, nil, nil, nil
	for i := range p.Failing {
		p.Failing[i].InCell, p.Failing[i].Anchor = false, ""
		p.Failing[i].Why, p.Failing[i].Fix, p.Failing[i].Example = "", "", ""
	}
	p.FailedCell = ""
	p.LeftOut = append(p.LeftOut, "everything but the verdict and the findings that fail, to keep this page small")
}

// fewerFailures leaves out as large a share of the findings that fail as the page of that size is too large by, the last
// ones first. It tells whether there were any.
func (p *page) fewerFailures(excess, size int) bool {
	before := len(p.Failing)
	if before == 0 {
		return false
	}
	p.Failing = p.Failing[:before-1-(before-1)*excess/size]
	p.FailuresLeftOut += before - len(p.Failing)
	return true
}

// forgetAnchors removes links to cells that are gone.
func (p *page) forgetAnchors() {
	here := map[string]bool{}
	for _, c := range p.Cells {
		here[c.Anchor] = true
	}
	for i := range p.Failing {
		if !here[p.Failing[i].Anchor] {
			p.Failing[i].InCell, p.Failing[i].Anchor = false, ""
		}
	}
	if !here[p.FailedCell] {
		p.FailedCell = ""
	}
}
