package golden

import (
	"encoding/json"
	"fmt"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// notebook makes an executed notebook of code cells.
func notebook(cells ...nbformat.Cell) *nbformat.Notebook {
	n := &nbformat.Notebook{Format: nbformat.Format{Major: 4, Minor: 5}, Language: "python"}
	for i, cell := range cells {
		cell.Index = i
		n.Cells = append(n.Cells, cell)
	}
	return n
}

// code makes a code cell that was run.
func code(id, source string, outputs ...nbformat.Output) nbformat.Cell {
	one := 1
	return nbformat.Cell{Type: nbformat.CodeCell, ID: id, Source: source, Outputs: outputs, ExecutionCount: &one}
}

// only makes a notebook of one cell with the outputs.
func only(outputs ...nbformat.Output) *nbformat.Notebook {
	return notebook(code("a", "f()", outputs...))
}

func tagged(cell nbformat.Cell, tags ...string) nbformat.Cell {
	cell.Tags = tags
	return cell
}

func unrun(cell nbformat.Cell) nbformat.Cell {
	cell.Outputs, cell.ExecutionCount = nil, nil
	return cell
}

func stdout(text string) nbformat.Output {
	return nbformat.Output{Type: nbformat.StreamOutput, Name: nbformat.Stdout, Text: text}
}

func stderr(text string) nbformat.Output {
	return nbformat.Output{Type: nbformat.StreamOutput, Name: nbformat.Stderr, Text: text}
}

func raised(name, value string) nbformat.Output {
	return nbformat.Output{Type: nbformat.ErrorOutput, EName: name, EValue: value, Traceback: []string{name + value}}
}

// result is the value of a cell's last line, in the forms "mime", "text", "mime", "text", ...
func result(forms ...string) nbformat.Output {
	return nbformat.Output{Type: nbformat.ResultOutput, Data: bundle(forms)}
}

func display(forms ...string) nbformat.Output {
	return nbformat.Output{Type: nbformat.DisplayOutput, Data: bundle(forms)}
}

func bundle(forms []string) nbformat.Bundle {
	data := nbformat.Bundle{}
	for i := 0; i < len(forms); i += 2 {
		text := []byte(forms[i+1])
		if !isJSON(forms[i]) {
			text, _ = json.Marshal(forms[i+1])
		}
		data[forms[i]] = text
	}
	return data
}

func plain(text string) nbformat.Output { return result("text/plain", text) }

// many makes a notebook of n cells that print their number.
func many(n int, text string) *nbformat.Notebook {
	var cells []nbformat.Cell
	for i := range n {
		cells = append(cells, code("", fmt.Sprint("f", i), stdout(fmt.Sprint(text, i))))
	}
	return notebook(cells...)
}
