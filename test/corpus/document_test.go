package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTablesAreMarkdownAndReadableAsTheyStand(t *testing.T) {
	var d document
	d.table([][]string{{"what", "n"}, {"a|b", "10"}})
	d.list(nil)
	d.list([]string{"one"})
	assert.Equal(t, "| what | n  |\n| ---- | -- |\n| a\\|b | 10 |\n\nNone.\n\n- one\n\n", d.String())
}

func TestShareAndMedian(t *testing.T) {
	assert.Equal(t, "1 of 3 (33.3 %)", share(1, 3))
	assert.Equal(t, "0 of 0", share(0, 0))
	assert.InDelta(t, 2.0, median([]float64{3, 1, 2}), 1e-12)
	assert.InDelta(t, 2.5, median([]float64{4, 1, 2, 3}), 1e-12)
}

func TestWhyANotebookCannotRunHere(t *testing.T) {
	for exception, want := range map[string]string{
		"":                    "",
		"ModuleNotFoundError": "a module is missing",
		"FileNotFoundError":   "a file is missing",
		"URLError":            "no network",
		"ValueError":          "it raises ValueError",
	} {
		assert.Equal(t, want, problemOf(exception), exception)
	}
}

func TestFlagsThatMakeNoSenseAreRefused(t *testing.T) {
	for name, arguments := range map[string][]string{
		"no folder":    {},
		"two folders":  {"a", "b"},
		"unknown part": {"-parts=runs,gold", "a"},
		"no kernel":    {"-jobs=0", "a"},
		"no program":   {"-python= ", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(arguments)
			assert.Error(t, err)
		})
	}
	wanted, err := parse([]string{"-parts=runs", "a"})
	require.NoError(t, err)
	assert.True(t, wanted.has("runs"))
	assert.False(t, wanted.has("seeds"))
}
