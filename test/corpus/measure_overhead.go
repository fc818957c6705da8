package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/execute"
)

// Bounds for a single notebook; it is too slow if it is above both.
const (
	boundPercent = 15.0
	boundSeconds = 0.150
)

// timing is how long one notebook takes, the fastest of some runs each way: whatever else the machine does only adds.
type timing struct {
	path string
	// plain is nbclient alone, bare the product's runner without lint, observer and record of packages, observed with the
	// first two, unobserved with the last, whole with all three; in seconds.
	plain, bare, observed, unobserved, whole float64
	// inside is what the observer says that it took itself, within the cells.
	inside float64
}

// cost is a difference of two times against the plain run.
type cost struct {
	path             string
	seconds, percent float64
}

// measureOverhead runs each notebook each way in turns, one kernel at a time.
func (c *corpus) measureOverhead(ctx context.Context) error {
	running := c.running()
	var timings []timing
	for i, one := range running {
		taken, err := c.timeOne(ctx, one)
		if err != nil {
			return fmt.Errorf("%s: %w", one.path, err)
		}
		timings = append(timings, taken)
		progress("overhead", i+1, len(running))
	}
	c.reportOverhead(timings)
	return nil
}

func (c *corpus) timeOne(ctx context.Context, one *notebook) (timing, error) {
	taken := timing{path: one.path}
	path := filepath.Join(c.copies[0], one.path)
	listing := *c.executor
	listing.Packages = true
	for range c.repeat {
		out, err := c.scratch()
		if err != nil {
			return taken, err
		}
		plain, err := c.executor.Plain(ctx, path, filepath.Join(out, "plain"))
		if err != nil {
			return taken, err
		}
		taken.plain = fastest(taken.plain, plain.Wall)
		for name, way := range map[string]struct {
			run  func(context.Context, string, string) (*execute.Observed, error)
			took *float64
		}{
			"bare":       {c.executor.Unobserved, &taken.bare},
			"observed":   {c.executor.Observe, &taken.observed},
			"unobserved": {listing.Unobserved, &taken.unobserved},
			"whole":      {listing.Observe, &taken.whole},
		} {
			result, err := way.run(ctx, path, filepath.Join(out, name))
			if err != nil {
				return taken, err
			}
			*way.took = fastest(*way.took, result.Wall)
			taken.inside = max(taken.inside, insideCells(result.Run))
		}
	}
	return taken, nil
}

func fastest(before float64, now time.Duration) float64 {
	if before == 0 {
		return now.Seconds()
	}
	return min(before, now.Seconds())
}

func insideCells(run *report.Run) float64 {
	total := 0.0
	for _, cell := range run.Cells {
		if cell.Facts != nil {
			total += cell.Facts.Cost
		}
	}
	return total
}

func (c *corpus) reportOverhead(timings []timing) {
	c.document.heading("Overhead")
	if len(timings) == 0 {
		c.document.paragraph("No notebook runs here.")
		return
	}
	var observer, listing, whole, inside []cost
	total := 0.0
	for _, t := range timings {
		of := func(seconds float64) cost { return cost{t.path, seconds, 100 * seconds / t.plain} }
		observer = append(observer, of(t.observed-t.bare))
		listing = append(listing, of(t.whole-t.unobserved))
		whole = append(whole, of(t.whole-t.plain))
		inside = append(inside, of(t.inside))
		total += t.plain
	}
	c.document.paragraph("The fastest of %d runs each way, in turns, one kernel at a time, from the start of the process to its end. "+
		"Nbclient alone takes %.1f s for the %d notebooks.", c.repeat, total, len(timings))
	c.document.table([][]string{
		{"what is added to nbclient alone", "median %", "median ms", "worst %", "worst ms",
			fmt.Sprintf("above %.0f %% and %.0f ms", boundPercent, 1000*boundSeconds)},
		costRow("lint and observer", observer),
		costRow("of that, within the cells, by the observer's clock", inside),
		costRow("lint and observer, while packages are listed", listing),
		costRow("the whole runner, record of packages included", whole),
	})
	c.document.paragraph("The five notebooks to which lint and observer add most:")
	slices.SortFunc(observer, func(a, b cost) int { return int(1e6 * (b.seconds - a.seconds)) })
	var lines []string
	for _, one := range observer[:min(5, len(observer))] {
		lines = append(lines, fmt.Sprintf("%s: %.0f ms, %.1f %%", one.path, 1000*one.seconds, one.percent))
	}
	c.document.list(lines)
}

func costRow(what string, costs []cost) []string {
	var seconds, percent []float64
	above := 0
	for _, one := range costs {
		seconds, percent = append(seconds, one.seconds), append(percent, one.percent)
		if one.percent > boundPercent && one.seconds > boundSeconds {
			above++
		}
	}
	return []string{what, fmt.Sprintf("%.1f", median(percent)), fmt.Sprintf("%.0f", 1000*median(seconds)),
		fmt.Sprintf("%.1f", slices.Max(percent)), fmt.Sprintf("%.0f", 1000*slices.Max(seconds)), fmt.Sprint(above)}
}
