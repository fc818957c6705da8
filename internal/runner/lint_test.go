package runner_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// expectation is what a line of a case says of itself: "x = x.sort()  #! NB301 x".
var expectation = regexp.MustCompile(`\s*#! (NB\d+)(?: (\S+))?\s*$`)

// lintCase is one notebook of testdata/lint/rules with the findings it must give.
type lintCase struct {
	name string
	rule string
	source
	want []string
}

// The cases are written as code, one file for each rule, so that they can be read. "## name" begins a case, "# %%" a
// cell, and "#! RULE name" at the end of a line says what must be found there; that mark is no part of the notebook.
func TestLintFindsWhatTheRulesSay(t *testing.T) {
	cases := lintCases(t)
	notebooks := make([]source, 0, len(cases))
	for _, c := range cases {
		notebooks = append(notebooks, c.source)
	}
	analyses := analyse(t, notebooks)
	for i, c := range cases {
		t.Run(c.rule+"/"+c.name, func(t *testing.T) {
			require.True(t, analyses[i].Done, analyses[i].Detail)
			found := []string{}
			for _, finding := range analyses[i].Lint {
				if finding.Rule == c.rule || c.rule == "quiet" {
					found = append(found, written(finding))
				}
			}
			assert.Equal(t, c.want, found)
		})
	}
}

func TestEveryRuleHasRightAndWrongCases(t *testing.T) {
	right, wrong := map[string]int{}, map[string]int{}
	for _, c := range lintCases(t) {
		if len(c.want) == 0 {
			right[c.rule]++
		} else {
			wrong[c.rule]++
		}
	}
	for _, rule := range strings.Fields("NB001 NB101 NB102 NB103 NB104 NB105 NB106 NB107 NB201 NB202 NB203 NB204 " +
		"NB301 NB302 NB303 NB304 NB305 NB306 NB401 NB402") {
		assert.Positive(t, right[rule], "%s: no notebook that is right", rule)
		assert.GreaterOrEqual(t, wrong[rule], 2, "%s: too few notebooks that are wrong", rule)
	}
}

func written(finding facts.Lint) string {
	cell := "notebook"
	if finding.Cell != nil {
		cell = fmt.Sprint(*finding.Cell)
	}
	return strings.TrimSpace(fmt.Sprintf("%s@%s:%d %s", finding.Rule, cell, finding.Line, finding.Name))
}

func lintCases(t *testing.T) []lintCase {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "lint", "rules", "*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var cases []lintCase
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		rule := strings.TrimSuffix(filepath.Base(file), ".txt")
		for _, text := range strings.Split("\n"+string(data), "\n## ")[1:] {
			cases = append(cases, readCase(rule, text))
		}
	}
	return cases
}

func readCase(rule, text string) lintCase {
	title, code, _ := strings.Cut(text, "\n")
	c := lintCase{rule: rule, want: []string{}}
	if mark := expectation.FindStringSubmatch(title); mark != nil {
		c.want = append(c.want, mark[1]+"@notebook:0")
		title = expectation.ReplaceAllString(title, "")
	}
	c.name, c.Tags, _ = strings.Cut(title, " tags=")
	for index, cell := range cellsOf(code) {
		lines := strings.Split(cell, "\n")
		for number, line := range lines {
			if mark := expectation.FindStringSubmatch(line); mark != nil {
				c.want = append(c.want, strings.TrimSpace(fmt.Sprintf("%s@%d:%d %s", mark[1], index, number+1, mark[2])))
				lines[number] = expectation.ReplaceAllString(line, "")
			}
		}
		c.Cells = append(c.Cells, strings.Join(lines, "\n"))
	}
	return c
}

// cellsOf splits code at its marks of cells.
func cellsOf(code string) []string {
	return strings.Split(strings.TrimSuffix(code, "\n"), "\n# %%\n")
}

// TestLintOrder keeps findings in the order in which people read.
func TestLintOrder(t *testing.T) {
	notebook := source{Cells: []string{"x is 1\ndf.dropna(); y is 2", "import pandas as pd\nd = pd.read_csv('x')\nexit()"}}
	var lines []string
	for _, finding := range analyse(t, []source{notebook})[0].Lint {
		lines = append(lines, written(finding))
	}
	assert.Equal(t, []string{
		"NB303@0:1", "NB303@0:2", "NB305@0:2 dropna", "NB401@1:2 d", "NB107@1:3 exit", "NB402@notebook:0",
	}, lines)
}
