package html

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/report"
)

// maxBars bounds the timeline; the slowest cells of a longer notebook are in it.
const maxBars = 400

// maxParameters bounds the table of parameters, maxParameter one value in it; report.json has them whole.
const maxParameters, maxParameter = 100, 200

// parametersOf writes the values as JSON, so that a text "1" differs from a number.
func parametersOf(r *report.Report) []fact {
	var parameters []fact
	for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
		if len(parameters) == maxParameters {
			break
		}
		var value strings.Builder
		encoder := json.NewEncoder(&value)
		encoder.SetEscapeHTML(false) // the template escapes
		if err := encoder.Encode(r.Parameters[name]); err != nil {
			continue
		}
		parameters = append(parameters, fact{visible(cut(name, maxParameter)), visible(cut(strings.TrimSuffix(value.String(), "\n"), maxParameter)), true})
	}
	return parameters
}

func packagesOf(r *report.Report) []fact {
	var packages []fact
	for _, name := range slices.Sorted(maps.Keys(r.Packages)) {
		packages = append(packages, fact{visible(name), visible(r.Packages[name]), true})
	}
	for _, line := range r.Requirements {
		packages = append(packages, fact{"", visible(line), true})
	}
	return packages
}

// timelineOf shows the cells that ran, one after the other.
func timelineOf(cells []*cell) []bar {
	total := 0.0
	var ran []*cell
	for _, c := range cells {
		if c.ran {
			total += c.seconds
			ran = append(ran, c)
		}
	}
	shown := slowest(ran)
	var bars []bar
	before := 0.0
	for _, c := range ran {
		if shown[c] {
			bars = append(bars, bar{
				Anchor: c.Anchor, Label: fmt.Sprintf("%s %s", c.Name, c.firstLine), Class: c.Class, Duration: secondsText(c.seconds),
				Left: percent(before, total), Width: percent(c.seconds, total),
			})
		}
		before += c.seconds
	}
	return bars
}

func slowest(cells []*cell) map[*cell]bool {
	order := slices.Clone(cells)
	slices.SortStableFunc(order, func(a, b *cell) int {
		switch {
		case a.seconds > b.seconds:
			return -1
		case a.seconds < b.seconds:
			return 1
		}
		return 0
	})
	shown := map[*cell]bool{}
	for _, c := range order[:min(len(order), maxBars)] {
		shown[c] = true
	}
	return shown
}

func percent(part, whole float64) string {
	if whole <= 0 {
		return "0%"
	}
	return fmt.Sprintf("%.2f%%", 100*part/whole)
}

// places finds the cell that a finding is about.
type places struct {
	byID    map[string]*cell
	byIndex map[int]*cell
}

func placesOf(cells []*cell) places {
	result := places{map[string]*cell{}, map[int]*cell{}}
	for _, c := range cells {
		if c.id != "" {
			result.byID[c.id] = c
		}
		if c.index >= 0 {
			result.byIndex[c.index] = c
		}
	}
	return result
}

// find trusts the id first: it stays when a cell is inserted.
func (p places) find(id string, index *int) *cell {
	if c := p.byID[id]; id != "" && c != nil {
		return c
	}
	if index == nil {
		return nil
	}
	return p.byIndex[*index]
}
