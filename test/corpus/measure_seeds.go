package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/execute"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/judge"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/seeding"
)

// sighting is what became of one seeded fault.
type sighting struct {
	fault seeding.Fault
	// found are rules of findings that at least warn at level development, in the seeded cells.
	found []string
	// broken says that the seeded cells did not run to their end, so that nothing can be found in them.
	broken string
}

// measureSeeds seeds faults into every notebook that runs, and counts how many are found.
func (c *corpus) measureSeeds(ctx context.Context) error {
	hosts, problems, err := c.hosts(ctx)
	if err != nil {
		return err
	}
	folder := filepath.Join(c.work, "seeded")
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	faults, err := c.seeder.Seed(ctx, hosts, c.seed, c.perHost, folder)
	if err != nil {
		return err
	}
	sightings := make([]sighting, len(faults))
	err = c.each(ctx, "seeded faults", len(faults), func(ctx context.Context, i, worker int) error {
		var err error
		sightings[i], err = c.look(ctx, faults[i], folder, c.copies[worker])
		return err
	})
	if err != nil {
		return err
	}
	c.document.heading("Seeded faults")
	c.document.paragraph("Seed %d, %d faults in %d notebooks. Found means: a finding that at least warns at level development, "+
		"in the cell that holds the fault, and not there without it.", c.seed, len(faults), len(hosts))
	c.reportSightings(sightings)
	c.document.list(problems)
	return nil
}

// hosts surveys the notebooks that run.
func (c *corpus) hosts(ctx context.Context) ([]*seeding.Host, []string, error) {
	running := c.running()
	found, problems := make([]*seeding.Host, len(running)), make([]string, len(running))
	err := c.each(ctx, "surveys", len(running), func(ctx context.Context, i, worker int) error {
		one := running[i]
		out, err := c.scratch()
		if err != nil {
			return err
		}
		found[i], err = c.seeder.Survey(ctx, one.name(), filepath.Join(c.copies[worker], one.path), out, c.timeout)
		if err != nil {
			problems[i] = err.Error()
		}
		return nil
	})
	isNil := func(host *seeding.Host) bool { return host == nil }
	isEmpty := func(text string) bool { return text == "" }
	return slices.DeleteFunc(found, isNil), slices.DeleteFunc(problems, isEmpty), err
}

// look runs a seeded notebook beside its host and looks for the fault.
func (c *corpus) look(ctx context.Context, fault seeding.Fault, seeded, folder string) (sighting, error) {
	result := sighting{fault: fault}
	host := c.hostOf(fault)
	data, err := os.ReadFile(filepath.Join(seeded, fault.Notebook))
	if err != nil {
		return result, err
	}
	path := filepath.Join(folder, filepath.Dir(host.path), fault.Notebook)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return result, err
	}
	defer os.Remove(path)
	out, err := c.scratch()
	if err != nil {
		return result, err
	}
	defer os.RemoveAll(out)
	run, err := c.executor.Observe(ctx, path, out)
	if err != nil {
		return result, fmt.Errorf("%s: %w", fault.Notebook, err)
	}
	result.broken = brokenIn(run, fault)
	result.found = newRules(run, host.observed, fault)
	return result, nil
}

func (c *corpus) hostOf(fault seeding.Fault) *notebook {
	i := slices.IndexFunc(c.notebooks, func(one *notebook) bool { return one.name() == fault.Host })
	return c.notebooks[i]
}

// brokenIn tells how a seeded cell ended if not well.
func brokenIn(run *execute.Observed, fault seeding.Fault) string {
	for _, cell := range run.Run.Cells {
		if slices.Contains(fault.Cells, cell.Index) && cell.Status != report.CellOK {
			problem := fmt.Sprintf("%s, the run ended %s %s", cell.Status, run.Run.Outcome, run.Run.Detail)
			if cell.Error != nil {
				problem += " " + cell.Error.Name + " " + cell.Error.Value
			}
			return problem
		}
	}
	return ""
}

// newRules are those of findings that at least warn, in the seeded cells. What is found in the host as well, in a cell
// that code was spliced into, is no finding of the fault.
func newRules(run, host *execute.Observed, fault seeding.Fault) []string {
	known := map[string]bool{}
	if fault.Mode == "spliced" {
		for _, finding := range judge.At(v1alpha1.LevelDevelopment, host).Findings {
			known[finding.Rule+" "+finding.Name] = true
		}
	}
	var rules []string
	for _, finding := range judge.At(v1alpha1.LevelDevelopment, run).Findings {
		if isIn(finding, fault.Cells) && finding.Severity != v1alpha1.SeverityInfo && !known[finding.Rule+" "+finding.Name] &&
			!slices.Contains(rules, finding.Rule) {
			rules = append(rules, finding.Rule)
		}
	}
	return rules
}

func isIn(finding findings.Finding, cells []int) bool {
	return finding.Cell != nil && slices.Contains(cells, *finding.Cell)
}

// tally counts faults and those found.
type tally struct{ all, found int }

func (t *tally) add(found bool) {
	t.all++
	if found {
		t.found++
	}
}

func (c *corpus) reportSightings(sightings []sighting) {
	byKind, byPlace, ends := map[string]*tally{}, map[string]*tally{}, map[bool]*tally{}
	var missed []string
	for _, one := range sightings {
		fault := one.fault
		if one.broken != "" {
			missed = append(missed, fmt.Sprintf("%s, %v: the seeded code did not run: %s", fault.Notebook, fault.Cells, one.broken))
			continue
		}
		found := len(one.found) > 0
		count(byKind, fault.Kind).add(found)
		count(byPlace, fault.Place).add(found)
		count(ends, fault.Inside()).add(found)
		switch {
		case !found:
			missed = append(missed, describe(fault)+": not found")
		case !slices.ContainsFunc(one.found, func(rule string) bool { return slices.Contains(fault.Rules, rule) }):
			missed = append(missed, fmt.Sprintf("%s: found as %s", describe(fault), strings.Join(one.found, ", ")))
		}
	}
	rows := [][]string{{"where", "found"}}
	for _, inside := range []bool{false, true} {
		name := map[bool]string{false: "**at the top level**", true: "**inside functions, methods and attributes**"}[inside]
		rows = append(rows, []string{name, count(ends, inside).String()})
	}
	c.document.table(append(rows, tallyRows(byPlace)...))
	c.document.table(append([][]string{{"kind", "found"}}, tallyRows(byKind)...))
	c.document.paragraph("Not found, or found as something else:")
	slices.Sort(missed)
	c.document.list(missed)
}

func describe(fault seeding.Fault) string {
	return fmt.Sprintf("%s (%s), %s, %s, in %s cells %v", fault.Kind, fault.Variant, fault.Place, fault.Mode, fault.Notebook, fault.Cells)
}

// String is the share that was found.
func (t *tally) String() string { return share(t.found, t.all) }

func count[K comparable](of map[K]*tally, key K) *tally {
	if of[key] == nil {
		of[key] = &tally{}
	}
	return of[key]
}

func tallyRows(of map[string]*tally) [][]string {
	var rows [][]string
	for _, key := range sortedKeys(of) {
		rows = append(rows, []string{key, of[key].String()})
	}
	return rows
}
