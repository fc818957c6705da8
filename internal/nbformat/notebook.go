package nbformat

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Object is a JSON object whose values are looked at one by one, so that a surprise in one field does not spoil the
// others.
type Object map[string]json.RawMessage

// Notebook is a notebook file.
type Notebook struct {
	// Format is the version of the file's format, before it was read.
	Format Format
	// Language of the kernel, in lower case ("python"), empty where the notebook does not say.
	Language string
	// KernelName is the name of the kernelspec, possibly empty.
	KernelName string
	// Metadata of the notebook, nil where it is none.
	Metadata Object
	// Cells in order, of all types.
	Cells []Cell
}

// Format is the version of a notebook file's format.
type Format struct {
	Major int
	Minor int
}

// Types of cells.
const (
	CodeCell     = "code"
	MarkdownCell = "markdown"
)

// Tags that have a meaning to Jupyter's tools.
const (
	TagSkipExecution      = "skip-execution"
	TagRaisesException    = "raises-exception"
	TagParameters         = "parameters"
	TagInjectedParameters = "injected-parameters"
	// TagNbvalSkip is nbval's name for skip-execution.
	TagNbvalSkip = "nbval-skip"
	// TagErrorBanner marks what papermill says of an error of an earlier run.
	TagErrorBanner = "papermill-error-cell-tag"
)

// Cell is one cell.
type Cell struct {
	// Index counts all cells of the notebook, from 0.
	Index int
	// Type is code, markdown, raw or, in format 3, heading.
	Type string
	// ID is the cell's own id, empty if it has none that can be used: two cells never have the same.
	ID string
	// Source is the whole text.
	Source string
	// Tags of the cell's metadata.
	Tags []string
	// Metadata of the cell, nil where it is none.
	Metadata Object
	// Outputs of a code cell, in order.
	Outputs []Output
	// ExecutionCount is the n of In [n], nil for a cell that was not run.
	ExecutionCount *int
}

// CodeCells returns the code cells in order. They are the notebook's own, not copies.
func (n *Notebook) CodeCells() []*Cell {
	var code []*Cell
	for i := range n.Cells {
		if n.Cells[i].IsCode() {
			code = append(code, &n.Cells[i])
		}
	}
	return code
}

// HasOutputs tells whether any cell has one.
func (n *Notebook) HasOutputs() bool {
	return slices.ContainsFunc(n.Cells, func(c Cell) bool { return len(c.Outputs) > 0 })
}

// IsCode tells whether it is a code cell.
func (c *Cell) IsCode() bool { return c.Type == CodeCell }

// HasTag tells whether the cell has the tag.
func (c *Cell) HasTag(tag string) bool { return slices.Contains(c.Tags, tag) }

// IsBlank tells whether there is nothing to run in the cell.
func (c *Cell) IsBlank() bool { return isBlank(c.Source) }

// Skipped tells whether a run leaves the cell out: because it is blank, is tagged so, or holds nbval's comment. The
// runner, which is not written in Go, has the same rule.
func (c *Cell) Skipped() bool { return c.SkipReason() != "" }

// SkipReason says why a run leaves the cell out, empty where it does not.
func (c *Cell) SkipReason() string {
	if c.IsBlank() {
		return "the cell is empty"
	}
	for _, tag := range []string{TagSkipExecution, TagNbvalSkip, TagErrorBanner} {
		if c.HasTag(tag) {
			return "the cell is tagged " + tag
		}
	}
	if nbvalSkip.MatchString(c.Source) {
		return "the cell holds the comment NBVAL_SKIP"
	}
	return ""
}

// nbvalSkip is the comment on a line of its own.
var nbvalSkip = regexp.MustCompile(`(?m)^[ \t]*#+[ \t]*NBVAL_SKIP[ \t]*\r?$`)

// FirstLine is the first line that is not blank, without the white space around it; empty for a blank cell.
func (c *Cell) FirstLine() string {
	for line := range strings.Lines(c.Source) {
		if !isBlank(line) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// isBlank knows the same white space as Python does.
func isBlank(source string) bool {
	return strings.TrimFunc(source, func(r rune) bool {
		return unicode.IsSpace(r) || (r >= 0x1c && r <= 0x1f)
	}) == ""
}
