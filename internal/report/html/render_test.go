package html

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/report"
)

func TestThePageShowsTheRun(t *testing.T) {
	r, notebook := failingReport(t)
	page := render(t, r, notebook, ample)
	for name, part := range map[string]string{
		"the verdict":            `<p class="stamp">✕ Failed <span class="reason">CellFailed</span></p>`,
		"the way to the cell":    `<a href="#cell-5">Show the cell</a>`,
		"the commit":             r.Commit,
		"what was observed":      "yes: cell 6 did not run",
		"a bar of the timeline":  `<span class="bar failed" style="left: `,
		"a plot":                 `<img src="data:image/png;base64,`,
		"a table in a frame":     `<iframe sandbox="" `,
		"a coloured traceback":   `<span class="f1">KeyError</span>`,
		"a line of a finding":    `<span class="line warning">frame = pd.read_csv(`,
		"a finding in its cell":  `<aside aria-label="Findings in this cell"><article class="finding failure">`,
		"advice":                 `<b>Fix:</b> Say what must be true of the data`,
		"the page of a rule":     `<a href="https://docs.example.com/rules/NONE-MIXED" rel="noopener noreferrer">`,
		"a finding of no cell":   `the notebook does not end with an exit code`,
		"a line that differs":    `<tr class="changed"><td>step one</td><td>step 1</td></tr>`,
		"a line too many":        `<tr class="extra"><td></td><td>step 3</td></tr>`,
		"advice for randomness":  "set a seed",
		"a cell that never ran":  `<span class="status">not run</span>`,
		"a cell that fails":      `<span class="status">ran, but fails the validation</span>`,
		"a heading of a text":    `<p class="heading h1">Revenue by region</p>`,
		"packages":               "<code>numpy==2.3.4</code>",
		"a language for readers": `<html lang="en">`,
	} {
		assert.Contains(t, page, part, name)
	}
	assert.NotContains(t, page, "<script")
	requireWellFormed(t, page)
}

// requireWellFormed wants every element that was begun to be ended, in order.
func requireWellFormed(t *testing.T, page string) {
	t.Helper()
	tokens := html.NewTokenizer(strings.NewReader(page))
	var open []string
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		void := voidElements[token.Data] || token.Data == "meta"
		switch {
		case token.Type == html.StartTagToken && !void:
			open = append(open, token.Data)
		case token.Type == html.EndTagToken:
			require.NotEmpty(t, open)
			require.Equal(t, open[len(open)-1], token.Data)
			open = open[:len(open)-1]
		}
	}
	assert.Empty(t, open)
}

func TestThePageNeedsNoNotebook(t *testing.T) {
	r, _ := failingReport(t)
	r.Cells[0].Output = "printed <b>"
	r.Cells[4].Error = &report.CellFailure{Name: "KeyError", Value: "'profit'"}
	page := render(t, r, nil, ample)
	assert.Contains(t, page, "printed &lt;b&gt;")
	assert.Contains(t, page, "KeyError: &#39;profit&#39;")
	assert.Contains(t, page, "Only the first line is known here.")
	assert.Contains(t, page, `<a href="#cell-5">Show the cell</a>`)
	requireWellFormed(t, page)

	nothing := &report.Report{Verdict: "Failed", Reason: report.ReasonReportInvalid, Message: "the run left no run.json"}
	assert.Contains(t, render(t, nothing, nil, ample), "the run left no run.json")
}

func TestTagsHideWhatTheirAuthorHides(t *testing.T) {
	cases := map[string]struct {
		tags           []string
		source, output bool
	}{
		"none":          {nil, true, true},
		"remove-input":  {[]string{"remove-input"}, false, true},
		"remove-output": {[]string{"remove-output"}, true, false},
		"remove-cell":   {[]string{"remove-cell"}, false, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			notebook := notebookOf(tagged(code("a", "\nthe_source()", printed("stdout", "the output")), test.tags...))
			r := reportOf(notebook)
			r.Cells[0].Source = ""
			r.Findings = []findings.Finding{advice("NONE-MIXED", v1alpha1.SeverityFailure, 0, 1)}
			page := render(t, r, notebook, ample)
			assert.Equal(t, test.source, strings.Contains(page, `<pre class="source"`))
			assert.Equal(t, test.output, strings.Contains(page, "the output"))
			assert.Contains(t, page, "Say what must be true of the data", "what was found is never hidden")
		})
	}
	notebook := notebookOf(tagged(text("hidden words"), "remove-cell"), code("a", "x"))
	assert.NotContains(t, render(t, reportOf(notebook), notebook, ample), "hidden words")
}

