package golden

import (
	"fmt"
	"slices"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// Bounds of a result.
const (
	// MaxDiffs bounds the cells whose difference is told.
	MaxDiffs = 1000
	maxNotes = 50
)

// Failure is the result of a comparison that could not be made.
func Failure(strategy v1alpha1.ComparisonStrategy, message string) Result {
	return Result{Strategy: strategy, Verdict: v1alpha1.ComparisonFailed, Message: message}
}

// comparison is one comparison on its way.
type comparison struct {
	rules  *rules
	result Result
	// counted is unset where the notebook of the run does not say which cells were run.
	counted bool
	notRun  int
	omitted int
}

// Compare holds an executed notebook against the golden one.
func Compare(actual, golden *nbformat.Notebook, config v1alpha1.ComparisonConfig) Result {
	r, err := newRules(config)
	switch {
	case err != nil:
		return Failure(config.Strategy, "comparisonConfig cannot be used: "+err.Error())
	case golden == nil || actual == nil:
		return Failure(r.strategy, "there is no notebook to compare with")
	case !golden.HasOutputs():
		return Failure(r.strategy, "golden was never executed: the golden notebook holds no outputs. Run it, look at what "+
			"comes out, and commit it together with its outputs")
	}
	r.unseeded = drawsUnseeded(actual)
	c := &comparison{rules: r, result: Result{Strategy: r.strategy}, counted: hasCounts(actual) || !actual.HasOutputs()}
	pairs := align(actual, golden)
	for _, pair := range pairs {
		c.compare(pair)
	}
	c.noteOrder(pairs)
	c.noteMarkdown(actual, golden)
	return c.close()
}

func hasCounts(notebook *nbformat.Notebook) bool {
	return slices.ContainsFunc(notebook.CodeCells(), func(cell *nbformat.Cell) bool { return cell.ExecutionCount != nil })
}

func (c *comparison) compare(p pair) {
	switch {
	case p.actual == nil:
		c.alone(p.golden, Diff{Message: "the cell is missing, the golden notebook has it: " + quote(p.golden.FirstLine())}, p)
		return
	case p.golden == nil:
		c.alone(p.actual, Diff{Message: "the cell is not in the golden notebook: " + quote(p.actual.FirstLine())}, p)
		return
	case p.actual.Source != p.golden.Source:
		c.note(fmt.Sprintf("cell %d has another source than in the golden notebook", p.actual.Index))
	}
	switch {
	case !c.rules.looksAt(p.actual) || p.golden.Skipped():
	case c.wasNotRun(p.actual):
		c.notRun++
	default:
		c.count(c.rules.compareCells(p.actual, p.golden), p)
	}
}

// alone is for a cell without a partner.
func (c *comparison) alone(cell *nbformat.Cell, diff Diff, p pair) {
	if !c.rules.looksAt(cell) {
		c.note(fmt.Sprintf("cell %d is in one of the notebooks only, and is not compared", cell.Index))
		return
	}
	c.count(&diff, p)
}

// wasNotRun tells whether a run ended before it came to the cell.
func (c *comparison) wasNotRun(cell *nbformat.Cell) bool {
	return c.counted && cell.ExecutionCount == nil && len(cell.Outputs) == 0
}

func (c *comparison) count(diff *Diff, p pair) {
	c.result.TotalCells++
	if diff == nil {
		c.result.Matched++
		return
	}
	c.result.Mismatched++
	if len(c.result.Diffs) >= MaxDiffs {
		c.result.OmittedDiffs++
		return
	}
	if p.golden != nil {
		diff.GoldenCell, diff.CellID = place(p.golden), p.golden.ID
	}
	if p.actual != nil {
		diff.Cell, diff.CellID = place(p.actual), p.actual.ID
	}
	c.result.Diffs = append(c.result.Diffs, *diff)
}

func place(cell *nbformat.Cell) *int {
	index := cell.Index
	return &index
}

func (c *comparison) note(text string) {
	if len(c.result.Notes) >= maxNotes {
		c.omitted++
		return
	}
	c.result.Notes = append(c.result.Notes, text)
}

// noteOrder tells of cells that were moved.
func (c *comparison) noteOrder(pairs []pair) {
	last := -1
	for _, p := range pairs {
		if p.actual == nil || p.golden == nil {
			continue
		}
		if p.golden.Index < last {
			c.note(fmt.Sprintf("cell %d stands at another place than in the golden notebook", p.actual.Index))
		}
		last = p.golden.Index
	}
}

func (c *comparison) noteMarkdown(actual, golden *nbformat.Notebook) {
	if !slices.Equal(markdown(actual), markdown(golden)) {
		c.note("the Markdown text is not the golden notebook's")
	}
}

func markdown(notebook *nbformat.Notebook) []string {
	var texts []string
	for _, cell := range notebook.Cells {
		if cell.Type == nbformat.MarkdownCell {
			texts = append(texts, cell.Source)
		}
	}
	return texts
}

// close sums up.
func (c *comparison) close() Result {
	if c.notRun > 0 {
		c.note(fmt.Sprintf("%s not compared: the run ended before", cellsWere(c.notRun)))
	}
	if c.omitted > 0 {
		c.result.Notes = append(c.result.Notes, fmt.Sprintf("%d more notes were left out", c.omitted))
	}
	r := &c.result
	switch {
	case r.TotalCells == 0:
		r.Verdict, r.Message = v1alpha1.ComparisonFailed, c.nothing()
	case r.Mismatched == 0:
		r.Verdict = v1alpha1.ComparisonMatched
		r.Message = fmt.Sprintf("%d of %d compared cells match the golden notebook", r.Matched, r.TotalCells)
	default:
		r.Verdict = v1alpha1.ComparisonMismatched
		r.Message = fmt.Sprintf("%d of %d compared cells differ from the golden notebook", r.Mismatched, r.TotalCells)
	}
	return *r
}

// nothing says why no cell was compared, which is no pass.
func (c *comparison) nothing() string {
	switch {
	case c.notRun > 0:
		return "nothing was compared: the run ended before the first cell that is compared"
	case c.rules.markedOnly:
		return "nothing was compared: markedOnly is set, and no cell that ran is tagged " + tagCheckOutput +
			" or has the comment # NBVAL_CHECK_OUTPUT"
	}
	return "nothing was compared: every code cell is empty, skipped, or tagged to be left out"
}

func cellsWere(count int) string {
	if count == 1 {
		return "1 cell was"
	}
	return fmt.Sprintf("%d cells were", count)
}
