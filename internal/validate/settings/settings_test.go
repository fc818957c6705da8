package settings_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/validate/settings"
)

// world is a folder with files in it; a name that ends with a slash is a folder.
func world(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			require.NoError(t, os.MkdirAll(path, 0o755))
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	return dir
}

func read(t *testing.T, dir, config, notebook string, flags settings.Flags) (*settings.Settings, error) {
	t.Helper()
	reader, err := settings.NewReader(dir, config, flags)
	if err != nil {
		return nil, err
	}
	return reader.For(filepath.Join(dir, filepath.FromSlash(notebook)))
}

func TestTheNearestFileCounts(t *testing.T) {
	t.Parallel()
	dir := world(t, map[string]string{
		".notebook-validator.yaml":             "validationConfig: {level: learning}",
		"repo/.git/":                           "",
		"repo/.notebook-validator.yaml":        "validationConfig: {level: staging}",
		"repo/a/deep/.notebook-validator.yaml": "validationConfig: {level: production}",
		"bare/.git":                            "gitdir: elsewhere",
		"other.yaml":                           "validationConfig: {level: learning, strictMode: true}",
	})
	cases := map[string]struct {
		config, notebook string
		want             v1alpha1.ValidationLevel
	}{
		"beside the notebook":                {"", "repo/a/deep/n.ipynb", v1alpha1.LevelProduction},
		"above it":                           {"", "repo/a/n.ipynb", v1alpha1.LevelStaging},
		"in the root of the repository":      {"", "repo/n.ipynb", v1alpha1.LevelStaging},
		"not beyond the root of a work tree": {"", "bare/n.ipynb", ""},
		"of no repository":                   {"", "n.ipynb", v1alpha1.LevelLearning},
		"--config":                           {"other.yaml", "repo/n.ipynb", v1alpha1.LevelLearning},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := read(t, dir, test.config, test.notebook, settings.Flags{})
			require.NoError(t, err)
			assert.Equal(t, test.want, found.Demands().Validation.Level)
			assert.Equal(t, test.config != "", found.Demands().Validation.StrictMode)
		})
	}
}

func TestFlagsWinOverTheFile(t *testing.T) {
	t.Parallel()
	dir := world(t, map[string]string{
		"n/.notebook-validator.yaml": `
validationConfig: {level: learning, failOnStderr: true, expectedOutputs: [{cell: 0, type: int}]}
comparisonConfig: {strategy: exact}
goldenNotebook: {path: golden/a.ipynb}
parameters: {a: 1, b: 2}
timeout: 5m
cellTimeout: 10s
unknownParameters: warn`,
		"expect.yaml": "- tag: score\n  range: [0, 1]\n",
	})
	alone, err := read(t, dir, "", "n/x.ipynb", settings.Flags{})
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(dir, "n", "golden", "a.ipynb"), alone.Golden)
	assert.Equal(t, alone.Golden, alone.Demands().Golden)
	assert.Equal(t, 5*time.Minute, alone.Timeout)
	assert.Equal(t, 10*time.Second, alone.CellTimeout)
	assert.True(t, alone.WarnOfUnknownParameters())
	assert.Equal(t, v1alpha1.StrategyExact, alone.Demands().Comparison.Strategy)

	both, err := read(t, dir, "", "n/x.ipynb", settings.Flags{
		Level: "production", Strict: true, Expect: "expect.yaml", Timeout: "1m", CellTimeout: "2s",
		Parameters: []string{"b=three", "c=", `d="4"`, "e=[1, {f: 2024-05-01}]", "g=1e400x=y"},
	})
	require.NoError(t, err)
	wanted := both.Demands().Validation
	assert.Equal(t, v1alpha1.LevelProduction, wanted.Level)
	assert.True(t, wanted.StrictMode)
	assert.True(t, wanted.FailOnStderr, "what no flag speaks of stays")
	require.Len(t, wanted.ExpectedOutputs, 1)
	assert.Equal(t, "score", wanted.ExpectedOutputs[0].Tag)
	assert.Equal(t, time.Minute, both.Timeout)
	assert.Equal(t, 2*time.Second, both.CellTimeout)
	parameters := map[string]string{}
	for name, value := range both.Parameters() {
		data, err := json.Marshal(value)
		require.NoError(t, err)
		parameters[name] = string(data)
	}
	assert.Equal(t, map[string]string{
		"a": "1", "b": `"three"`, "c": "null", "d": `"4"`, "e": `[1,{"f":"2024-05-01"}]`, "g": `"1e400x=y"`,
	}, parameters)
	assert.Equal(t, "/elsewhere", both.WithGolden("/elsewhere").Golden)
	assert.Equal(t, filepath.Join(dir, "n", "golden", "a.ipynb"), both.Golden, "others keep theirs")
}

func TestWithoutSettingsTheDefaultsOfTheAPIHold(t *testing.T) {
	t.Parallel()
	dir := world(t, map[string]string{".git/": "", "empty/.notebook-validator.yaml": "# nothing yet\n"})
	for _, notebook := range []string{"n.ipynb", "empty/n.ipynb"} {
		found, err := read(t, dir, "", notebook, settings.Flags{})
		require.NoError(t, err)
		assert.Equal(t, 30*time.Minute, found.Timeout)
		assert.Zero(t, found.CellTimeout)
		assert.Empty(t, found.Golden)
		assert.Empty(t, found.Parameters())
		assert.False(t, found.WarnOfUnknownParameters())
	}
}

