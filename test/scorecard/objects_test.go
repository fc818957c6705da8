package scorecard

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/testing/golden"
)

func TestPod(t *testing.T) {
	golden.YAML(t, "pod", pod("namespace", "scorecard-test-abcd", "scorecard-test-efgh", "account", "registry.example.com/untar:1", v1alpha3.TestConfiguration{
		Image: "registry.example.com/tests:1", Entrypoint: []string{"tests", "first"}, Labels: map[string]string{"test": "first"},
	}))
}

func TestConfigMap(t *testing.T) {
	golden.YAML(t, "configmap", configMap("namespace", "scorecard-test-efgh", []byte("archive")))
}

func TestPack(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "tests", "scorecard"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tests", "scorecard", "config.yaml"), []byte("kind: Configuration"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("a"), 0o600))
	archive, err := pack(dir)
	require.NoError(t, err)
	again, err := pack(dir)
	require.NoError(t, err)
	assert.Equal(t, archive, again)
	assert.Equal(t, []string{"a.yaml 644 a", "tests/ 755 ", "tests/scorecard/ 755 ", "tests/scorecard/config.yaml 644 kind: Configuration"}, list(t, archive))

	_, err = pack(filepath.Join(dir, "nowhere"))
	require.Error(t, err)
}

// list tells what is in an archive.
func list(t *testing.T, archive []byte) []string {
	t.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	require.NoError(t, err)
	reader := tar.NewReader(unzipped)
	var entries []string
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return entries
		}
		require.NoError(t, err)
		content, err := io.ReadAll(reader)
		require.NoError(t, err)
		entries = append(entries, header.Name+" "+mode(header)+" "+string(content))
	}
}

func mode(header *tar.Header) string {
	if header.Mode == 0o755 {
		return "755"
	}
	return map[bool]string{true: "644", false: "another mode"}[header.Mode == 0o644]
}
