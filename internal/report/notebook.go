package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// MaxNotebookBytes bounds the notebook that is read; the runner has the same
// bound.
const MaxNotebookBytes = 64 << 20

// Notebook is what a verdict needs to know of the pristine notebook.
type Notebook struct {
	// Format is the version of the file's format.
	Format NBFormat
	// Code holds the code cells in order.
	Code []CodeCell
}

// CodeCell is one code cell of the pristine notebook.
type CodeCell struct {
	// Index counts all cells of the notebook, from 0.
	Index int
	// ID is the cell's own id, empty if it has none that can be used.
	ID string
	// Source is the first line that is not blank, empty for an empty cell.
	Source string
	// Skip is set when the cell is empty or tagged skip-execution.
	Skip bool
	// Raises is set when the cell is tagged raises-exception.
	Raises bool
}

// object is a JSON object whose values are looked at one by one, so that a
// surprise in one field does not spoil the others.
type object map[string]json.RawMessage

var cellID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// ParseNotebook reads a notebook as forgivingly as Jupyter does: only what
// decides which cells there are must be right.
func ParseNotebook(data []byte) (*Notebook, error) {
	if len(data) > MaxNotebookBytes {
		return nil, fmt.Errorf("the notebook is larger than %d MiB", MaxNotebookBytes>>20)
	}
	var top object
	if err := json.Unmarshal(tolerateNaN(bytes.TrimPrefix(data, []byte("\ufeff"))), &top); err != nil {
		return nil, fmt.Errorf("the notebook is not a JSON object: %w", err)
	}
	notebook := &Notebook{}
	if json.Unmarshal(top["nbformat"], &notebook.Format.Major) != nil {
		return nil, errors.New("the notebook names no nbformat version")
	}
	if minor, ok := top["nbformat_minor"]; ok && json.Unmarshal(minor, &notebook.Format.Minor) != nil {
		return nil, errors.New("the notebook's nbformat_minor is not a number")
	}
	cells, err := listCells(top, notebook.Format.Major)
	if err != nil {
		return nil, err
	}
	notebook.Code, err = codeCells(cells)
	return notebook, err
}

// listCells returns all cells; format 3 keeps them in worksheets.
func listCells(top object, major int) ([]object, error) {
	var cells []object
	switch major {
	case 4:
		if json.Unmarshal(top["cells"], &cells) != nil || cells == nil {
			return nil, errors.New("the notebook has no list of cells")
		}
		return cells, nil
	case 3:
		var sheets []struct {
			Cells []object `json:"cells"`
		}
		if json.Unmarshal(top["worksheets"], &sheets) != nil {
			return nil, errors.New("the notebook has no list of worksheets")
		}
		for _, sheet := range sheets {
			cells = append(cells, sheet.Cells...)
		}
		return cells, nil
	}
	return nil, fmt.Errorf("the notebook has format %d; formats 3 and 4 can be read", major)
}

func codeCells(cells []object) ([]CodeCell, error) {
	var code []CodeCell
	seen := map[string]bool{}
	for index, cell := range cells {
		if text(cell["cell_type"]) != "code" {
			continue
		}
		source, err := sourceOf(cell)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", index, err)
		}
		line, tags := firstLine(source), tagsOf(cell)
		entry := CodeCell{
			Index:  index,
			Source: line,
			Skip:   isBlank(source) || slices.Contains(tags, "skip-execution"),
			Raises: slices.Contains(tags, "raises-exception"),
		}
		if id := text(cell["id"]); cellID.MatchString(id) && !seen[id] {
			entry.ID, seen[id] = id, true
		}
		code = append(code, entry)
	}
	return code, nil
}

// sourceOf returns the source, a string or a list of lines; format 3 calls it
// input.
func sourceOf(cell object) (string, error) {
	raw, ok := cell["source"]
	if !ok {
		raw, ok = cell["input"]
	}
	if !ok {
		return "", nil
	}
	var lines []string
	if json.Unmarshal(raw, &lines) == nil {
		return strings.Join(lines, ""), nil
	}
	var whole string
	if json.Unmarshal(raw, &whole) != nil {
		return "", errors.New("its source is not text")
	}
	return whole, nil
}

func tagsOf(cell object) []string {
	var metadata object
	var items []json.RawMessage
	if json.Unmarshal(cell["metadata"], &metadata) != nil || json.Unmarshal(metadata["tags"], &items) != nil {
		return nil
	}
	var tags []string
	for _, item := range items {
		tags = append(tags, text(item))
	}
	return tags
}

func text(raw json.RawMessage) string {
	var value string
	if json.Unmarshal(raw, &value) != nil {
		return ""
	}
	return value
}

func firstLine(source string) string {
	for line := range strings.Lines(source) {
		if !isBlank(line) {
			return oneLine(line, 200)
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

// tolerateNaN makes null of the numbers NaN, Infinity and -Infinity, which
// Python writes into notebooks and JSON does not know.
func tolerateNaN(data []byte) []byte {
	if !bytes.Contains(data, []byte("NaN")) && !bytes.Contains(data, []byte("Infinity")) {
		return data
	}
	result := make([]byte, 0, len(data))
	inString := false
	for i := 0; i < len(data); i++ {
		switch {
		case inString && data[i] == '\\' && i+1 < len(data):
			result = append(result, data[i])
			i++
		case data[i] == '"':
			inString = !inString
		case !inString:
			if word := notANumber(data[i:]); word > 0 {
				result = append(result, "null"...)
				i += word - 1
				continue
			}
		}
		result = append(result, data[i])
	}
	return result
}

func notANumber(data []byte) int {
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(data, []byte(word)) {
			return len(word)
		}
	}
	return 0
}
