// Package outputs compares and changes what executed notebooks hold.
package outputs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// process matches what no two processes print alike: addresses, and the names of files that a kernel makes of cells.
var process = regexp.MustCompile(`0x[0-9a-fA-F]{6,16}|/tmp/ipykernel_\d+/\d+\.py|<ipython-input-\d+-[0-9a-f]+>`)

// Differences says how the code cells of two runs of one notebook differ, by the place among the code cells. Nothing is
// forgiven but what no two processes print alike.
func Differences(a, b *nbformat.Notebook) map[int]string {
	found := map[int]string{}
	left, right := a.CodeCells(), b.CodeCells()
	for i := range max(len(left), len(right)) {
		if i >= len(left) || i >= len(right) {
			found[i] = "the cell is in one run only"
		} else if what := differ(left[i], right[i]); what != "" {
			found[i] = what
		}
	}
	return found
}

func differ(a, b *nbformat.Cell) string {
	if number(a.ExecutionCount) != number(b.ExecutionCount) {
		return fmt.Sprintf("execution count %s and %s", number(a.ExecutionCount), number(b.ExecutionCount))
	}
	left, right := pieces(a.Outputs), pieces(b.Outputs)
	if slices.Equal(left, right) {
		return ""
	}
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return fmt.Sprintf("output %d: %s", i, firstDifference(left[i], right[i]))
		}
	}
	return fmt.Sprintf("%d and %d outputs", len(left), len(right))
}

func number(count *int) string {
	if count == nil {
		return "none"
	}
	return fmt.Sprint(*count)
}

// pieces are the outputs as texts: rich ones and errors in order, then each stream as a whole. How a stream is cut into
// messages depends on the clock.
func pieces(all []nbformat.Output) []string {
	var list []string
	streams := map[string]string{}
	for _, output := range all {
		switch output.Type {
		case nbformat.StreamOutput:
			streams[output.Name] += output.Text
		case nbformat.ErrorOutput:
			list = append(list, "error "+output.EName+": "+output.EValue+"\n"+strings.Join(output.Traceback, "\n"))
		default:
			for _, mime := range output.Data.Types() {
				list = append(list, output.Type+" "+mime+" "+output.Data.Text(mime))
			}
		}
	}
	for _, name := range []string{nbformat.Stdout, nbformat.Stderr} {
		if text := streams[name]; text != "" {
			list = append(list, name+" "+text)
		}
	}
	for i := range list {
		list[i] = process.ReplaceAllString(list[i], "<process>")
	}
	return list
}

// firstDifference shows both texts around the place where they part.
func firstDifference(a, b string) string {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	from := max(0, at-20)
	return fmt.Sprintf("%q and %q", a[from:min(len(a), at+30)], b[from:min(len(b), at+30)])
}
