package environment_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

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

func TestNobodyChangesTheNeedsOfOthers(t *testing.T) {
	environment.RunnerNeeds()[0] = "other"
	assert.Equal(t, "nbclient", environment.RunnerNeeds()[0])
}
