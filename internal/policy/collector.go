package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/expected"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/rules"
)

// MaxFindings bounds what Judge gives; the most severe are kept.
const MaxFindings = 1000

const (
	maxNameRunes    = 100
	maxMessageRunes = 600
)

// remark is a finding before the catalogue, the level and the switches are applied to it.
type remark struct {
	rule string
	// milder is set for the less certain form of the rule.
	milder bool
	// cell is nil for the notebook as a whole.
	cell *Cell
	line int
	name string
	// scope is the function it is in, empty for none; it keeps equal names of two functions apart.
	scope   string
	message string
}

// spot is where a rule was found: at a line, or about a name.
type spot struct {
	rule       string
	cell, line int
	name       string
}

// named is a name that a rule was found about.
type named struct{ rule, name string }

// collector makes findings of remarks and drops what it was told before.
type collector struct {
	config v1alpha1.ValidationConfig
	seen   map[string]bool
	spots  map[spot]bool
	// names are those that each rule was found about, in any cell.
	names map[named]bool
	all   []findings.Finding
}

func newCollector(config v1alpha1.ValidationConfig) *collector {
	return &collector{config: config, seen: map[string]bool{}, spots: map[spot]bool{}, names: map[named]bool{}}
}

func (c *collector) add(r remark) {
	rule, known := rules.Find(r.rule)
	if !known {
		return
	}
	severity := rule.Severity(c.config.Level)
	if r.milder {
		severity = rule.MilderSeverity(c.config.Level)
	}
	if severity == "" || c.repeated(r) {
		return
	}
	finding := rule.Finding(c.strict(severity), on(c.config.EducationalMode))
	finding.Line, finding.Name, finding.Message = max(r.line, 0), clip(r.name, maxNameRunes), clip(r.message, maxMessageRunes)
	c.names[named{r.rule, r.name}] = true
	if r.cell != nil {
		index := r.cell.Index
		finding.Cell, finding.CellID = &index, r.cell.ID
		c.spots[spot{r.rule, index, r.line, ""}], c.spots[spot{r.rule, index, 0, r.name}] = true, true
	}
	c.all = append(c.all, finding)
}

func (c *collector) repeated(r remark) bool {
	index, line := -1, 0
	if r.cell != nil {
		index = r.cell.Index
	}
	if strings.HasPrefix(r.rule, "NB") {
		line = r.line
	}
	key := fmt.Sprintf("%s\x00%d\x00%d\x00%s\x00%s", r.rule, index, line, r.scope, r.name)
	if c.seen[key] {
		return true
	}
	c.seen[key] = true
	return false
}

func (c *collector) strict(severity v1alpha1.Severity) v1alpha1.Severity {
	if c.config.StrictMode && severity == v1alpha1.SeverityWarning {
		return v1alpha1.SeverityFailure
	}
	return severity
}

// addAll adds what was found and made elsewhere, by the same level and switches.
func (c *collector) addAll(all []expected.Mismatch) {
	for _, m := range all {
		r := remark{rule: m.Rule, name: m.Name, scope: m.Expectation, message: m.Message}
		if m.Cell != nil {
			r.cell = &Cell{Index: *m.Cell, ID: m.CellID}
		}
		c.add(r)
	}
}

// at is true if one of the rules was found in that cell at that line or about that name.
func (c *collector) at(cell, line int, name string, ids ...string) bool {
	return slices.ContainsFunc(ids, func(id string) bool {
		return line > 0 && c.spots[spot{id, cell, line, ""}] || name != "" && c.spots[spot{id, cell, 0, name}]
	})
}

// list are the findings in order, the most severe ones where there are too many.
func (c *collector) list() []findings.Finding {
	if len(c.all) > MaxFindings {
		slices.SortStableFunc(c.all, findings.MostSevereFirst)
		c.all = c.all[:MaxFindings]
	}
	slices.SortStableFunc(c.all, func(a, b findings.Finding) int {
		return cmp.Or(findings.InOrderOfCells(a, b), cmp.Compare(a.Line, b.Line), strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Name, b.Name))
	})
	return c.all
}

// clip makes a text that came from a notebook safe to show: printable and bounded.
func clip(text string, limit int) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(text, "?"))
	if runes := []rune(clean); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return clean
}
