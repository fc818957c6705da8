package html

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"
	"time"

	goimage "image"

	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/golden"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/report"
)

// ample is room for every page of these tests.
const ample = 8 << 20

func pointer[T any](value T) *T { return &value }

func raw(t testing.TB, value any) json.RawMessage {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	return data
}

func bundle(t testing.TB, forms map[string]string) nbformat.Bundle {
	t.Helper()
	result := nbformat.Bundle{}
	for mime, text := range forms {
		result[mime] = raw(t, text)
	}
	return result
}

func value(t testing.TB, forms map[string]string) nbformat.Output {
	t.Helper()
	return nbformat.Output{Type: nbformat.ResultOutput, Data: bundle(t, forms)}
}

func printed(name, text string) nbformat.Output {
	return nbformat.Output{Type: nbformat.StreamOutput, Name: name, Text: text}
}

func code(id, source string, outputs ...nbformat.Output) nbformat.Cell {
	return nbformat.Cell{Type: nbformat.CodeCell, ID: id, Source: source, Outputs: outputs, ExecutionCount: pointer(1)}
}

func tagged(cell nbformat.Cell, tags ...string) nbformat.Cell {
	cell.Tags = tags
	return cell
}

func text(source string) nbformat.Cell {
	return nbformat.Cell{Type: nbformat.MarkdownCell, Source: source}
}

// notebookOf numbers the cells.
func notebookOf(cells ...nbformat.Cell) *nbformat.Notebook {
	run := 0
	for i := range cells {
		cells[i].Index = i
		if cells[i].ExecutionCount != nil {
			run++
			cells[i].ExecutionCount = pointer(run)
		}
	}
	return &nbformat.Notebook{Format: nbformat.Format{Major: 4, Minor: 5}, Language: "python", Cells: cells}
}

// reportOf makes a report in which every code cell passed.
func reportOf(notebook *nbformat.Notebook) *report.Report {
	started := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	r := &report.Report{
		SchemaVersion: report.SchemaVersion,
		Verdict:       "Passed",
		Reason:        report.ReasonPassed,
		Notebook:      "analysis/revenue.ipynb",
		URL:           "https://git.example.com/team/notebooks.git",
		Ref:           "main",
		Commit:        strings.Repeat("0123456789", 4),
		Image:         "registry.example.com/team/image@sha256:" + strings.Repeat("ab", 32),
		Kernel:        &report.Kernel{Name: "python3", Language: "python", DisplayName: "Python 3 (ipykernel)"},
		Python:        "3.11.2",
		Packages:      map[string]string{"nbclient": "0.7.2", "ipykernel": "6.17.0"},
		Requirements:  []string{"numpy==2.3.4", "pandas==2.3.3"},
		StartedAt:     &started,
		FinishedAt:    &started,
		Level:         v1alpha1.LevelStaging,
		Observed:      true,
	}
	for i, cell := range notebook.CodeCells() {
		r.Cells = append(r.Cells, report.RunCell{
			Index: cell.Index, ID: cell.ID, Status: report.CellOK, Seconds: 0.1 + float64(i*i)/5, Source: cell.FirstLine(),
		})
		r.Seconds += 0.1 + float64(i*i)/5
	}
	r.Counts = report.Counts{Total: len(r.Cells), Passed: len(r.Cells)}
	r.Message = "every code cell ran without an error"
	return r
}

// plot draws a curve, so that a page has a picture to show.
func plot(t testing.TB, width, height int) string {
	t.Helper()
	picture := goimage.NewRGBA(goimage.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			picture.Set(x, y, color.White)
		}
		y := height/2 - int(float64(height)/3*math.Sin(float64(x)/40))
		for thick := range 4 {
			picture.Set(x, y+thick, color.RGBA{31, 119, 180, 255})
		}
		picture.Set(x, height-20, color.Black)
	}
	var encoded bytes.Buffer
	require.NoError(t, png.Encode(&encoded, picture))
	return base64.StdEncoding.EncodeToString(encoded.Bytes())
}

const table = `<div><style scoped>.dataframe tbody tr th { vertical-align: top; }</style><table border="1" class="dataframe">
<thead><tr style="text-align: right;"><th></th><th>region</th><th>revenue</th></tr></thead>
<tbody><tr><th>0</th><td>north</td><td style="background-color: #cfe8d4">1204.50</td></tr>
<tr><th>1</th><td>south</td><td>987.25</td></tr></tbody></table><p>2 rows × 2 columns</p></div>`

func goodNotebook(t testing.TB) *nbformat.Notebook {
	t.Helper()
	return notebookOf(
		text("# Revenue by region\n\nReads the **monthly** figures and shows `revenue`:\n\n- north\n- south\n\n```python\nload()\n```"),
		code("load", "import pandas as pd\n\nframe = pd.read_csv(\"revenue.csv\")\nassert not frame.empty\nframe",
			value(t, map[string]string{"text/plain": "  region  revenue\n0  north  1204.50", "text/html": table})),
		code("train", "for step in range(3):\n    print(f\"step {step}\")", printed("stdout", "step 0\nstep 1\nstep 2\n"),
			printed("stderr", "\x1b[33mwarning:\x1b[0m the old name is deprecated\n")),
		code("plot", "frame.plot()", value(t, map[string]string{"text/plain": "<Axes: >", "image/png": plot(t, 640, 320)})),
		tagged(code("secret", "setup_style()"), tagRemoveInput),
	)
}

