package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
)

// MaxReportBytes bounds report.json and requirements.lock together: with
// junit.xml and the files that go along they must fit a ConfigMap of one MiB.
const MaxReportBytes = 560 << 10

// Encode returns the report as one line of JSON without a line end.
func Encode(report *Report) ([]byte, error) {
	data, err := encodeJSON(report)
	if err != nil {
		return nil, fmt.Errorf("encode the report: %w", err)
	}
	return data, nil
}

// encodeJSON leaves <, > and & as they are: escaped they need six bytes each.
func encodeJSON(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// limits are how much of a cell's text is kept.
type limits struct{ output, traceback, value, source int }

// step is one try at a smaller report; the cell that failed keeps more than
// the others, because it is what people look for.
type step struct {
	others, failing limits
	validation      validationLimits
}

var (
	generous = limits{output: 16 << 10, traceback: 8 << 10, value: 2 << 10, source: 200}
	steps    = []step{
		{generous, generous, wholeValidation},
		{limits{8 << 10, 4 << 10, 1 << 10, 200}, generous, wholeValidation},
		{limits{2 << 10, 2 << 10, 500, 200}, generous, wholeValidation},
		{limits{500, 500, 200, 200}, generous, withoutExamples},
		{limits{0, 0, 200, 100}, generous, shortDiffs},
		{limits{0, 0, 0, 40}, limits{2 << 10, 4 << 10, 1 << 10, 200}, shortFindings},
		{limits{0, 0, 0, 40}, limits{0, 1 << 10, 300, 100}, shortFindings},
	}
)

// Bound returns the report, shortened so that its JSON and its Lock together
// have at most maxBytes. Texts are shortened first, those of the failed cell
// last. When that is not enough, the least severe findings and the last diffs
// are left out, as long as they need more than half of the room, and then cells
// from the end; OmittedFindings, OmittedDiffs and OmittedCells say how many.
// The list of packages is never shortened: where even so there is no room for
// it, it is left out as a whole, with a note. The same report is always
// shortened in the same way.
func Bound(report *Report, maxBytes int) (*Report, error) {
	bounded, err := boundTexts(report, maxBytes-len(report.Lock()))
	if err == nil || len(report.Requirements) == 0 {
		return bounded, err
	}
	return boundTexts(withoutRequirements(report), maxBytes)
}

func boundTexts(report *Report, maxBytes int) (*Report, error) {
	var shortened *Report
	for _, step := range steps {
		shortened = shortenTexts(report, step)
		if fits(shortened, maxBytes) {
			return shortened, nil
		}
	}
	return boundCells(boundValidation(shortened, maxBytes), maxBytes)
}

// boundCells leaves out as few cells as it can.
func boundCells(report *Report, maxBytes int) (*Report, error) {
	kept := sort.Search(len(report.Cells)+1, func(n int) bool {
		return !fits(omitCells(report, n), maxBytes)
	}) - 1
	if kept < 0 {
		return nil, fmt.Errorf("the report does not fit %d bytes even without its cells", maxBytes)
	}
	return omitCells(report, kept), nil
}

func fits(report *Report, maxBytes int) bool {
	data, err := encodeJSON(report)
	return err == nil && len(data) <= maxBytes
}

func shortenTexts(report *Report, step step) *Report {
	result := *report
	result.Cells = slices.Clone(report.Cells)
	for i := range result.Cells {
		limits := step.others
		if isFailing(report, result.Cells[i]) {
			limits = step.failing
		}
		shortenCell(&result.Cells[i], limits)
	}
	shortenValidation(&result, step.validation)
	return &result
}

func shortenCell(cell *RunCell, limits limits) {
	if len(cell.Output) > limits.output {
		cell.Output, cell.OutputTruncated = keepEnds(cell.Output, limits.output), true
	}
	cell.Source = shorten(cell.Source, limits.source)
	if cell.Error != nil {
		cell.Error = &CellFailure{
			Name:      cell.Error.Name,
			Value:     keepEnds(cell.Error.Value, limits.value),
			Traceback: keepEnds(cell.Error.Traceback, limits.traceback),
		}
	}
}

func isFailing(report *Report, cell RunCell) bool {
	return report.FailedCell != nil && *report.FailedCell == cell.Index
}

// omitCells keeps the first cells and the one that failed.
func omitCells(report *Report, keep int) *Report {
	result := *report
	result.Cells = slices.Clone(report.Cells[:keep])
	for _, cell := range report.Cells[keep:] {
		if isFailing(report, cell) {
			result.Cells = append(result.Cells, cell)
		}
	}
	result.OmittedCells = report.OmittedCells + len(report.Cells) - len(result.Cells)
	return &result
}
