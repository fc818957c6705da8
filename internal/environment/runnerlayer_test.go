package environment_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/environment"
)

// lastLayer are the instructions that AddRunner put at the end: their name, and the words after it.
func lastLayer(t *testing.T, dockerfile string) [][]string {
	t.Helper()
	parsed, err := parser.Parse(strings.NewReader(dockerfile))
	require.NoError(t, err)
	nodes := parsed.AST.Children
	require.GreaterOrEqual(t, len(nodes), 4)
	var layer [][]string
	for _, node := range nodes[len(nodes)-3:] {
		words := []string{strings.ToUpper(node.Value)}
		for next := node.Next; next != nil; next = next.Next {
			words = append(words, next.Value)
		}
		layer = append(layer, words)
	}
	return layer
}

func TestTheImageIsHandedBackToItsUser(t *testing.T) {
	tests := map[string]struct{ dockerfile, user string }{
		"nobody says who":                {"FROM a", "1001"},
		"a number":                       {"FROM a\nUSER 1234", "1234"},
		"a name and a group":             {"FROM a\nUSER jovyan:users\n", "jovyan:users"},
		"the last one counts":            {"FROM a\nUSER 1\nRUN x\nuser 2\n", "2"},
		"root if it says so":             {"FROM a\nUSER root", "root"},
		"a variable is not known":        {"FROM a\nARG U=7\nUSER $U\n", "1001"},
		"nor is a quoted one":            {"FROM a\nUSER \"7\"\n", "1001"},
		"another stage's does not count": {"FROM a AS one\nUSER 7\nFROM b\n", "1001"},
		"the stage it starts from does":  {"FROM a AS One\nUSER 7\nFROM b AS two\nUSER 8\nFROM one\nRUN x", "7"},
		"through two stages":             {"FROM a AS one\nUSER 7\nFROM one AS two\nFROM --platform=linux/amd64 two\n", "7"},
		"one for later builds does not":  {"FROM a\nONBUILD USER 7\n", "1001"},
		"windows line ends":              {"FROM a\r\nUSER 7\r\n", "7"},
		"another escape character":       {"# escape=`\nFROM a\nUSER 7\n", "7"},
		"a here-document with a user":    {"FROM a\nRUN <<EOF\nUSER 5\nEOF\n", "1001"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			text, err := environment.AddRunner(test.dockerfile, "1001")
			require.NoError(t, err)
			assert.True(t, strings.HasPrefix(text, strings.TrimSuffix(test.dockerfile, "\n")))
			layer := lastLayer(t, text)
			assert.Equal(t, []string{"USER", "0"}, layer[0])
			assert.Equal(t, []string{"RUN", "python3", "-s", "-c"}, layer[1][:4])
			assert.Equal(t, []string{"nbclient", "nbformat", "ipykernel"}, layer[1][5:])
			assert.Equal(t, []string{"USER", test.user}, layer[2])
		})
	}
}

func TestDockerfilesThatNothingCanBeAddedTo(t *testing.T) {
	tests := map[string]struct{ dockerfile, says string }{
		"an empty one":                    {"", "cannot be read"},
		"one without FROM":                {"ARG A=1\n", "no FROM"},
		"one that goes on after its end":  {"FROM a\nRUN x \\", "in the middle of an instruction"},
		"one that goes on after comments": {"FROM a\nRUN x \\\n# why\n", "in the middle of an instruction"},
		"an open here-document":           {"FROM a\nRUN <<EOF\nx\n", "cannot be read"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := environment.AddRunner(test.dockerfile, "1001")
			var problem *environment.Error
			require.ErrorAs(t, err, &problem)
			assert.Equal(t, environment.DockerfileInvalid, problem.Reason)
			assert.Contains(t, err.Error(), test.says)
		})
	}
}

// TestOnlyWhatCannotBeImportedIsInstalled runs the program of the layer, with a pip that may not fetch anything and so
// fails wherever it is asked to.
func TestOnlyWhatCannotBeImportedIsInstalled(t *testing.T) {
	text, err := environment.AddRunner("FROM a", "1001")
	require.NoError(t, err)
	command := lastLayer(t, text)[1][1:5]
	tests := map[string]struct {
		modules  []string
		installs bool
	}{
		"all are there":                  {[]string{"json", "sqlite3"}, false},
		"one is missing":                 {[]string{"json", "nbv_absent_module"}, true},
		"one is broken":                  {[]string{"nbv_broken_module"}, true},
		"one lies in the work directory": {[]string{"nbv_local_module"}, true},
	}
	work, site := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(work, "nbv_local_module.py"), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(site, "nbv_broken_module.py"), []byte("raise RuntimeError('broken')\n"), 0o600))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			program := exec.Command(command[0], slices.Concat(command[1:], test.modules)...)
			program.Dir = work
			program.Env = append(os.Environ(), "PYTHONPATH="+site, "PIP_NO_INDEX=1", "PIP_CONFIG_FILE="+os.DevNull)
			output, err := program.CombinedOutput()
			if !test.installs {
				require.NoError(t, err, string(output))
				assert.Empty(t, string(output))
				return
			}
			var failed *exec.ExitError
			require.ErrorAs(t, err, &failed)
			assert.Regexp(t, "No matching distribution found for nbv_|No module named pip", string(output), "pip was asked")
			assert.Contains(t, string(output), "which cannot be installed into this image")
		})
	}
}

func TestLabelsStayInsideTheirInstruction(t *testing.T) {
	hostile := "a\nUSER 0\r\nRUN evil \"x\" ${HOME} $(id) \\"
	text := environment.AddLabel("FROM a", "team.example.com/name", hostile)
	assert.Equal(t, "FROM a\nLABEL \"team.example.com/name\"=\"aUSER 0RUN evil \\\"x\\\" \\${HOME} \\$(id) \\\\\"\n", text)
	parsed, err := parser.Parse(strings.NewReader(text))
	require.NoError(t, err)
	assert.Len(t, parsed.AST.Children, 2)
}

// FuzzAddRunner holds that what is added to any Dockerfile is exactly three instructions, behind what was there.
func FuzzAddRunner(f *testing.F) {
	for _, seed := range []string{"", "FROM a", "FROM a AS b\nUSER 1\nFROM b", "# escape=`\nFROM a\nRUN x `", "FROM a\nRUN <<E\nE\n", "FROM a\nUSER $A\\\n",
		"\ufeffFROM a\r\nUSER x y\r\n", "FROM\nUSER", "FROM a\nRUN [\"x\",\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, dockerfile string) {
		text, err := environment.AddRunner(dockerfile, "1001")
		if err != nil {
			return
		}
		before, err := parser.Parse(strings.NewReader(dockerfile))
		require.NoError(t, err)
		after, err := parser.Parse(strings.NewReader(text))
		require.NoError(t, err)
		require.Len(t, after.AST.Children, len(before.AST.Children)+3)
		for i, node := range before.AST.Children {
			require.Equal(t, node.Dump(), after.AST.Children[i].Dump())
		}
		layer := lastLayer(t, text)
		require.Equal(t, []string{"USER", "0"}, layer[0])
		require.Regexp(t, `^[A-Za-z0-9_.:-]+$`, layer[2][1])
	})
}