func goodReport(t testing.TB) (*report.Report, *nbformat.Notebook) {
	t.Helper()
	notebook := goodNotebook(t)
	r := reportOf(notebook)
	r.SetValidation(report.Validation{
		Level: v1alpha1.LevelStaging, Observed: true,
		Findings: []findings.Finding{advice("NB401", v1alpha1.SeverityInfo, 1, 3)},
		Comparison: &golden.Result{
			Strategy: v1alpha1.StrategyTolerance, Verdict: v1alpha1.ComparisonMatched, TotalCells: 4, Matched: 4,
			Commit: strings.Repeat("fedcba9876", 4), Notes: []string{"the source of cell 2 changed"},
		},
	})
	return r, notebook
}

func advice(rule string, severity v1alpha1.Severity, cell, line int) findings.Finding {
	return findings.Finding{
		Rule: rule, Severity: severity, Cell: &cell, Line: line, Name: "frame",
		Message: "frame is loaded and never checked",
		Why:     "A file of the wrong month has the same columns: nothing would tell.",
		Fix:     "Say what must be true of the data, right after it was loaded.",
		Example: "frame = pd.read_csv(\"revenue.csv\")\nassert len(frame) > 0 and frame[\"revenue\"].notna().all()",
		Link:    "https://docs.example.com/rules/" + rule,
	}
}

const tracebackText = "\x1b[31m---------------------------------------------------------------------------\x1b[39m\n" +
	"\x1b[31mKeyError\x1b[39m                                  Traceback (most recent call last)\n" +
	"\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[4]\x1b[39m\x1b[32m, line 1\x1b[39m\n" +
	"\x1b[32m----> \x1b[39m\x1b[32m1\x1b[39m \x1b[43mframe\x1b[49m\x1b[43m[\x1b[49m\x1b[33;43m\"profit\"\x1b[39;49m]\x1b[38;5;28;01m.sum\x1b[39;00m()\n\n\x1b[31mKeyError\x1b[39m: 'profit'"

func failingReport(t testing.TB) (*report.Report, *nbformat.Notebook) {
	t.Helper()
	notebook := goodNotebook(t)
	failing := code("profit", "total = frame[\"profit\"].sum()\ntotal / 0", nbformat.Output{
		Type: nbformat.ErrorOutput, EName: "KeyError", EValue: "'profit'", Traceback: strings.Split(tracebackText, "\n"),
	})
	rest := code("never", "save(total)")
	rest.ExecutionCount = nil
	notebook = notebookOf(append(notebook.Cells, failing, rest)...)
	r := reportOf(notebook)
	failedCell, last := 5, len(r.Cells)-1
	r.Verdict, r.Reason, r.FailedCell = "Failed", report.ReasonCellFailed, &failedCell
	r.Message = "cell 5 raised KeyError: 'profit': correct the cell, then restart the kernel and run all cells to see that it holds"
	r.Cells[last-1].Status, r.Cells[last].Status = report.CellError, report.CellNotRun
	r.Counts = report.Counts{Total: 6, Passed: 4, Failed: 1, NotRun: 1}
	none := advice("NONE-MIXED", v1alpha1.SeverityFailure, 2, 2)
	none.Message = "load() returned None at the end of this cell: it returns a frame elsewhere"
	r.SetValidation(report.Validation{
		Level: v1alpha1.LevelStaging, Observed: true, ObservedDetail: "cell 6 did not run",
		Findings: []findings.Finding{
			none,
			advice("NB401", v1alpha1.SeverityWarning, 1, 3),
			{Rule: "NO-ASSERTION", Severity: v1alpha1.SeverityWarning, Message: "the notebook holds no check", Fix: "Add an assert."},
			{Rule: "EXPLICIT-EXIT", Severity: v1alpha1.SeverityFailure, Message: "the notebook does not end with an exit code"},
		},
		Comparison: &golden.Result{
			Strategy: v1alpha1.StrategyTolerance, Verdict: v1alpha1.ComparisonMismatched, TotalCells: 4, Matched: 3, Mismatched: 1,
			Message: "1 of 4 cells differs",
			Diffs: []golden.Diff{{
				Cell: pointer(2), GoldenCell: pointer(2), CellID: "train", Message: "line 2 of the text differs", Random: true,
				Expected: "step 0\nstep one\nstep 2\n", Actual: "step 0\nstep 1\nstep 2\nstep 3\n",
			}},
		},
	})
	return r, notebook
}

func render(t testing.TB, r *report.Report, notebook *nbformat.Notebook, limit int) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Render(&out, r, notebook, limit))
	return out.String()
}
