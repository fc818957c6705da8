package golden

import (
	"strings"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// Marks of nbval, as tags and as comments that fill a line.
const (
	tagIgnoreOutput = "nbval-ignore-output"
	tagCheckOutput  = "nbval-check-output"
	tagSkip         = "nbval-skip"
)

var comments = map[string]string{
	"NBVAL_IGNORE_OUTPUT":           tagIgnoreOutput,
	"PYTEST_VALIDATE_IGNORE_OUTPUT": tagIgnoreOutput,
	"NBVAL_CHECK_OUTPUT":            tagCheckOutput,
	"NBVAL_SKIP":                    tagSkip,
}

// looksAt tells whether the outputs of a cell are to be compared. As in nbval, a comment wins over a tag.
func (r *rules) looksAt(cell *nbformat.Cell) bool {
	if cell.Skipped() {
		return false
	}
	looks, skip := !r.markedOnly, false
	for _, mark := range marksOf(cell) {
		switch mark {
		case tagIgnoreOutput:
			looks = false
		case tagCheckOutput:
			looks = true
		case tagSkip:
			skip = true
		}
	}
	return looks && !skip
}

// marksOf lists tags before comments, so that the last word is a comment's.
func marksOf(cell *nbformat.Cell) []string {
	marks := append([]string(nil), cell.Tags...)
	if !strings.Contains(cell.Source, "VAL") {
		return marks
	}
	for line := range strings.Lines(cell.Source) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "#") {
			continue
		}
		if mark, ok := comments[strings.TrimSpace(strings.TrimLeft(line, "#"))]; ok {
			marks = append(marks, mark)
		}
	}
	return marks
}
