package golden

import (
	"slices"
	"strings"
)

// LineKind says how two lines stand side by side.
type LineKind string

// Kinds of lines.
const (
	// LineSame is in both texts.
	LineSame LineKind = "same"
	// LineChanged is another in each text.
	LineChanged LineKind = "changed"
	// LineMissing is in the expected text only.
	LineMissing LineKind = "missing"
	// LineExtra is in the actual text only.
	LineExtra LineKind = "extra"
)

// LinePair is one row of a comparison side by side.
type LinePair struct {
	Kind LineKind `json:"kind"`
	// Expected and Actual are the lines without their ends; empty where there is none.
	Expected string `json:"expected,omitempty"`
	Actual   string `json:"actual,omitempty"`
}

// MaxLines bounds the lines of each text that are put side by side; what follows is left out.
const MaxLines = 2000

// Lines puts two texts side by side, line by line: what they share in one row, and what was changed between in as few
// rows as hold it.
func Lines(expected, actual string) []LinePair {
	left, right := linesOf(expected), linesOf(actual)
	var pairs []LinePair
	i, j := 0, 0
	for _, match := range append(commonSequence(left, right), [2]int{len(left), len(right)}) {
		pairs = append(pairs, sideBySide(left[i:match[0]], right[j:match[1]])...)
		i, j = match[0], match[1]
		if i < len(left) {
			pairs = append(pairs, LinePair{LineSame, left[i], right[j]})
			i, j = i+1, j+1
		}
	}
	return pairs
}

func linesOf(text string) []string {
	if text == "" {
		return nil
	}
	lines := slices.Collect(strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n"))
	return lines[:min(len(lines), MaxLines)]
}

func sideBySide(left, right []string) []LinePair {
	var pairs []LinePair
	for i := range max(len(left), len(right)) {
		switch {
		case i >= len(right):
			pairs = append(pairs, LinePair{Kind: LineMissing, Expected: left[i]})
		case i >= len(left):
			pairs = append(pairs, LinePair{Kind: LineExtra, Actual: right[i]})
		default:
			pairs = append(pairs, LinePair{LineChanged, left[i], right[i]})
		}
	}
	return pairs
}