func TestFindingsAreBesideTheirCellsThoughParametersWereInjected(t *testing.T) {
	committed := notebookOf(code("", "first()"), code("", "second()"))
	r := reportOf(committed)
	r.Findings = []findings.Finding{advice("NONE-MIXED", v1alpha1.SeverityFailure, 1, 1)}
	executed := notebookOf(tagged(code("", "n = 1"), nbformat.TagInjectedParameters), code("", "first()"), code("", "second()"))
	cells := pageOf(r, executed).Cells
	require.Len(t, cells, 3)
	assert.Empty(t, cells[0].Findings)
	assert.Empty(t, cells[1].Findings)
	assert.Len(t, cells[2].Findings, 1)
	assert.Equal(t, "Cell 1", cells[2].Name, "cells have the numbers of the committed notebook")
}

func TestParametersAreShownAsTextAndSafely(t *testing.T) {
	committed := notebookOf(code("a", "n = 1"))
	r := reportOf(committed)
	assert.NotContains(t, render(t, r, committed, ample), `<table class="parameters">`, "there are none")
	r.Parameters = map[string]any{
		"horizon": json.Number("12"), "code": "12", "<b>": "</code><script>alert(1)</script>\u202e", "long": strings.Repeat("x", 5000),
	}
	page := render(t, r, committed, ample)
	for name, part := range map[string]string{
		"a number":          `<tr><th scope="row"><code>horizon</code></th><td><code>12</code></td></tr>`,
		"a text of digits":  `<code>code</code></th><td><code>&#34;12&#34;</code></td>`,
		"a hostile name":    `<code>&lt;b&gt;</code>`,
		"a hostile value":   `&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;[U&#43;202E]`,
		"a long one is cut": "left out ...]",
		"what not to do":    "never put a password there",
	} {
		assert.Contains(t, page, part, name)
	}
	requireWellFormed(t, page)
}

func TestASkippedCellSaysWhy(t *testing.T) {
	notebook := notebookOf(tagged(code("a", "slow()"), nbformat.TagSkipExecution))
	r := reportOf(notebook)
	r.Cells[0].Status, r.Cells[0].SkipReason = report.CellSkipped, "the cell is tagged skip-execution"
	assert.Contains(t, render(t, r, notebook, ample), `<span class="status">skipped: the cell is tagged skip-execution</span>`)
}

func TestOutputsAreShownInTheirBestForm(t *testing.T) {
	cases := map[string]struct {
		forms        map[string]string
		kind, inText string
	}{
		"a table":                {map[string]string{"text/html": table, "text/plain": "x"}, "frame", ""},
		"a drawing of a script":  {map[string]string{"text/html": "<div></div><script>x</script>", "text/plain": "Figure"}, "result", "needs a script"},
		"a picture and a script": {map[string]string{"text/html": "<script>x</script>", "image/png": plot(t, 4, 4)}, "image", ""},
		"far too much HTML":      {map[string]string{"text/html": "<p>x</p>" + strings.Repeat(" ", maxFrame)}, "result", "is shown as text"},
		"a formula":              {map[string]string{"text/latex": "$x^2$", "text/plain": "x**2"}, "result", ""},
		"a widget":               {map[string]string{"application/vnd.jupyter.widget-view+json": "{}", "text/plain": "Slider"}, "result", "widget"},
		"a script":               {map[string]string{"application/javascript": "x", "text/plain": "<object>"}, "result", "was not run"},
		"a picture that is none": {map[string]string{"image/png": "x", "text/plain": "<Figure>"}, "result", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			shown := valueOutput(bundle(t, test.forms))
			assert.Equal(t, test.kind, shown.Kind)
			if test.inText != "" {
				assert.Contains(t, shown.Note, test.inText)
			}
		})
	}
}

func TestAPageOfManyPiecesIsMadeInTime(t *testing.T) {
	cell := code("a", "print()")
	for range 100_000 {
		cell.Outputs = append(cell.Outputs, printed("stdout", "a line\n"))
	}
	for i := range 5000 {
		cell.Outputs = append(cell.Outputs, printed([]string{"stdout", "stderr"}[i%2], "x"))
	}
	started := time.Now()
	page := render(t, reportOf(notebookOf(cell)), notebookOf(cell), ample)
	assert.Less(t, time.Since(started), 10*time.Second)
	assert.Contains(t, page, "further outputs not shown")
	assert.Less(t, len(page), 300<<10)
}

