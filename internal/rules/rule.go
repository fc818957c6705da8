// Package rules is the catalogue of everything that a validation can find: what each rule is called, why it matters, what
// to do about it and how severe it is at each level. It judges nothing; internal/policy does.
package rules

import (
	"slices"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
)

// DocsBase is where the page of each rule is, seen from the root of the project; put the project's address in front of it
// once there is one.
const DocsBase = "docs/rules/"

// Group says which part of the validation a rule belongs to.
type Group string

// Groups of rules, in the order of the documentation.
const (
	// GroupLint rules read the source before the run.
	GroupLint Group = "lint"
	// GroupSilent rules look for failures that raised no error.
	GroupSilent Group = "silent"
	// GroupOutput rules compare values with expectedOutputs.
	GroupOutput Group = "output"
	// GroupGolden rules compare outputs with a golden notebook.
	GroupGolden Group = "golden"
	// GroupPolicy rules stand behind a switch of validationConfig or judge the run as a whole.
	GroupPolicy Group = "policy"
)

// Groups are all of them, in the order of the documentation.
func Groups() []Group {
	return []Group{GroupLint, GroupSilent, GroupOutput, GroupGolden, GroupPolicy}
}

// Levels hold one severity for each level, from learning to production; an empty one is no finding.
type Levels [4]v1alpha1.Severity

// Rule is one thing that a validation can find.
type Rule struct {
	// ID is its name, for example NB102 or NONE-MIXED.
	ID string
	// Group it belongs to.
	Group Group
	// Title is a short phrase without a full stop.
	Title string
	// Why it matters, in one or two sentences.
	Why string
	// Fix says what to do.
	Fix string
	// Example is a short corrected example.
	Example string
	// Levels are its severities.
	Levels Levels
	// Milder is set where one rule has a less certain form with severities of its own.
	Milder *Milder
}

// Milder is the less certain form of a rule.
type Milder struct {
	// When says what makes it less certain.
	When string
	// Levels are its severities.
	Levels Levels
}

// Severity of the rule at a level; an empty level is development. Empty means no finding.
func (r Rule) Severity(level v1alpha1.ValidationLevel) v1alpha1.Severity {
	return r.Levels.at(level)
}

// MilderSeverity is that of the less certain form, which is the rule's own where it has only one form.
func (r Rule) MilderSeverity(level v1alpha1.ValidationLevel) v1alpha1.Severity {
	if r.Milder == nil {
		return r.Severity(level)
	}
	return r.Milder.Levels.at(level)
}

// Finding is one of this rule, without its place and message; educational adds the example.
func (r Rule) Finding(severity v1alpha1.Severity, educational bool) findings.Finding {
	finding := findings.Finding{Rule: r.ID, Severity: severity, Why: r.Why, Fix: r.Fix, Link: r.Link()}
	if educational {
		finding.Example = r.Example
	}
	return finding
}

// Link to the page of the rule.
func (r Rule) Link() string { return DocsBase + r.ID + ".md" }

func (l Levels) at(level v1alpha1.ValidationLevel) v1alpha1.Severity {
	i := slices.Index(v1alpha1.Levels(), level)
	if i < 0 {
		i = slices.Index(v1alpha1.Levels(), v1alpha1.LevelDevelopment)
	}
	return l[i]
}

// All rules, by group and in the order of the catalogue.
func All() []Rule { return slices.Clone(catalogue) }

// Find the rule of that id.
func Find(id string) (Rule, bool) {
	rule, found := byID[id]
	return rule, found
}

var catalogue = slices.Concat(lintRules, callRules, silentNone, silentNumbers, silentRun, outputRules, goldenRules, policyRules)

var byID = index(catalogue)

func index(all []Rule) map[string]Rule {
	byID := make(map[string]Rule, len(all))
	for _, rule := range all {
		byID[rule.ID] = rule
	}
	return byID
}

const (
	info    = v1alpha1.SeverityInfo
	warning = v1alpha1.SeverityWarning
	failure = v1alpha1.SeverityFailure
)

// The confidence of a silent failure makes its severities.
var (
	high   = Levels{warning, failure, failure, failure}
	medium = Levels{info, warning, failure, failure}
	low    = Levels{info, info, info, info}
	// always is for what the user asked for in so many words.
	always = Levels{failure, failure, failure, failure}
)
