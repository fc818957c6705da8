package main

import (
	"fmt"
	"strings"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/rules"
)

const (
	notice = "<!-- Generated from internal/rules by make generate. DO NOT EDIT. -->\n"
	// mark ends the generated part of a page; what is below is written by hand.
	mark = "<!-- Everything below is written by hand and stays. -->\n"
)

const introduction = `# Rules

` + notice + `
What a validation can find, and how severe that is at each level. An error that a cell raises, a timeout and a dead kernel fail at
every level and have no rule here. A **failure** makes the validation fail, a **warning** does so in strict mode, an **info** never.
A rule with two rows has a less certain form.
`

var groups = map[rules.Group][2]string{
	rules.GroupLint:   {"Lint", "Read from the source before the run; nothing of the notebook needs to run for it."},
	rules.GroupSilent: {"Silent failures", "Seen while the notebook runs: something failed and raised nothing. `detectSilentFailures: false` switches them off."},
	rules.GroupOutput: {"Expected outputs", "What `expectedOutputs` demand. `checkOutputTypes: false` switches them off."},
	rules.GroupGolden: {"Golden notebook", "Where the job names a golden notebook."},
	rules.GroupPolicy: {"Switches", "Behind a switch of `validationConfig` that is off by default; requirements without a version are always looked for."},
}

// overview is the table of all rules.
func overview() string {
	var page strings.Builder
	page.WriteString(introduction)
	for _, group := range rules.Groups() {
		fmt.Fprintf(&page, "\n## %s\n\n%s\n\n", groups[group][0], groups[group][1])
		page.WriteString("| rule | finds |" + head() + "\n|---|---|" + strings.Repeat("---|", len(v1alpha1.Levels())) + "\n")
		for _, rule := range rules.All() {
			if rule.Group != group {
				continue
			}
			fmt.Fprintf(&page, "| [%s](%s.md) | %s |%s\n", rule.ID, rule.ID, cell(rule.Title), severities(rule.Severity))
			if rule.Milder != nil {
				fmt.Fprintf(&page, "| | where %s |%s\n", cell(rule.Milder.When), severities(rule.MilderSeverity))
			}
		}
	}
	return page.String()
}

// page is that of one rule, with what was written by hand below the mark.
func page(rule rules.Rule, hand string) string {
	var page strings.Builder
	fmt.Fprintf(&page, "# %s: %s\n\n%s\n", rule.ID, rule.Title, notice)
	page.WriteString("| |" + head() + "\n|---|" + strings.Repeat("---|", len(v1alpha1.Levels())) + "\n")
	fmt.Fprintf(&page, "| %s |%s\n", rule.ID, severities(rule.Severity))
	if rule.Milder != nil {
		fmt.Fprintf(&page, "| where %s |%s\n", cell(rule.Milder.When), severities(rule.MilderSeverity))
	}
	fmt.Fprintf(&page, "\n**Why:** %s\n\n**What to do:** %s\n\n```%s\n%s\n```\n\n%s", rule.Why, rule.Fix, language(rule), rule.Example, mark)
	if hand != "" {
		page.WriteString("\n" + hand + "\n")
	}
	return page.String()
}

// written is the hand-written part of a page.
func written(page string) string {
	_, hand, _ := strings.Cut(page, mark)
	return strings.TrimSpace(hand)
}

func head() string {
	var row strings.Builder
	for _, level := range v1alpha1.Levels() {
		fmt.Fprintf(&row, " %s |", level)
	}
	return row.String()
}

func severities(at func(v1alpha1.ValidationLevel) v1alpha1.Severity) string {
	var row strings.Builder
	for _, level := range v1alpha1.Levels() {
		word := strings.ToLower(string(at(level)))
		if word == "failure" {
			word = "**failure**"
		}
		fmt.Fprintf(&row, " %s |", word)
	}
	return row.String()
}

// cell escapes what would end the cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// language of an example, for its colours.
func language(rule rules.Rule) string {
	switch {
	case rule.Group == rules.GroupOutput:
		return "yaml"
	case rule.Group == rules.GroupGolden && strings.HasPrefix(rule.Example, "jupyter"):
		return "sh"
	case rule.ID == "UNPINNED-REQUIREMENT":
		return "text"
	default:
		return "python"
	}
}
