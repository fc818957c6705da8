package runner_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/facts"
	"mlops.dev/notebook-validator-operator/internal/runner"
)

var updateFacts = flag.Bool("update-facts", false, "write what the analysis says of testdata/lint/facts as its golden files")

// source is a notebook of nothing but code.
type source struct {
	Cells    []string `json:"cells"`
	Tags     string   `json:"tags"`
	Language string   `json:"language"`
}

// driver analyses many notebooks in one process: to start Python takes longer than to analyse.
const driver = `
import json, sys
sys.path.insert(0, sys.argv[1])
from nbv import analysis
def notebook(given):
    metadata = {"tags": [given["tags"], 3, None]}
    return {"cells": [{"cell_type": "code", "source": text, "metadata": metadata} for text in given["cells"]]}
json.dump([analysis.analyse(notebook(given), given["language"]) for given in json.load(sys.stdin)], sys.stdout)
`

// analyse runs the program's own analysis over notebooks.
func analyse(t *testing.T, notebooks []source) []facts.Analysis {
	t.Helper()
	input, err := json.Marshal(notebooks)
	require.NoError(t, err)
	output := runAnalysis(t, bytes.NewReader(input), "-c", driver, tools(t))
	decoder := json.NewDecoder(bytes.NewReader(output))
	decoder.DisallowUnknownFields()
	var analyses []facts.Analysis
	require.NoError(t, decoder.Decode(&analyses))
	require.Len(t, analyses, len(notebooks))
	return analyses
}

func tools(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	require.NoError(t, runner.WriteTo(directory))
	return directory
}

func runAnalysis(t *testing.T, input *bytes.Reader, arguments ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
	defer cancel()
	command := exec.CommandContext(ctx, python(t), arguments...)
	var stderr bytes.Buffer
	command.Stdin, command.Stderr = input, &stderr
	output, err := command.Output()
	require.NoError(t, err, stderr.String())
	assert.Empty(t, stderr.String())
	return output
}

// The golden files are read by people: they say for each notebook what the analysis tells about it.
func TestAnalysisSaysWhatTheSourceSays(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "lint", "facts", "*.txt"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 12)
	notebooks := make([]source, 0, len(files))
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		notebooks = append(notebooks, source{Cells: cellsOf(string(data))})
	}
	analyses := analyse(t, notebooks)
	for i, file := range files {
		golden := strings.TrimSuffix(file, ".txt") + ".json"
		got, err := json.MarshalIndent(analyses[i], "", " ")
		require.NoError(t, err)
		if *updateFacts {
			require.NoError(t, os.WriteFile(golden, append(got, '\n'), 0o600))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got)+"\n", file)
	}
}

func TestAnalysisIsNotDoneWhereItCannotBe(t *testing.T) {
	for _, language := range []string{"R", "julia", "scala"} {
		got := analyse(t, []source{{Cells: []string{"x <- 1"}, Language: language}})[0]
		assert.False(t, got.Done)
		assert.Contains(t, got.Detail, language)
		assert.NotNil(t, got.Cells)
	}
	for _, language := range []string{"", "python", "Python3", "ipython"} {
		assert.True(t, analyse(t, []source{{Cells: []string{"x = 1"}, Language: language}})[0].Done, language)
	}
}

// Without IPython nothing can say what a magic means. -I -S leaves only the standard library.
func TestAnalysisWithoutIPython(t *testing.T) {
	input, err := json.Marshal([]source{{Cells: []string{"x = 1"}}})
	require.NoError(t, err)
	output := runAnalysis(t, bytes.NewReader(input), "-I", "-S", "-c", driver, tools(t))
	var got []facts.Analysis
	require.NoError(t, json.Unmarshal(output, &got))
	require.Len(t, got, 1)
	assert.False(t, got[0].Done)
	assert.Contains(t, got[0].Detail, "IPython")
}

// Whatever the source, the analysis comes to an end and the notebook can be run.
func TestAnalysisOfHostileSources(t *testing.T) {
	hostile := map[string]string{
		"brackets":      strings.Repeat("[", 50000),
		"attributes":    "x" + strings.Repeat(".a", 50000),
		"calls":         "x" + strings.Repeat("()", 50000),
		"additions":     "x = 1" + strings.Repeat("+1", 50000),
		"some addition": "x = 1" + strings.Repeat("+1", 900),
		"elif":          "if a:\n  pass\n" + strings.Repeat("elif b:\n  pass\n", 5000),
		"minus":         strings.Repeat("-", 90000) + "1",
		"not":           strings.Repeat("not ", 50000) + "1",
		"lambda":        strings.Repeat("lambda:", 50000) + "1",
		"null bytes":    "x = '\x00'",
		"magics":        strings.Repeat("%a\n", 20000),
		"cell magics":   strings.Repeat("%%time\n", 50000),
		"huge":          "x = [" + strings.Repeat("1,", 1<<20) + "]",
		"long line":     "!" + strings.Repeat("a;", 100000),
		"power":         "x = 9**9**9**9",
		"repetition":    "x = 'a' * 10**12",
		"blank":         strings.Repeat("\n", 100000),
		"form feeds":    "\x0cx = 1\x1c\u2028\n!ls \\\x0c\nx is 1",
		"unicode":       "ｘ = '\U0001F600'\n𝒇 = ｘ\n",
	}
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			got := analyse(t, []source{{Cells: []string{text, "x is 1"}}})[0]
			assert.Less(t, time.Since(begin), time.Minute)
			require.True(t, got.Done, got.Detail)
			require.Len(t, got.Cells, 2)
			assert.Equal(t, "NB303@1:1", written(got.Lint[len(got.Lint)-1]), "the other cell is read all the same")
		})
	}
}

// The analysis reads what strangers wrote. NBV_FUZZTIME, such as 20s, makes the test look longer, with a new seed each time.
func TestAnalysisOfMutatedSources(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "lint", "*", "*.txt"))
	require.NoError(t, err)
	seed, seconds := "1", "0"
	if text := os.Getenv("NBV_FUZZTIME"); text != "" {
		long, err := time.ParseDuration(text)
		require.NoError(t, err)
		seed, seconds = strconv.FormatInt(time.Now().UnixNano(), 10), fmt.Sprint(long.Seconds())
		t.Log("seed", seed)
	}
	arguments := append([]string{filepath.Join("testdata", "lint", "fuzz.py"), tools(t), seed, "100", seconds}, files...)
	runs, err := strconv.Atoi(strings.TrimSpace(string(runAnalysis(t, bytes.NewReader(nil), arguments...))))
	require.NoError(t, err)
	assert.GreaterOrEqual(t, runs, 100)
}
