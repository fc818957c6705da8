// Package explain is the subcommand explain: it says what a rule is about, without a browser.
package explain

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/rules"
	"mlops.dev/notebook-validator-operator/internal/validate/exitcode"
	"mlops.dev/notebook-validator-operator/internal/validate/nearest"
)

// New returns the subcommand explain.
func New() *cobra.Command {
	list := false
	cmd := &cobra.Command{
		Use:   "explain RULE...",
		Short: "Say why a rule matters and how to keep it",
		Long: "Says for each rule, NB102 for example, why it matters, what to do about it, with a corrected example,\n" +
			"and how severe it is at each level. --list shows all rules.",
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, names []string) error {
			if list {
				return writeList(cmd.OutOrStdout())
			}
			if len(names) == 0 {
				return exitcode.Errorf(exitcode.Unusable, "name a rule, or see all of them with --list")
			}
			return explain(cmd.OutOrStdout(), names)
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "list all rules with their severities")
	return cmd
}

// explain writes all rules or, where one of the names is none, nothing.
func explain(w io.Writer, names []string) error {
	var texts []string
	for _, name := range names {
		rule, err := find(name)
		if err != nil {
			return err
		}
		texts = append(texts, describe(rule))
	}
	_, err := io.WriteString(w, strings.Join(texts, "\n"))
	return err
}

// find takes the name in any case.
func find(name string) (rules.Rule, error) {
	var ids []string
	for _, rule := range rules.All() {
		if strings.EqualFold(rule.ID, name) {
			return rule, nil
		}
		ids = append(ids, rule.ID)
	}
	if meant := nearest.Word(name, ids); meant != "" {
		return rules.Rule{}, exitcode.Errorf(exitcode.Unusable, "there is no rule %s; did you mean %s?", name, meant)
	}
	return rules.Rule{}, exitcode.Errorf(exitcode.Unusable, "there is no rule %s; see all of them with --list", name)
}

func describe(rule rules.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\nWhy: %s\n\nFix: %s\n", rule.ID, rule.Title, rule.Why, rule.Fix)
	if example := strings.Trim(rule.Example, "\n"); example != "" {
		fmt.Fprintf(&b, "\nExample:\n    %s\n", strings.ReplaceAll(example, "\n", "\n    "))
	}
	b.WriteString("\nSeverity:\n")
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	header := []string{"    level"}
	for _, level := range v1alpha1.Levels() {
		header = append(header, string(level))
	}
	fmt.Fprintln(table, strings.Join(header, "\t"))
	fmt.Fprintln(table, "    severity\t"+strings.Join(severities(rule, false), "\t"))
	if rule.Milder != nil {
		fmt.Fprintf(table, "    %s\t%s\n", rule.Milder.When, strings.Join(severities(rule, true), "\t"))
	}
	_ = table.Flush() // it writes into memory
	fmt.Fprintf(&b, "\nSee %s\n", rule.Link())
	return b.String()
}

// severities of a rule at each level, or of its less certain form.
func severities(rule rules.Rule, milder bool) []string {
	var words []string
	for _, level := range v1alpha1.Levels() {
		severity := rule.Severity(level)
		if milder {
			severity = rule.MilderSeverity(level)
		}
		word := strings.ToLower(string(severity))
		if word == "" {
			word = "-"
		}
		words = append(words, word)
	}
	return words
}

func writeList(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	header := []string{"RULE"}
	for _, level := range v1alpha1.Levels() {
		header = append(header, strings.ToUpper(string(level)))
	}
	fmt.Fprintln(table, strings.Join(append(header, "TITLE"), "\t"))
	for _, rule := range rules.All() {
		fmt.Fprintln(table, strings.Join(append(append([]string{rule.ID}, severities(rule, false)...), rule.Title), "\t"))
	}
	return table.Flush()
}
