package golden

import "mlops.dev/notebook-validator-operator/api/v1alpha1"

// Result is what came of a comparison, whole; the status of a job shows the beginning of it.
type Result struct {
	// Strategy that was used.
	Strategy v1alpha1.ComparisonStrategy `json:"strategy"`
	// Verdict is Matched, Mismatched or Failed.
	Verdict v1alpha1.ComparisonVerdict `json:"result"`
	// Message says why a comparison failed, or sums the mismatches up.
	Message string `json:"message"`
	// Commit of the golden notebook, empty where that is not known.
	Commit string `json:"goldenCommit,omitempty"`
	// TotalCells is the number of code cells that were compared, Matched and Mismatched are its parts.
	TotalCells int `json:"totalCells"`
	Matched    int `json:"matchedCells"`
	Mismatched int `json:"mismatchedCells"`
	// Notes are differences that fail nothing: other source, other Markdown.
	Notes []string `json:"notes,omitempty"`
	// Diffs of the cells that did not match, in the order of the notebook.
	Diffs []Diff `json:"diffs,omitempty"`
	// OmittedDiffs is how many were left out to keep a report within its size.
	OmittedDiffs int `json:"omittedDiffs,omitempty"`
}

// Diff is how one code cell differs.
type Diff struct {
	// Cell and GoldenCell count over all cells of the two notebooks from 0; nil where one lacks the cell.
	Cell       *int `json:"cell,omitempty"`
	GoldenCell *int `json:"goldenCell,omitempty"`
	// CellID is the cell's id, possibly empty.
	CellID string `json:"cellID,omitempty"`
	// Message says what differs, in one sentence.
	Message string `json:"message"`
	// Random is set where the difference looks like that of random numbers without a seed.
	Random bool `json:"random,omitempty"`
	// Expected and Actual are the normalised texts of the first output that differs, each at most MaxDiffBytes.
	Expected string `json:"expected,omitempty"`
	Actual   string `json:"actual,omitempty"`
}

// MaxDiffBytes bounds the texts of a diff.
const MaxDiffBytes = 8 << 10
