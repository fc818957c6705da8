package outputs

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

const plainText = "text/plain"

var (
	numeral = regexp.MustCompile(`-?\d+(\.\d+)?([eE][-+]?\d+)?`)
	// unstable lines hold times and addresses, which no two runs share and no comparison counts.
	unstable = regexp.MustCompile(`0x[0-9a-f]|±|per loop|CPU times|Wall time|it/s|\d:\d\d|<`)
)

// Place is one number in the outputs of a notebook.
type Place struct {
	cell, output int
	// from and to are its bytes in the text of the output.
	from, to int
}

// String says where it is.
func (p Place) String() string {
	return fmt.Sprintf("cell %d, output %d, byte %d", p.cell, p.output, p.from)
}

// Numbers finds the numbers in what cells printed and displayed: whole tokens, outside of names, dates, times and
// addresses.
func Numbers(notebook *nbformat.Notebook) []Place {
	var places []Place
	for c := range notebook.Cells {
		for o := range notebook.Cells[c].Outputs {
			for _, at := range numbersIn(textOf(&notebook.Cells[c].Outputs[o])) {
				places = append(places, Place{cell: c, output: o, from: at[0], to: at[1]})
			}
		}
	}
	return places
}

func textOf(output *nbformat.Output) string {
	switch {
	case output.Type == nbformat.StreamOutput && output.Name == nbformat.Stdout && !strings.ContainsAny(output.Text, "\r\b\x1b"):
		return output.Text
	case output.Data.Has(plainText):
		return output.Data.Text(plainText)
	}
	return ""
}

func numbersIn(text string) [][]int {
	var found [][]int
	start := 0
	for line := range strings.Lines(text) {
		if !unstable.MatchString(line) {
			for _, at := range numeral.FindAllStringIndex(line, -1) {
				if standsAlone(line, at[0], at[1]) {
					found = append(found, []int{start + at[0], start + at[1]})
				}
			}
		}
		start += len(line)
	}
	return found
}

// standsAlone tells whether a number is not a part of something longer, such as a name, a date or a version.
func standsAlone(line string, from, to int) bool {
	const sticky = "_-/.:%abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	before := from == 0 || !strings.ContainsRune(sticky, rune(line[from-1]))
	after := to >= len(line) || !strings.ContainsRune(sticky, rune(line[to]))
	// The point at the end of "1." belongs to the number; changed or not, it stays.
	if to < len(line) && line[to] == '.' {
		after = to+1 >= len(line) || !strings.ContainsRune(sticky, rune(line[to+1]))
	}
	return before && after
}

// Change returns a copy of the notebook in which the number at a place is one per cent larger, an integer by at least
// one, and zero one.
func Change(notebook *nbformat.Notebook, place Place) *nbformat.Notebook {
	return rewrite(notebook, func(cell, output int, text string) string {
		if cell != place.cell || output != place.output {
			return text
		}
		return text[:place.from] + onePerCentMore(text[place.from:place.to]) + text[place.to:]
	})
}

func onePerCentMore(token string) string {
	value, err := strconv.ParseFloat(token, 64)
	switch {
	case err != nil || value == 0:
		return "1"
	case !strings.ContainsAny(token, ".eE"):
		step := math.Copysign(max(1, math.Round(math.Abs(value)/100)), value)
		return strconv.FormatFloat(value+step, 'f', 0, 64)
	}
	return strconv.FormatFloat(value*1.01, 'g', -1, 64)
}

// Noise returns a copy of the notebook in which every number with a fraction is larger by one part in 10^12.
func Noise(notebook *nbformat.Notebook) *nbformat.Notebook {
	return rewrite(notebook, func(_, _ int, text string) string {
		places := numbersIn(text)
		for _, at := range slices.Backward(places) {
			token := text[at[0]:at[1]]
			value, err := strconv.ParseFloat(token, 64)
			if err == nil && strings.ContainsAny(token, ".eE") {
				text = text[:at[0]] + strconv.FormatFloat(value*(1+1e-12), 'g', -1, 64) + text[at[1]:]
			}
		}
		return text
	})
}

func rewrite(notebook *nbformat.Notebook, change func(cell, output int, text string) string) *nbformat.Notebook {
	result := *notebook
	result.Cells = slices.Clone(notebook.Cells)
	for c := range result.Cells {
		result.Cells[c].Outputs = slices.Clone(result.Cells[c].Outputs)
		for o := range result.Cells[c].Outputs {
			output := &result.Cells[c].Outputs[o]
			text := textOf(output)
			if changed := change(c, o, text); changed != text {
				setText(output, changed)
			}
		}
	}
	return &result
}

func setText(output *nbformat.Output, text string) {
	if output.Type == nbformat.StreamOutput {
		output.Text = text
		return
	}
	encoded, _ := json.Marshal(text) // a string always has a JSON form
	data := nbformat.Bundle{}
	for mime, raw := range output.Data {
		data[mime] = raw
	}
	data[plainText] = encoded
	output.Data = data
}
