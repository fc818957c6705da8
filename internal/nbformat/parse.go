package nbformat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Bounds of what is read.
const (
	// MaxBytes bounds the file; the runner has the same bound.
	MaxBytes = 64 << 20
	// MaxCells bounds the cells.
	MaxCells = 100_000
	// MaxOutputs bounds the outputs of all cells together.
	MaxOutputs = 200_000
)

var cellID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Parse reads a notebook file.
func Parse(data []byte) (*Notebook, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("the notebook is larger than %d MiB", MaxBytes>>20)
	}
	var top Object
	if err := json.Unmarshal(tolerateNaN(bytes.TrimPrefix(data, []byte("\ufeff"))), &top); err != nil {
		return nil, fmt.Errorf("the notebook is not a JSON object: %w", err)
	}
	notebook := &Notebook{Metadata: objectOf(top["metadata"])}
	if json.Unmarshal(top["nbformat"], &notebook.Format.Major) != nil {
		return nil, errors.New("the notebook names no nbformat version")
	}
	if minor, ok := top["nbformat_minor"]; ok && json.Unmarshal(minor, &notebook.Format.Minor) != nil {
		return nil, errors.New("the notebook's nbformat_minor is not a number")
	}
	notebook.readKernel()
	return notebook, notebook.readCells(top)
}

func (n *Notebook) readKernel() {
	spec := objectOf(n.Metadata["kernelspec"])
	n.KernelName = textOf(spec["name"])
	n.Language = textOf(spec["language"])
	if n.Language == "" {
		n.Language = textOf(objectOf(n.Metadata["language_info"])["name"])
	}
	n.Language = strings.ToLower(n.Language)
}

// readCells finds the cells; format 3 keeps them in worksheets.
func (n *Notebook) readCells(top Object) error {
	reader := cellReader{notebook: n, seen: map[string]bool{}}
	switch n.Format.Major {
	case 4:
		return reader.list(top["cells"], "the notebook has no list of cells")
	case 3:
		isList, err := each(top["worksheets"], func(sheet json.RawMessage) error {
			cells, ok := objectOf(sheet)["cells"]
			if !ok {
				return nil
			}
			return reader.list(cells, "a worksheet of the notebook has no list of cells")
		})
		if !isList {
			return errors.New("the notebook has no list of worksheets")
		}
		return err
	}
	return fmt.Errorf("the notebook has format %d; formats 3 and 4 can be read", n.Format.Major)
}

// cellReader adds cells to a notebook.
type cellReader struct {
	notebook *Notebook
	// seen are the ids that are taken.
	seen map[string]bool
	// outputs read so far.
	outputs int
}

func (r *cellReader) list(cells json.RawMessage, notOne string) error {
	isList, err := each(cells, func(raw json.RawMessage) error {
		index := len(r.notebook.Cells)
		if index >= MaxCells {
			return fmt.Errorf("the notebook has more than %d cells", MaxCells)
		}
		cell, err := r.cell(index, raw)
		if err != nil {
			return fmt.Errorf("cell %d: %w", index, err)
		}
		r.notebook.Cells = append(r.notebook.Cells, cell)
		return nil
	})
	if !isList {
		return errors.New(notOne)
	}
	return err
}

func (r *cellReader) cell(index int, raw json.RawMessage) (Cell, error) {
	fields := objectOf(raw)
	if fields == nil {
		return Cell{}, errors.New("it is not an object")
	}
	cell := Cell{Index: index, Type: textOf(fields["cell_type"]), Metadata: objectOf(fields["metadata"])}
	cell.ID = r.ownID(index, textOf(fields["id"]))
	cell.Tags = tagsOf(cell.Metadata)
	source, err := sourceOf(fields)
	if err != nil && cell.IsCode() {
		return Cell{}, err
	}
	cell.Source = source
	if !cell.IsCode() {
		return cell, nil
	}
	cell.ExecutionCount = countOf(fields["execution_count"], fields["prompt_number"])
	_, err = each(fields["outputs"], func(raw json.RawMessage) error {
		if r.outputs++; r.outputs > MaxOutputs {
			return fmt.Errorf("the notebook has more than %d outputs", MaxOutputs)
		}
		if fields := objectOf(raw); fields != nil {
			cell.Outputs = append(cell.Outputs, outputOf(fields))
		}
		return nil
	})
	return cell, err
}

// ownID returns the id if it can be used. The runner names every other cell after its place; a cell that has such a
// name of its own, but later, does not keep it there, and so not here.
func (r *cellReader) ownID(index int, id string) string {
	if cellID.MatchString(id) && !r.seen[id] {
		r.seen[id] = true
		return id
	}
	name := "cell-" + strconv.Itoa(index)
	for r.seen[name] {
		name += "-x"
	}
	r.seen[name] = true
	return ""
}

// sourceOf returns the source, a string or a list of lines; format 3 calls it input.
func sourceOf(cell Object) (string, error) {
	raw, ok := cell["source"]
	if !ok {
		raw, ok = cell["input"]
	}
	if !ok {
		return "", nil
	}
	source, ok := joined(raw)
	if !ok {
		return "", errors.New("its source is not text")
	}
	return source, nil
}

func tagsOf(metadata Object) []string {
	var tags []string
	// What is no list of tags is none.
	_, _ = each(metadata["tags"], func(raw json.RawMessage) error {
		if tag := textOf(raw); tag != "" {
			tags = append(tags, tag)
		}
		return nil
	})
	return tags
}

// countOf returns the first that is a number.
func countOf(candidates ...json.RawMessage) *int {
	for _, raw := range candidates {
		var count *int
		if json.Unmarshal(raw, &count) == nil && count != nil {
			return count
		}
	}
	return nil
}
