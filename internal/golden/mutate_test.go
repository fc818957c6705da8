package golden

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// spot is one number in the outputs of a notebook.
type spot struct {
	cell, output int
	token        token
}

// printed returns the text of an output that is compared.
func printed(output nbformat.Output) string {
	if output.Type == nbformat.StreamOutput {
		return output.Text
	}
	return output.Data.Text("text/plain")
}

// numbersIn finds all numbers that a notebook printed.
func numbersIn(notebook *nbformat.Notebook) []spot {
	var spots []spot
	for i, cell := range notebook.Cells {
		for j, output := range cell.Outputs {
			if output.Type == nbformat.ErrorOutput || output.Name == nbformat.Stderr {
				continue
			}
			reader := lexer{text: printed(output)}
			for t, more := reader.next(); more; t, more = reader.next() {
				if t.number {
					spots = append(spots, spot{i, j, t})
				}
			}
		}
	}
	return spots
}

// replaced returns the notebook with another text in place of one number.
func replaced(t *testing.T, notebook *nbformat.Notebook, at spot, text string) *nbformat.Notebook {
	t.Helper()
	result := *notebook
	result.Cells = slices.Clone(notebook.Cells)
	cell := &result.Cells[at.cell]
	cell.Outputs = slices.Clone(cell.Outputs)
	output := &cell.Outputs[at.output]
	whole := printed(*output)
	whole = whole[:at.token.start] + text + whole[at.token.start+len(at.token.text):]
	if output.Type == nbformat.StreamOutput {
		output.Text = whole
		return &result
	}
	raw, err := json.Marshal(whole)
	require.NoError(t, err)
	output.Data = maps.Clone(output.Data)
	output.Data["text/plain"] = raw
	return &result
}

// scaled prints a number times a factor, as exactly as it was printed.
func scaled(text string, factor float64) string {
	n, _ := numberOf(text)
	mantissa, _, scientific := strings.Cut(strings.ToLower(n.text), "e")
	_, fraction, _ := strings.Cut(mantissa, ".")
	form := byte('f')
	if scientific {
		form = 'e'
	}
	return signed(text, strconv.FormatFloat(n.value*factor, form, len(fraction), 64))
}

// signed gives a number the plus sign that another was printed with.
func signed(like, text string) string {
	if strings.HasPrefix(like, "+") {
		return "+" + text
	}
	return text
}

// isFloat tells whether a number was printed with at least 3 significant digits and is not an integer.
func isFloat(text string) bool {
	n, good := numberOf(text)
	return good && !n.whole && n.unit > 0 && n.significant >= 3 && n.value != 0
}
