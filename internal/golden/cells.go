package golden

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// leftOut begins the text that the runner writes in place of outputs that are too large for the executed notebook.
const leftOut = "output left out: the executed notebook would be too large"

// compareCells returns how a cell of the run differs from its partner in the golden notebook, nil if it does not.
func (r *rules) compareCells(actual, golden *nbformat.Cell) *Diff {
	if isLeftOut(actual) || isLeftOut(golden) {
		if isLeftOut(actual) && isLeftOut(golden) {
			return &Diff{Message: "the outputs are too large to be kept in either notebook, so they cannot be compared: print less"}
		}
		return &Diff{Message: "the outputs are too large to be kept in one of the notebooks, so they cannot be compared: print less"}
	}
	if r.counts && !sameCount(actual.ExecutionCount, golden.ExecutionCount) {
		return &Diff{
			Message:  "the execution count differs: the cells were run in another order, or one more than once",
			Expected: countText(golden.ExecutionCount), Actual: countText(actual.ExecutionCount),
		}
	}
	a, g := r.outputsOf(actual), r.outputsOf(golden)
	if diff := r.compareStreams(a, g); diff != nil {
		return diff
	}
	return r.compareValues(a.values, g.values)
}

func isLeftOut(cell *nbformat.Cell) bool {
	return len(cell.Outputs) == 1 && cell.Outputs[0].Name == nbformat.Stderr && strings.HasPrefix(cell.Outputs[0].Text, leftOut)
}

func sameCount(a, b *int) bool {
	return a == b || (a != nil && b != nil && *a == *b)
}

func countText(count *int) string {
	if count == nil {
		return "In [ ]"
	}
	return fmt.Sprintf("In [%d]", *count)
}

func (r *rules) compareStreams(actual, golden outputs) *Diff {
	names := map[string]bool{}
	for name := range actual.streams {
		names[name] = true
	}
	for name := range golden.streams {
		names[name] = true
	}
	// Backward, so that stdout comes before stderr.
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(names))) {
		if diff := r.diffTexts(name, golden.streams[name], actual.streams[name]); diff != nil {
			return diff
		}
	}
	return nil
}

func (r *rules) compareValues(actual, golden []nbformat.Output) *Diff {
	for i := range min(len(actual), len(golden)) {
		if diff := r.compareValue(placeOf(i, golden[i]), golden[i], actual[i]); diff != nil {
			return diff
		}
	}
	switch {
	case len(actual) > len(golden):
		extra := actual[len(golden)]
		return &Diff{Message: extraMessage(len(golden), extra), Actual: r.show(extra)}
	case len(actual) < len(golden):
		missing := golden[len(actual)]
		return &Diff{Message: missingMessage(len(actual), missing), Expected: r.show(missing)}
	}
	return nil
}

// compareValue compares two outputs that are not streams.
func (r *rules) compareValue(place string, golden, actual nbformat.Output) *Diff {
	isError := golden.Type == nbformat.ErrorOutput
	switch {
	case isError != (actual.Type == nbformat.ErrorOutput):
		return &Diff{Message: errorMessage(place, golden, actual), Expected: r.show(golden), Actual: r.show(actual)}
	case isError && golden.EName != actual.EName:
		return &Diff{
			Message:  fmt.Sprintf("the error is %s, and %s in the golden notebook", quote(actual.EName), quote(golden.EName)),
			Expected: r.show(golden), Actual: r.show(actual),
		}
	case isError:
		return r.diffTexts("the message of the "+golden.EName, golden.EValue, actual.EValue)
	case r.strategy == v1alpha1.StrategyExact:
		return r.compareExactly(place, golden, actual)
	}
	if diff := r.compareImages(place, golden.Data, actual.Data); diff != nil {
		return diff
	}
	return r.compareForms(place, golden.Data, actual.Data)
}

// compareExactly wants the same type and every form the same.
func (r *rules) compareExactly(place string, golden, actual nbformat.Output) *Diff {
	if golden.Type != actual.Type {
		return &Diff{Message: fmt.Sprintf("%s is %s, and %s in the golden notebook", place, kind(actual.Type), kind(golden.Type)),
			Expected: r.show(golden), Actual: r.show(actual)}
	}
	if diff := otherForms(place, golden.Data.Types(), actual.Data.Types()); diff != nil {
		return diff
	}
	for _, mime := range golden.Data.Types() {
		if isImage(mime) {
			continue
		}
		if diff := r.diffTexts(place+" as "+mime, golden.Data.Text(mime), actual.Data.Text(mime)); diff != nil {
			return diff
		}
	}
	return r.compareImages(place, golden.Data, actual.Data)
}

func (r *rules) compareImages(place string, golden, actual nbformat.Bundle) *Diff {
	kinds := images(golden)
	if diff := otherForms(place, kinds, images(actual)); diff != nil {
		return diff
	}
	if r.images != v1alpha1.ImagesExact {
		return nil
	}
	for _, mime := range kinds {
		if withoutSpace(golden.Text(mime)) != withoutSpace(actual.Text(mime)) {
			return &Diff{Message: fmt.Sprintf("%s is another image (%s); where small differences of drawing do not matter, "+
				"set comparisonConfig.images to presence", place, mime)}
		}
	}
	return nil
}

// withoutSpace undoes the line breaks that base64 may or may not have.
func withoutSpace(text string) string { return strings.Join(strings.Fields(text), "") }

func otherForms(place string, golden, actual []string) *Diff {
	if slices.Equal(golden, actual) {
		return nil
	}
	return &Diff{
		Message:  fmt.Sprintf("%s has other forms than in the golden notebook: %s instead of %s", place, listed(actual), listed(golden)),
		Expected: strings.Join(golden, "\n"), Actual: strings.Join(actual, "\n"),
	}
}

// typeOnly is a text that names the type of a value and says nothing about it: another form decides, where there is one.
var typeOnly = regexp.MustCompile(`^<[\w.]+ (?:object|at 0x[0-9a-fA-F]+|object at 0x[0-9a-fA-F]+)>$`)

// compareForms compares one form, the best of those that both have.
func (r *rules) compareForms(place string, golden, actual nbformat.Bundle) *Diff {
	forms := textForms(golden, actual)
	if len(forms) == 0 {
		return otherForms(place, withoutImages(golden), withoutImages(actual))
	}
	best := forms[0]
	if best == "text/plain" && len(forms) > 1 && typeOnly.MatchString(golden.Text(best)) && typeOnly.MatchString(actual.Text(best)) {
		best = forms[1]
	}
	if best != "text/plain" {
		place += " as " + best
	}
	return r.diffTexts(place, formText(golden, best), formText(actual, best))
}

func withoutImages(data nbformat.Bundle) []string {
	return slices.DeleteFunc(data.Types(), isImage)
}
