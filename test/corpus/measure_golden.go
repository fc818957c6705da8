package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/golden"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/outputs"
)

// goldenCounts are what the comparison says over the whole corpus.
type goldenCounts struct {
	notebooks, cells   int
	mismatched, random int
	changes, found     int
	noisy, accused     int
	lines              []string
}

// measureGolden compares each notebook with another run of it, with copies of itself in which one number is changed, and
// with a copy that is full of rounding noise.
func (c *corpus) measureGolden(context.Context) error {
	var counts goldenCounts
	for _, one := range c.running() {
		if one.observed.Executed != nil {
			counts.add(one, c.changes, rand.New(rand.NewPCG(uint64(c.seed), 1)))
		}
	}
	c.document.heading("Golden comparison")
	c.document.table([][]string{
		{"what", "number"},
		{"notebooks run twice, strategy tolerance", fmt.Sprint(counts.notebooks)},
		{"cells compared", fmt.Sprint(counts.cells)},
		{"cells that do not match the other run", fmt.Sprint(counts.mismatched)},
		{"of those, said to be random", fmt.Sprint(counts.random)},
		{"numbers changed by 1 %, found", share(counts.found, counts.changes)},
		{"notebooks with noise of 1e-12 in every fraction, accused", share(counts.accused, counts.noisy)},
	})
	c.document.list(counts.lines)
	return nil
}

func (g *goldenCounts) add(one *notebook, changes int, random *rand.Rand) {
	executed, other := one.observed.Executed, one.plain[1].Executed
	g.notebooks++
	result := golden.Compare(executed, other, v1alpha1.ComparisonConfig{})
	g.cells += result.TotalCells
	g.mismatched += result.Mismatched
	for _, diff := range result.Diffs {
		if diff.Random {
			g.random++
		}
		g.say(one, diff.Cell, "does not match the other run: "+diff.Message)
	}
	if !executed.HasOutputs() {
		return
	}
	g.noisy++
	if noise := golden.Compare(executed, outputs.Noise(executed), v1alpha1.ComparisonConfig{}); noise.Mismatched > 0 {
		g.accused++
		g.say(one, noise.Diffs[0].Cell, "noise is taken for a change: "+noise.Diffs[0].Message)
	}
	g.change(one, executed, changes, random)
}

// change changes one number at a time.
func (g *goldenCounts) change(one *notebook, executed *nbformat.Notebook, changes int, random *rand.Rand) {
	places := outputs.Numbers(executed)
	random.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
	for _, place := range places[:min(changes, len(places))] {
		g.changes++
		result := golden.Compare(executed, outputs.Change(executed, place), v1alpha1.ComparisonConfig{})
		if result.Mismatched > 0 {
			g.found++
			continue
		}
		g.lines = append(g.lines, fmt.Sprintf("%s, %s: a change of 1 %% is not found", one.path, place))
	}
}

func (g *goldenCounts) say(one *notebook, cell *int, what string) {
	where := "no cell"
	if cell != nil {
		where = fmt.Sprintf("cell %d", *cell)
	}
	g.lines = append(g.lines, fmt.Sprintf("%s, %s %s", one.path, where, what))
}
