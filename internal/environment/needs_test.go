package environment_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/environment"
)

func TestWhatIsInstalledLaterIsInstalledAsAGeneratedDockerfileDoes(t *testing.T) {
	found, err := environment.Detect(repository{}, options())
	assert.NoError(t, err)
	text := found.Pin("docker.io/library/python@sha256:" + strings.Repeat("a", 64)).Dockerfile

	command, environ := environment.InstallCommand(environment.RunnerNeeds()...)
	assert.Contains(t, text, "\nRUN [\""+strings.Join(command, `","`)+"\"]\n")
	assert.Contains(t, text, "\nARG "+strings.Join(environ, " ")+"\n")
}

// TestWhatTheBaseImageHasPipDoIsOverruled asks for what no index has. A pip that were to install for its user alone would
// refuse a directory to install into before it looked.
func TestWhatTheBaseImageHasPipDoIsOverruled(t *testing.T) {
	configured := filepath.Join(t.TempDir(), "pip.conf")
	require.NoError(t, os.WriteFile(configured, []byte("[install]\nuser = true\n"), 0o600))
	tests := map[string][]string{
		"nothing is set":            {"PIP_CONFIG_FILE=" + os.DevNull},
		"its environment says user": {"PIP_CONFIG_FILE=" + os.DevNull, "PIP_USER=1"},
		"its pip.conf says user":    {"PIP_CONFIG_FILE=" + configured},
	}
	command, environ := environment.InstallCommand("nbv-absent")
	for name, settings := range tests {
		t.Run(name, func(t *testing.T) {
			program := exec.Command(command[0], append(command[1:], "--target="+t.TempDir())...)
			program.Env = slices.Concat(os.Environ(), environ, []string{"PIP_NO_INDEX=1", "PIP_FIND_LINKS="}, settings)
			output, err := program.CombinedOutput()
			require.Error(t, err)
			assert.Regexp(t, "No matching distribution found for nbv-absent|No module named pip", string(output))
		})
	}
}

func TestNobodyChangesTheNeedsOfOthers(t *testing.T) {
	environment.RunnerNeeds()[0] = "other"
	assert.Equal(t, "nbclient", environment.RunnerNeeds()[0])
}
