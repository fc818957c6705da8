package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const constants = "../../api/v1alpha1/conditions.go"

// harmless are the reasons of a job that goes on or went well; there is nothing to do about them.
var harmless = map[string]bool{
	"BuildPending": true, "Building": true, "BuildSucceeded": true, "BuildNotRequired": true, "WaitingForBuild": true,
	"RunPending": true, "Running": true, "Resolving": true, "Resolved": true, "Passed": true,
	"BuildReused": true, "WaitingForSharedBuild": true, "NoConflict": true,
}

func reasons(t *testing.T) map[string]bool {
	t.Helper()
	groups, err := parse(constants)
	require.NoError(t, err)
	all := map[string]bool{}
	for _, g := range groups {
		if !strings.HasPrefix(g.Title, "Reasons") {
			continue
		}
		for _, e := range g.Entries {
			assert.False(t, all[e.Value], "reason %s is there twice", e.Value)
			all[e.Value] = true
		}
	}
	require.NotEmpty(t, all)
	return all
}

func TestEveryReasonThatStopsAJobIsInTroubleshooting(t *testing.T) {
	page, err := os.ReadFile("../../docs/troubleshooting.md")
	require.NoError(t, err)
	known, answered := reasons(t), map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\|").FindAllSubmatch(page, -1) {
		answered[string(row[1])] = true
		assert.True(t, known[string(row[1])], "troubleshooting.md explains %s, which is not a reason", row[1])
	}
	for reason := range known {
		assert.True(t, harmless[reason] || answered[reason], "troubleshooting.md does not say what to do about %s", reason)
	}
	for reason := range harmless {
		assert.True(t, known[reason], "%s is not a reason any more", reason)
	}
}

// TestTheProtocolKnowsEveryReason holds that no package sets a reason that the API does not document.
func TestTheProtocolKnowsEveryReason(t *testing.T) {
	known, seen := reasons(t), 0
	err := filepath.WalkDir("../../internal", func(path string, file os.DirEntry, err error) error {
		if err != nil || file.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, constant := range regexp.MustCompile(`(?m)^\s+(\w+)\s+Reason\s+= "(\w+)"`).FindAllSubmatch(text, -1) {
			seen++
			assert.True(t, known[string(constant[2])], "%s: %s is not among the reasons of the API", path, constant[1])
		}
		return nil
	})
	require.NoError(t, err)
	assert.Positive(t, seen)
}

func TestParse(t *testing.T) {
	tests := map[string]struct {
		source  string
		want    []group
		problem string
	}{
		"a block becomes a group with its note and the meanings": {
			source: "// Reasons of X. They are final.\nconst (\n// ReasonA is set when a\n// happens.\nReasonA = \"A\"\n)",
			want:   []group{{Title: "Reasons of X", Note: "They are final.", Entries: []entry{{"A", "when a happens."}}}},
		},
		"a condition needs no when": {
			source: "// Types.\nconst (\n// ConditionA says a.\nConditionA = \"A\"\n)",
			want:   []group{{Title: "Types", Entries: []entry{{"A", "says a."}}}},
		},
		"a block without a comment":     {source: "const (\nA = \"A\"\n)", problem: "no comment"},
		"a reason that says not when":   {source: "// R.\nconst (\n// ReasonA is a.\nReasonA = \"A\"\n)", problem: "is set when"},
		"a constant without a comment":  {source: "// R.\nconst (\nReasonA = \"A\"\n)", problem: "must begin with"},
		"a constant that is not a text": {source: "// R.\nconst (\n// A is one.\nA = 1\n)", problem: "not a string"},
		"two constants on a line":       {source: "// R.\nconst (\n// A is one.\nA, B = \"a\", \"b\"\n)", problem: "one constant"},
		"a file that is not Go":         {source: "const (", problem: "expected"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "constants.go")
			require.NoError(t, os.WriteFile(path, []byte("package p\n\n"+test.source+"\n"), 0o600))
			got, err := parse(path)
			if test.problem != "" {
				require.ErrorContains(t, err, test.problem)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestMarkdownEscapesWhatWouldEndACell(t *testing.T) {
	page := markdown([]group{{Title: "Reasons of X", Note: "Note.", Entries: []entry{{"A", "this | that."}}}})
	assert.Contains(t, page, "\n## Reasons of X\n\nNote.\n\n| name | is set |\n|---|---|\n| `A` | this \\| that. |\n")
}
