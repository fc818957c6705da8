package main

import (
	"fmt"
	"slices"
	"strings"
)

// document is the Markdown that is made.
type document struct {
	strings.Builder
}

func (d *document) heading(format string, arguments ...any) {
	fmt.Fprintf(d, "## "+format+"\n\n", arguments...)
}

func (d *document) paragraph(format string, arguments ...any) {
	fmt.Fprintf(d, format+"\n\n", arguments...)
}

// list writes lines, or says that there are none.
func (d *document) list(lines []string) {
	if len(lines) == 0 {
		d.paragraph("None.")
		return
	}
	for _, line := range lines {
		fmt.Fprintf(d, "- %s\n", line)
	}
	d.WriteString("\n")
}

// table writes rows of cells; the first is the heading.
func (d *document) table(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for i, row := range rows {
		d.row(row, widths)
		if i == 0 {
			rule := make([]string, len(widths))
			for j, width := range widths {
				rule[j] = strings.Repeat("-", width)
			}
			d.row(rule, widths)
		}
	}
	d.WriteString("\n")
}

func (d *document) row(cells []string, widths []int) {
	for i, cell := range cells {
		cell = strings.ReplaceAll(cell, "|", `\|`)
		fmt.Fprintf(d, "| %s%s ", cell, strings.Repeat(" ", max(0, widths[i]-len([]rune(cell)))))
	}
	d.WriteString("|\n")
}

// share is a part of a whole, also in per cent.
func share(part, whole int) string {
	if whole == 0 {
		return "0 of 0"
	}
	return fmt.Sprintf("%d of %d (%.1f %%)", part, whole, 100*float64(part)/float64(whole))
}

// median of values that are not empty.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