func TestMistakesNameFileLineAndField(t *testing.T) {
	t.Parallel()
	const name = ".notebook-validator.yaml"
	cases := map[string]struct{ content, want string }{
		"a misspelt field": {"timeout: 1m\nvalidationConfig:\n  strictMode: true\n  levle: x\n",
			name + ":4: validationConfig.levle: unknown field; did you mean level?"},
		"two mistakes": {"timeout: 0s\nvalidationConfig:\n  expectedOutputs:\n  - cell: 1\n    type: int\n  - type: int\n",
			name + ":1: timeout: timeout must be more than zero and at most 168h, for example 30m\n" +
				name + ":6: validationConfig.expectedOutputs[1]: name the cell by exactly one of cell, cellID and tag"},
		"a key twice":         {"timeout: 1m\ntimeout: 2m\n", name + ":2: this is not YAML that can be read: key \"timeout\" already set in map"},
		"no YAML":             {"a: b\n  - c: [\n", name + ":2: this is not YAML that can be read:"},
		"a list":              {"- timeout\n", name + ":1: there should be keys and values"},
		"a text":              {"timeout\n", name + ":1: there should be keys and values"},
		"two documents":       {"timeout: 1m\n---\ntimeout: 2m\n", name + ":2: a second YAML document begins here"},
		"a name of no Python": {"parameters:\n  ok: 1\n  a b: 2\n", name + ":3: parameters.a b: names of parameters must be names of Python variables"},
		"by way of an alias":  {"comparisonConfig: &c\n  strategy: fuzzy\n", name + ":2: comparisonConfig.strategy: unsupported value: \"fuzzy\""},
		"a file too large":    {"# " + strings.Repeat("x", 1<<20), name + " is larger than"},
	}
	for title, test := range cases {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			dir := world(t, map[string]string{name: test.content, ".git/": ""})
			_, err := read(t, dir, "", "n.ipynb", settings.Flags{})
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), test.want), "%s", err)
		})
	}
}

func TestMistakesNameTheFlag(t *testing.T) {
	t.Parallel()
	dir := world(t, map[string]string{
		"map.yaml": "cell: 1\n", "wrong.yaml": "- cell: 1\n  type: int\n- cell: 2\n  rang: [1, 2]\n", "broken.yaml": "- [\n", ".git/": "",
	})
	many := make([]string, 101)
	for i := range many {
		many[i] = "p" + strings.Repeat("x", i%90) + string(rune('a'+i/90)) + "=1"
	}
	cases := map[string]struct {
		flags settings.Flags
		want  string
	}{
		"a level":           {settings.Flags{Level: "harsh"}, `--level: unsupported value: "harsh": supported values: "learning"`},
		"a timeout":         {settings.Flags{Timeout: "1 hour"}, `--timeout: invalid value: "1 hour"`},
		"a cell's timeout":  {settings.Flags{CellTimeout: "0s"}, "--cell-timeout: cellTimeout must be more than zero"},
		"no value":          {settings.Flags{Parameters: []string{"a"}}, "-p a: write it as name=value"},
		"a name":            {settings.Flags{Parameters: []string{"a-b=1"}}, "-p a-b=1: names of parameters must be names of Python variables"},
		"a value":           {settings.Flags{Parameters: []string{"a=[1"}}, "-p a=[1:1: this is not YAML that can be read"},
		"too many":          {settings.Flags{Parameters: many}, "the flags: parameters: "},
		"no such file":      {settings.Flags{Expect: "none.yaml"}, "none.yaml does not exist"},
		"no list":           {settings.Flags{Expect: "map.yaml"}, "map.yaml:1: there should be a list of expected outputs"},
		"a misspelt field":  {settings.Flags{Expect: "wrong.yaml"}, "wrong.yaml:4: [1].rang: unknown field; did you mean range?"},
		"a list of no YAML": {settings.Flags{Expect: "broken.yaml"}, "broken.yaml:"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, dir, "", "n.ipynb", test.flags)
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), test.want), "%s", err)
		})
	}
	_, err := read(t, dir, "none.yaml", "n.ipynb", settings.Flags{})
	require.EqualError(t, err, "none.yaml does not exist")
}

func FuzzFile(f *testing.F) {
	for _, seed := range []string{"", "timeout: 1m", "a: &a [*a]", "- x", "validationConfig: {level: [}", "parameters: {a: .nan}", "? [a]\n: b", "\x00", "---\n---\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, settings.FileName), []byte(content), 0o600))
		reader, err := settings.NewReader(dir, "", settings.Flags{})
		require.NoError(t, err)
		found, err := reader.For(filepath.Join(dir, "n.ipynb"))
		if err == nil {
			assert.Positive(t, found.Timeout)
		} else {
			assert.NotEmpty(t, err.Error())
		}
	})
}
