package golden

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// diffTexts compares two texts of a place, and returns nil if they are the same once they are normalised.
func (r *rules) diffTexts(place, golden, actual string) *Diff {
	if golden == actual {
		return nil
	}
	golden, actual = r.normalise(golden), r.normalise(actual)
	found := r.compareTexts(golden, actual)
	if found == nil {
		return nil
	}
	diff := &Diff{Message: r.describe(place, golden, actual, *found)}
	if advice := r.randomAdvice(golden, actual); advice != "" {
		diff.Random = true
		diff.Message += "; " + advice
	}
	diff.Expected = window(golden, found.expectedAt, MaxDiffBytes)
	diff.Actual = window(actual, found.actualAt, MaxDiffBytes)
	return diff
}

func (r *rules) describe(place, golden, actual string, found difference) string {
	switch {
	case actual == "":
		return fmt.Sprintf("%s is empty, the golden notebook has %s", place, excerpt(golden, 0))
	case golden == "":
		return fmt.Sprintf("%s is empty in the golden notebook, this run has %s", place, excerpt(actual, 0))
	case found.actualAt >= len(actual):
		return fmt.Sprintf("%s ends too early, the golden notebook goes on with %s", place, rest(golden[found.expectedAt:]))
	case found.expectedAt >= len(golden):
		return fmt.Sprintf("%s goes on with %s, where the golden notebook ends", place, rest(actual[found.actualAt:]))
	}
	if line := strings.Count(golden[:found.expectedAt], "\n") + 1; strings.Contains(golden, "\n") {
		place = fmt.Sprintf("%s, line %d", place, line)
	}
	if found.expected == "" {
		return fmt.Sprintf("%s: %s was expected and %s came", place,
			excerpt(golden, found.expectedAt), excerpt(actual, found.actualAt))
	}
	message := fmt.Sprintf("%s: %s was expected and %s came%s", place, shorten(found.expected, 60), shorten(found.actual, 60),
		r.howFar(found.expected, found.actual))
	if found.all > 1 {
		message += fmt.Sprintf("; %d of %d numbers differ", found.differing, found.all)
	}
	return message
}

// howFar says how far two numbers are apart, and what would be near enough.
func (r *rules) howFar(expected, actual string) string {
	if isWhole(expected) && isWhole(actual) && r.numbers {
		return ", whole numbers must be the same"
	}
	relative := relativeDifference(expected, actual)
	if math.IsNaN(relative) {
		return ""
	}
	far := "relative difference " + strconv.FormatFloat(relative, 'g', 2, 64)
	if !r.numbers {
		return fmt.Sprintf(" (%s)", far)
	}
	return fmt.Sprintf(" (%s, allowed is %s)", far, strconv.FormatFloat(r.relative, 'g', -1, 64))
}

// placeOf names an output that is not a stream, counted from 1.
func placeOf(i int, output nbformat.Output) string {
	if output.Type == nbformat.ResultOutput {
		return "the result"
	}
	return fmt.Sprintf("output %d", i+1)
}

func kind(outputType string) string {
	switch outputType {
	case nbformat.ResultOutput:
		return "the value of the last line"
	case nbformat.DisplayOutput:
		return "displayed by a call"
	}
	return quote(outputType)
}

func extraMessage(i int, extra nbformat.Output) string {
	if extra.Type == nbformat.ErrorOutput {
		return fmt.Sprintf("it raised %s, and did not in the golden notebook", quote(extra.EName))
	}
	return placeOf(i, extra) + " is not in the golden notebook"
}

func missingMessage(i int, missing nbformat.Output) string {
	if missing.Type == nbformat.ErrorOutput {
		return fmt.Sprintf("it raised nothing, and %s in the golden notebook", quote(missing.EName))
	}
	return placeOf(i, missing) + " is missing, the golden notebook has it"
}

func errorMessage(place string, golden, actual nbformat.Output) string {
	if actual.Type == nbformat.ErrorOutput {
		return fmt.Sprintf("it raised %s where the golden notebook has %s", quote(actual.EName), place)
	}
	return fmt.Sprintf("it raised nothing, and %s in the golden notebook", quote(golden.EName))
}

// show returns an output as text for people.
func (r *rules) show(output nbformat.Output) string {
	if output.Type == nbformat.ErrorOutput {
		return window(output.EName+": "+r.normalise(output.EValue), 0, MaxDiffBytes)
	}
	forms := textForms(output.Data, output.Data)
	if len(forms) == 0 {
		return strings.Join(output.Data.Types(), "\n")
	}
	return window(r.normalise(formText(output.Data, forms[0])), 0, MaxDiffBytes)
}

func listed(types []string) string {
	if len(types) == 0 {
		return "none"
	}
	return shorten(strings.Join(types, ", "), 200)
}

// excerpt quotes a text from the beginning of the word at a place to the end of its line, shortened.
func excerpt(text string, at int) string {
	start := at
	for start > 0 && at-start < 24 && text[start-1] != '\n' {
		start--
	}
	for start > 0 && start < len(text) && !utf8.RuneStart(text[start]) {
		start++
	}
	line, _, _ := strings.Cut(text[start:], "\n")
	return quote(line)
}

// rest quotes the first line of what is left of a text.
func rest(text string) string { return excerpt(strings.TrimLeft(text, " \n"), 0) }

func quote(text string) string { return strconv.Quote(shorten(strings.TrimSpace(text), 80)) }

// shorten cuts text after at most limit bytes, never inside a character.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	limit -= len("…")
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "…"
}
