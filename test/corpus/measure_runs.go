package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/judge"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/outputs"
)

// runAll runs every notebook plainly, observed, and plainly again.
func (c *corpus) runAll(ctx context.Context) error {
	return c.each(ctx, "runs", len(c.notebooks), func(ctx context.Context, i, worker int) error {
		return c.runOne(ctx, c.notebooks[i], c.copies[worker])
	})
}

func (c *corpus) runOne(ctx context.Context, one *notebook, folder string) error {
	out, err := c.scratch()
	if err != nil {
		return err
	}
	path := filepath.Join(folder, one.path)
	if one.plain[0], err = c.executor.Plain(ctx, path, filepath.Join(out, "first")); err != nil {
		return fmt.Errorf("%s: %w", one.path, err)
	}
	if one.observed, err = c.executor.Observe(ctx, path, filepath.Join(out, "observed")); err != nil {
		return fmt.Errorf("%s: %w", one.path, err)
	}
	if one.plain[1], err = c.executor.Plain(ctx, path, filepath.Join(out, "second")); err != nil {
		return fmt.Errorf("%s: %w", one.path, err)
	}
	one.problem = problemOf(one.plain[0].Error)
	return nil
}

// outside are exceptions that say that a notebook lacks something on this machine.
var outside = map[*regexp.Regexp]string{
	regexp.MustCompile(`ModuleNotFoundError|ImportError`): "a module is missing",
	regexp.MustCompile(`FileNotFoundError`):               "a file is missing",
	regexp.MustCompile(`URLError|HTTPError|ConnectionError|ConnectTimeout|gaierror|RemoteDisconnected|ProxyError|SSLError`): "no network",
}

func problemOf(exception string) string {
	if exception == "" {
		return ""
	}
	for names, problem := range outside {
		if names.MatchString(exception) {
			return problem
		}
	}
	return "it raises " + exception
}

// reportRuns writes what came of the runs.
func (c *corpus) reportRuns(context.Context) error {
	c.reportNotebooks()
	c.reportVerdicts()
	c.reportDifferences()
	return nil
}

func (c *corpus) reportNotebooks() {
	cells, broken := 0, map[string]int{}
	for _, one := range c.notebooks {
		cells += len(one.observed.Pristine.CodeCells())
		if one.problem != "" {
			broken[one.problem]++
		}
	}
	running, observed, ranCells := c.running(), 0, 0
	for _, one := range running {
		ranCells += len(one.observed.Pristine.CodeCells())
		if one.observed.Run.Observed {
			observed++
		}
	}
	rows := [][]string{
		{"what", "number"},
		{"notebooks", fmt.Sprint(len(c.notebooks))},
		{"code cells", fmt.Sprint(cells)},
		{"notebooks that run here to their end", fmt.Sprint(len(running))},
		{"code cells in those", fmt.Sprint(ranCells)},
		{"of those notebooks, observed", fmt.Sprint(observed)},
	}
	for _, problem := range sortedKeys(broken) {
		rows = append(rows, []string{"cannot run here: " + problem, fmt.Sprint(broken[problem])})
	}
	c.document.heading("Notebooks")
	c.document.table(rows)
}

// reportVerdicts writes what each level says of the notebooks that run.
func (c *corpus) reportVerdicts() {
	running := c.running()
	rows := [][]string{{"level", "fail", "warn", "info", "ok", "failing", "warning"}}
	var lines []string
	for _, level := range v1alpha1.Levels() {
		words, rules := map[string]int{}, map[v1alpha1.Severity]map[string]int{
			v1alpha1.SeverityFailure: {}, v1alpha1.SeverityWarning: {}, v1alpha1.SeverityInfo: {}}
		for _, one := range running {
			verdict := judge.At(level, one.observed)
			words[verdict.Word]++
			for _, finding := range verdict.Findings {
				rules[finding.Severity][finding.Rule]++
				if finding.Severity == v1alpha1.SeverityFailure && level != v1alpha1.LevelProduction {
					lines = append(lines, fmt.Sprintf("%s: %s %s", level, one.path, place(finding)))
				}
			}
		}
		rows = append(rows, []string{string(level), fmt.Sprint(words[judge.Fail]), fmt.Sprint(words[judge.Warn]),
			fmt.Sprint(words[judge.Info]), fmt.Sprint(words[judge.OK]),
			counted(rules[v1alpha1.SeverityFailure]), counted(rules[v1alpha1.SeverityWarning])})
	}
	c.document.heading("Verdicts over the %d notebooks that run", len(running))
	c.document.table(rows)
	c.document.paragraph("Findings that fail, below production:")
	c.document.list(lines)
}

// place says where a finding is; names and rules, nothing of the notebook's text.
func place(finding findings.Finding) string {
	cell := "the notebook"
	if finding.Cell != nil {
		cell = fmt.Sprintf("cell %d", *finding.Cell)
	}
	return fmt.Sprintf("%s %s %s", cell, finding.Rule, finding.Name)
}

func counted(rules map[string]int) string {
	var words []string
	for _, rule := range sortedKeys(rules) {
		words = append(words, fmt.Sprintf("%s %d", rule, rules[rule]))
	}
	return strings.Join(words, ", ")
}

// reportDifferences writes where observing changed a notebook. A cell that differs between two plain runs as well is
// random, and shows nothing.
func (c *corpus) reportDifferences() {
	var lines []string
	random := 0
	for _, one := range c.notebooks {
		if one.observed.Executed == nil {
			lines = append(lines, one.path+": the observed run left no notebook")
			continue
		}
		byChance := outputs.Differences(one.plain[0].Executed, one.plain[1].Executed)
		random += len(byChance)
		found := outputs.Differences(one.plain[0].Executed, one.observed.Executed)
		for _, cell := range sortedKeys(found) {
			if _, also := byChance[cell]; !also {
				lines = append(lines, fmt.Sprintf("%s, code cell %d: %s", one.path, cell, found[cell]))
			}
		}
	}
	c.document.heading("Differences between plain and observed runs")
	c.document.paragraph("Tracebacks, execution counts and outputs of %d notebooks, those that raise included. "+
		"%d cells differ between two plain runs and are left out.", len(c.notebooks), random)
	c.document.list(lines)
}

func sortedKeys[K interface{ ~int | ~string }, V any](of map[K]V) []K {
	var keys []K
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