// largeNotebook has pictures, tables, texts and sources of many sizes.
func largeNotebook(t *testing.T, cells int) (*report.Report, *nbformat.Notebook) {
	t.Helper()
	var all []nbformat.Cell
	for i := range cells {
		all = append(all, code(fmt.Sprintf("c%d", i), strings.Repeat("line()\n", 100),
			value(t, map[string]string{"image/png": plot(t, 100+i, 100), "text/plain": "<Figure>"}),
			value(t, map[string]string{"text/html": "<p>" + strings.Repeat("row ", 500+i) + "</p>", "text/plain": "a table"}),
			printed("stdout", strings.Repeat("printed\n", 1000)),
		))
	}
	notebook := notebookOf(all...)
	r := reportOf(notebook)
	r.Verdict, r.Reason, r.Message = "Failed", report.ReasonSilentFailure, "the message of the verdict"
	for i := range cells {
		r.Findings = append(r.Findings, advice("NB401", v1alpha1.SeverityWarning, i, 1))
	}
	failure := advice("NONE-MIXED", v1alpha1.SeverityFailure, cells-1, 1)
	failure.Message = "the finding that fails"
	r.Findings = append(r.Findings, failure)
	return r, notebook
}

func TestThePageIsBounded(t *testing.T) {
	r, notebook := largeNotebook(t, 60)
	cases := map[string]struct {
		limit                          int
		image, frame, printed, warning bool
	}{
		"everything":           {1000 << 10, true, true, true, true},
		"some images":          {970 << 10, true, true, true, true},
		"no images":            {930 << 10, false, true, true, true},
		"some of the HTML":     {850 << 10, false, true, true, true},
		"shorter outputs":      {545 << 10, false, false, true, true},
		"no outputs":           {285 << 10, false, false, false, true},
		"shorter sources":      {120 << 10, false, false, false, true},
		"the cell that fails":  {15 << 10, false, false, false, true},
		"the verdict, at last": {12 << 10, false, false, false, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			page := render(t, r, notebook, test.limit)
			assert.LessOrEqual(t, len(page), test.limit)
			assert.Greater(t, len(page), test.limit*3/4, "what there is room for is used")
			assert.Contains(t, page, "the message of the verdict")
			assert.Contains(t, page, "the finding that fails")
			assert.Equal(t, test.image, strings.Contains(page, "<img"), "images")
			assert.Equal(t, test.frame, strings.Contains(page, "<iframe"), "frames")
			assert.Equal(t, test.printed, strings.Contains(page, "printed"), "outputs")
			assert.Equal(t, test.warning, strings.Contains(page, "frame is loaded and never checked"), "warnings")
			requireWellFormed(t, page)
		})
	}
}

func TestTheLargestImagesGoFirst(t *testing.T) {
	notebook := notebookOf(code("a", "small", value(t, map[string]string{"image/png": plot(t, 20, 20)})),
		code("b", "large", value(t, map[string]string{"image/png": plot(t, 900, 600), "text/plain": "<Figure>"})))
	whole := len(render(t, reportOf(notebook), notebook, ample))
	page := render(t, reportOf(notebook), notebook, whole-1000)
	assert.Equal(t, 1, strings.Count(page, "<img"))
	assert.Contains(t, page, "was left out: it is in the executed notebook.")
	assert.Contains(t, page, "1 image left out to keep this page small")
	assert.Contains(t, page, "&lt;Figure&gt;", "its text stands in")
}

func TestOfVeryManyFailuresTheFirstOnesStay(t *testing.T) {
	r, notebook := goodReport(t)
	r.Findings = nil
	for i := range 2000 {
		failure := advice("NONE-MIXED", v1alpha1.SeverityFailure, 1, 1)
		failure.Message = fmt.Sprintf("failure number %d.", i)
		r.Findings = append(r.Findings, failure)
	}
	page := render(t, r, notebook, 100<<10)
	assert.LessOrEqual(t, len(page), 100<<10)
	assert.Contains(t, page, "failure number 0.")
	assert.Contains(t, page, "more that fail are in report.json only")
}

func TestRenderSaysWhenNothingHelps(t *testing.T) {
	r, notebook := goodReport(t)
	var out bytes.Buffer
	assert.ErrorContains(t, Render(&out, r, notebook, 100), "100 are allowed")
	assert.Zero(t, out.Len())
}

func TestTheBrowserIsSpared(t *testing.T) {
	cell := code("a", "x")
	for range maxFrames + 5 {
		cell.Outputs = append(cell.Outputs, value(t, map[string]string{"text/html": "<b>x</b>", "text/plain": "x"}))
	}
	notebook := notebookOf(cell)
	page := render(t, reportOf(notebook), notebook, ample)
	assert.Equal(t, maxFrames, strings.Count(page, "<iframe"))
}
