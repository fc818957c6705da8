package clusterenv

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sample() *Env {
	return &Env{
		Kubeconfig: "/state/kubeconfig", Kubectl: "/cache/bin/kubectl", State: "/state",
		Node:         Node{Name: "node", Address: "198.51.100.2", BridgeGateway: "10.88.0.1"},
		Registry:     Registry{Host: "198.51.100.2:5000", Username: "user", Password: "secret", Insecure: true},
		Images:       Images{NotebookBase: "host/base@sha256:1", NotebookBaseTag: "host/base:1"},
		Git:          Git{Repositories: "/state/git", CABundle: "-----BEGIN\nEND\n", KnownHosts: "[h]:22 ssh-ed25519 AAAA\n"},
		PackageIndex: "http://198.51.100.2:5003/simple/",
		Optional:     []Optional{{Name: "tekton", Namespace: "tekton-pipelines", Version: "v1", Images: map[string]string{"nop": "host/nop@sha256:1"}}},
	}
}

func TestSavedEnvIsLoadedUnchanged(t *testing.T) {
	state := t.TempDir()
	t.Setenv(StateVariable, state)
	require.NoError(t, sample().Save(state))

	loaded, err := Load()

	require.NoError(t, err)
	assert.Equal(t, sample(), loaded)
}

func TestSavedEnvIsForItsOwnerOnly(t *testing.T) {
	state := t.TempDir()
	require.NoError(t, sample().Save(state))

	info, err := os.Stat(filepath.Join(state, FileName))

	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestLoadWithoutAClusterSaysHowToStartOne(t *testing.T) {
	t.Setenv(StateVariable, t.TempDir())

	_, err := Load()

	require.ErrorIs(t, err, ErrNotUp)
	assert.Contains(t, err.Error(), "go run ./test/cluster up")
}

func TestLoadOfATornFileIsAnErrorThatNamesIt(t *testing.T) {
	state := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(state, FileName), []byte(`{"kubeconfig":`), 0o600))

	_, err := LoadFrom(state)

	require.ErrorContains(t, err, filepath.Join(state, FileName))
	assert.NotErrorIs(t, err, ErrNotUp)
}

func TestTheDockerConfigOpensTheRegistry(t *testing.T) {
	config := Registry{Host: "198.51.100.2:5000", Username: "user", Password: "secret"}.DockerConfig()

	assert.JSONEq(t, `{"auths":{"198.51.100.2:5000":{"auth":"dXNlcjpzZWNyZXQ="}}}`, string(config))
}
