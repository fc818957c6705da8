package validatecmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/internal/validate/settings"
	"mlops.dev/notebook-validator-operator/internal/validate/validatecmd"
)

const root = "../../.."

func TestEveryCommandOfTheDocumentsIsUnderstood(t *testing.T) {
	t.Parallel()
	commands := map[string]int{"docs/validate.md": 15, "docs/ci/github-actions.yml": 1, "docs/ci/gitlab-ci.yml": 1}
	for file, atLeast := range commands {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join(root, file))
			require.NoError(t, err)
			found := 0
			for line := range strings.Lines(string(data)) {
				_, arguments, ok := strings.Cut(line, "notebook-validator validate ")
				if !ok || strings.Contains(line, "`") {
					continue
				}
				arguments, _, _ = strings.Cut(arguments, " #")
				found++
				assert.NoError(t, validatecmd.New().ParseFlags(strings.Fields(arguments)), "%s", line)
			}
			assert.GreaterOrEqual(t, found, atLeast)
		})
	}
}

func TestTheSettingsOfTheDocumentAreGood(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(root, "docs/validate.md"))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(data), "```yaml\nvalidationConfig:")
	require.True(t, found)
	example, _, found := strings.Cut(rest, "```")
	require.True(t, found)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, settings.FileName), []byte("validationConfig:"+example), 0o600))
	reader, err := settings.NewReader(dir, "", settings.Flags{})
	require.NoError(t, err)
	read, err := reader.For(filepath.Join(dir, "n.ipynb"))
	require.NoError(t, err)
	assert.Len(t, read.Demands().Validation.ExpectedOutputs, 1)
}

func TestTheHooksCallWhatTheyInstall(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(root, ".pre-commit-hooks.yaml"))
	require.NoError(t, err)
	var hooks []struct{ ID, Entry, Language string }
	require.NoError(t, yaml.Unmarshal(data, &hooks))
	module, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(strings.TrimPrefix(string(module), "module "), "\n")
	for _, hook := range hooks {
		want := "notebook-validator validate"
		if hook.Language == "golang" {
			want = filepath.Base(first) + " validate" // go install names a program after its package
		}
		assert.Equal(t, want, hook.Entry, hook.ID)
	}
	assert.Len(t, hooks, 2)
}
