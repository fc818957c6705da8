package html

import (
	"fmt"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/report"
)

// Tags by which an author hides a cell, or a part of it, from readers.
const (
	tagRemoveCell   = "remove-cell"
	tagRemoveInput  = "remove-input"
	tagRemoveOutput = "remove-output"
)

// cell is one cell of the page.
type cell struct {
	Anchor string
	// Name is "Cell 4", by the numbers that findings use; Prompt is "In [3]", by those that Jupyter shows.
	Name, Prompt string
	// Status in words, empty for a text.
	Status string
	// Class is passed, failed, skipped, not-run or text.
	Class    string
	Duration string
	// Markdown of a text, nil for code.
	Markdown []block
	// Lines of the source.
	Lines []line
	// SourceNote says why lines are missing.
	SourceNote string
	Outputs    []*output
	Findings   []finding
	// Differs is set where the golden comparison has something about it.
	Differs bool
	// Removed is set for a cell that its author hides; what was found in it is shown nevertheless.
	Removed bool

	// index over the cells of the notebook as it is committed, -1 for a cell that is not of it.
	index     int
	id        string
	seconds   float64
	ran       bool
	firstLine string
}

// line of a source; its class is that of the worst finding about it.
type line struct {
	Text, Class string
}

// maxLines bounds the lines of a source that are shown.
const maxLines = 2000

// cellsOf takes everything from the executed notebook, and what is there from the report where there is none.
func cellsOf(r *report.Report, executed *nbformat.Notebook) []*cell {
	if executed == nil {
		return reportedCells(r)
	}
	records := matchRecords(r, executed)
	var cells []*cell
	for i := range executed.Cells {
		source := &executed.Cells[i]
		if source.IsCode() {
			cells = append(cells, codeCell(source, records[i], r.FailedCell))
		} else if !source.HasTag(tagRemoveCell) && !source.IsBlank() {
			cells = append(cells, textCell(source))
		}
	}
	return cells
}

// matchRecords finds the record of each code cell: by its id, and else by its place, where parameters that were
// injected push all later cells on.
func matchRecords(r *report.Report, executed *nbformat.Notebook) map[int]*report.RunCell {
	byID, byIndex := map[string]*report.RunCell{}, map[int]*report.RunCell{}
	for i := range r.Cells {
		byID[r.Cells[i].ID], byIndex[r.Cells[i].Index] = &r.Cells[i], &r.Cells[i]
	}
	inserted := len(executed.CodeCells()) > len(r.Cells)+r.OmittedCells
	records := map[int]*report.RunCell{}
	shift := 0
	for i := range executed.Cells {
		source := &executed.Cells[i]
		if !source.IsCode() {
			continue
		}
		record := byID[source.ID]
		if source.ID == "" || record == nil {
			record = byIndex[i-shift]
			if inserted && source.HasTag(nbformat.TagInjectedParameters) {
				record, shift = nil, shift+1
			}
		}
		records[i] = record
	}
	return records
}

func codeCell(source *nbformat.Cell, record *report.RunCell, failedCell *int) *cell {
	view := &cell{
		Anchor:    fmt.Sprintf("cell-%d", source.Index),
		Name:      fmt.Sprintf("Cell %d", source.Index),
		index:     -1,
		id:        source.ID,
		firstLine: cut(visible(source.FirstLine()), 80),
		Removed:   source.HasTag(tagRemoveCell),
	}
	if source.ExecutionCount != nil {
		view.Prompt = fmt.Sprintf("In [%d]", *source.ExecutionCount)
	}
	if record != nil {
		view.record(record, failedCell)
	} else {
		view.Status, view.Class = "no record", "skipped"
	}
	if view.Removed {
		return view
	}
	if source.HasTag(tagRemoveInput) {
		view.SourceNote = "The author hides the source of this cell."
	} else {
		view.setSource(source.Source)
	}
	if !source.HasTag(tagRemoveOutput) {
		view.Outputs = outputsOf(source)
	}
	return view
}

func (c *cell) record(record *report.RunCell, failedCell *int) {
	c.index, c.seconds = record.Index, record.Seconds
	c.Name = fmt.Sprintf("Cell %d", record.Index)
	if c.id == "" {
		c.id = record.ID
	}
	switch record.Status {
	case report.CellOK:
		c.Status, c.Class, c.ran = "passed", "passed", true
	case report.CellExited:
		c.Status, c.Class, c.ran = "ended the notebook", "passed", true
	case report.CellSkipped:
		c.Status, c.Class = "skipped", "skipped"
		if record.SkipReason != "" {
			c.Status += ": " + visible(record.SkipReason)
		}
	case report.CellNotRun:
		c.Status, c.Class = "not run", "not-run"
	default:
		c.Status, c.Class, c.ran = failedText(record.Status), "failed", true
	}
	if failedCell != nil && *failedCell == record.Index {
		c.Class = "failed"
	}
	if c.ran {
		c.Duration = secondsText(record.Seconds)
	}
}

func failedText(status report.CellStatus) string {
	switch status {
	case report.CellTimeout:
		return "ran out of time"
	case report.CellDied:
		return "the kernel died"
	}
	return "raised an error"
}

func (c *cell) setSource(source string) {
	source = strings.Trim(strings.ReplaceAll(source, "\r\n", "\n"), "\n")
	for text := range strings.Lines(visible(cut(source, maxText))) {
		if len(c.Lines) == maxLines {
			c.SourceNote = fmt.Sprintf("Only the first %d lines are shown.", maxLines)
			return
		}
		c.Lines = append(c.Lines, line{Text: strings.ReplaceAll(strings.TrimSuffix(text, "\n"), string(escape), "")})
	}
}

// judge adds a finding.
func (c *cell) judge(f finding) {
	c.Findings = append(c.Findings, f)
	c.hit(f.Line, f.Class)
	if f.Class == "failure" && c.Class == "passed" {
		c.Class = "failed"
		c.Status = "ran, but fails the validation"
	}
}

// hit marks the line that a finding is about.
func (c *cell) hit(number int, class string) {
	if number < 1 || number > len(c.Lines) || c.Lines[number-1].Class == "failure" {
		return
	}
	if c.Lines[number-1].Class == "" || class != "info" {
		c.Lines[number-1].Class = class
	}
}

func textCell(source *nbformat.Cell) *cell {
	view := &cell{Anchor: fmt.Sprintf("cell-%d", source.Index), Class: "text", index: -1}
	text := visible(strings.ReplaceAll(cut(source.Source, maxText), string(escape), ""))
	if source.Type == nbformat.MarkdownCell {
		view.Markdown = markdown(text)
	} else {
		view.Markdown = []block{{Kind: "code", Spans: plain(text)}}
	}
	return view
}

// reportedCells are the code cells of a report: their first lines and the text of their outputs.
func reportedCells(r *report.Report) []*cell {
	var cells []*cell
	for i := range r.Cells {
		record := &r.Cells[i]
		view := &cell{
			Anchor: fmt.Sprintf("cell-%d", record.Index), id: record.ID, firstLine: cut(visible(record.Source), 80),
		}
		view.record(record, r.FailedCell)
		if record.Source != "" {
			view.Lines = []line{{Text: visible(record.Source)}}
			view.SourceNote = "Only the first line is known here."
		}
		if record.Output != "" {
			view.Outputs = append(view.Outputs, textOutput("stdout", record.Output))
		}
		if record.Error != nil {
			view.Outputs = append(view.Outputs, errorOutput(record.Error.Name, record.Error.Value, record.Error.Traceback))
		}
		cells = append(cells, view)
	}
	return cells
}
