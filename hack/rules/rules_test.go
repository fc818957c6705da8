package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/rules"
)

const docs = "../../docs/rules"

func TestPagesAreCurrent(t *testing.T) {
	pages, err := generate(docs)
	require.NoError(t, err)
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(docs, name))
		require.NoError(t, err)
		assert.Equal(t, want, string(got), "run go run ./hack/rules")
	}
	files, err := os.ReadDir(docs)
	require.NoError(t, err)
	for _, file := range files {
		assert.Contains(t, pages, file.Name(), "there is no such rule any more")
	}
}

// TestEveryPageIsWrittenToItsEnd holds that a new rule gets an example, and a word on when it is quiet.
func TestEveryPageIsWrittenToItsEnd(t *testing.T) {
	for _, rule := range rules.All() {
		text, err := os.ReadFile(filepath.Join(docs, rule.ID+".md"))
		require.NoError(t, err)
		hand := written(string(text))
		for _, heading := range []string{"## Wrong and right", "## When it is quiet", "## How to silence it"} {
			assert.Contains(t, hand, heading, rule.ID)
		}
		assert.Zero(t, strings.Count(hand, "```")%2, "%s: a block of code is not closed", rule.ID)
	}
}

func TestTheHandWrittenPartStays(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, run(folder))
	path := filepath.Join(folder, "NB102.md")
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append([]byte("old\n"+mark), "\nMine.\n"...), 0o600))
	require.NoError(t, run(folder))
	second, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(first)+"\nMine.\n", string(second))
}

func TestOverviewNamesEveryRule(t *testing.T) {
	text := overview()
	for _, rule := range rules.All() {
		assert.Contains(t, text, "| ["+rule.ID+"]("+rule.ID+".md) |")
	}
	assert.Contains(t, text, "| [NB102](NB102.md) | Exception swallowed | warning | warning | **failure** | **failure** |\n")
	assert.Contains(t, text, "| | where the name is never read again | info | info | info | info |\n")
}
