// Package findings is what a validation tells people: places, severities and advice.
package findings

import (
	"cmp"
	"slices"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// Finding is one thing that was found. Every text of it is safe to show: it holds names, types and counts, and no value
// of the user's data beyond one number.
type Finding struct {
	// Rule is its id, for example NB102 or NONE-MIXED.
	Rule string `json:"rule"`
	// Severity at the level of the validation.
	Severity v1alpha1.Severity `json:"severity"`
	// Cell counts over all cells of the notebook from 0; nil for the notebook as a whole.
	Cell *int `json:"cell,omitempty"`
	// CellID is the cell's id.
	CellID string `json:"cellID,omitempty"`
	// Line inside the cell, from 1; 0 where no line is meant.
	Line int `json:"line,omitempty"`
	// Name is the variable, callee or exception that it is about, possibly empty.
	Name string `json:"name,omitempty"`
	// Message says what was found, in one sentence.
	Message string `json:"message"`
	// Why it matters.
	Why string `json:"why,omitempty"`
	// Fix says what to do.
	Fix string `json:"fix,omitempty"`
	// Example is a short corrected example, empty without educational mode.
	Example string `json:"example,omitempty"`
	// Link to the page of the rule.
	Link string `json:"link,omitempty"`
}

// severities from the mildest on.
var severities = []v1alpha1.Severity{v1alpha1.SeverityInfo, v1alpha1.SeverityWarning, v1alpha1.SeverityFailure}

// Rank is the greater the more severe a severity is; it is negative for one that does not exist.
func Rank(severity v1alpha1.Severity) int { return slices.Index(severities, severity) }

// MostSevereFirst compares two findings for sorting.
func MostSevereFirst(a, b Finding) int { return cmp.Compare(Rank(b.Severity), Rank(a.Severity)) }

// InOrderOfCells compares two findings for sorting; those of the notebook as a whole stand before those of its cells.
func InOrderOfCells(a, b Finding) int { return cmp.Compare(place(a), place(b)) }

func place(f Finding) int {
	if f.Cell == nil {
		return -1
	}
	return *f.Cell
}

// Failures counts those that make a validation fail.
func Failures(all []Finding) int { return count(all, v1alpha1.SeverityFailure) }

// Warnings counts those that do not, but should be looked at.
func Warnings(all []Finding) int { return count(all, v1alpha1.SeverityWarning) }

func count(all []Finding, severity v1alpha1.Severity) int {
	n := 0
	for _, f := range all {
		if f.Severity == severity {
			n++
		}
	}
	return n
}
