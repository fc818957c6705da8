package kit

import (
	"archive/tar"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
)

// withRegistry is a cluster of which only the registry is there.
func withRegistry(t *testing.T, alias string) *Cluster {
	t.Helper()
	server := httptest.NewServer(registry.New())
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	return &Cluster{Log: t.Logf, Env: &clusterenv.Env{Registry: clusterenv.Registry{Host: host, Insecure: true, PublicPrefix: "library/", Alias: alias}}}
}

// filesIn returns the text and the mode of every file of an image's layer.
func filesIn(t *testing.T, reference string, layer int) (texts map[string]string, modes map[string]int64) {
	t.Helper()
	parsed, err := name.NewDigest(reference, name.Insecure)
	require.NoError(t, err)
	image, err := remote.Image(parsed)
	require.NoError(t, err)
	layers, err := image.Layers()
	require.NoError(t, err)
	require.Greater(t, len(layers), layer)
	content, err := layers[layer].Uncompressed()
	require.NoError(t, err)
	texts, modes = map[string]string{}, map[string]int64{}
	for reader := tar.NewReader(content); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return texts, modes
		}
		require.NoError(t, err)
		text, err := io.ReadAll(reader)
		require.NoError(t, err)
		texts[header.Name], modes[header.Name] = string(text), header.Mode
	}
}

func TestAnImageOfFilesHasThemAndTheLabels(t *testing.T) {
	c := withRegistry(t, "registry.example.com")
	files := map[string][]byte{"manifests/csv.yaml": []byte("kind: A\n"), "metadata/annotations.yaml": []byte("annotations: {}\n")}

	image, err := c.PushFiles(t.Context(), "bundle", "1", files, v1.Config{Labels: map[string]string{"package": "p"}})

	require.NoError(t, err)
	texts, modes := filesIn(t, image.Local, 0)
	assert.Equal(t, map[string]string{"manifests/csv.yaml": "kind: A\n", "metadata/annotations.yaml": "annotations: {}\n"}, texts)
	assert.Equal(t, map[string]int64{"manifests/csv.yaml": 0o644, "metadata/annotations.yaml": 0o644}, modes)
	config, err := c.ImageConfig(t.Context(), image.Local)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"package": "p"}, config.Config.Labels)
	assert.Equal(t, "linux", config.OS)
}

func TestAnImageHasTwoNamesWhereTheNodeKnowsTheOther(t *testing.T) {
	for alias, want := range map[string]string{"registry.example.com": "registry.example.com/bundle@sha256:", "": "/library/bundle@sha256:"} {
		c := withRegistry(t, alias)

		image, err := c.PushFiles(t.Context(), "bundle", "1", map[string][]byte{"a": []byte("b")}, v1.Config{})

		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(image.Local, c.Env.Registry.Host+"/library/bundle@sha256:"), image.Local)
		assert.Contains(t, image.Published, want)
	}
}

func TestTheSameFilesAreTheSameImage(t *testing.T) {
	c := withRegistry(t, "")
	first, err := c.PushFiles(t.Context(), "bundle", "1", map[string][]byte{"a": []byte("b"), "c": []byte("d")}, v1.Config{})
	require.NoError(t, err)
	second, err := c.PushFiles(t.Context(), "bundle", "2", map[string][]byte{"c": []byte("d"), "a": []byte("b")}, v1.Config{})
	require.NoError(t, err)
	other, err := c.PushFiles(t.Context(), "bundle", "1", map[string][]byte{"a": []byte("B")}, v1.Config{})
	require.NoError(t, err)

	assert.Equal(t, first, second)
	assert.NotEqual(t, first, other)
}

func TestACatalogIsServedByTheOpmThatItIsOnTopOf(t *testing.T) {
	c := withRegistry(t, "registry.example.com")
	opm, err := c.PushFiles(t.Context(), "opm", "1", map[string][]byte{"bin/opm": []byte("binary")}, v1.Config{Entrypoint: []string{"/bin/opm"}, User: "1001"})
	require.NoError(t, err)
	c.Env.Images.Opm = opm.Local

	image, err := c.PushCatalog(t.Context(), "7", []byte("schema: olm.package\n"))

	require.NoError(t, err)
	texts, _ := filesIn(t, image.Local, 1)
	assert.Equal(t, map[string]string{"configs/notebook-validator-operator/catalog.yaml": "schema: olm.package\n"}, texts)
	config, err := c.ImageConfig(t.Context(), image.Local)
	require.NoError(t, err)
	assert.Equal(t, []string{"/bin/opm"}, config.Config.Entrypoint)
	assert.Equal(t, []string{"serve", "/configs"}, config.Config.Cmd)
	assert.Equal(t, "1001", config.Config.User)
	assert.Equal(t, "/configs", config.Config.Labels["operators.operatorframework.io.index.configs.v1"])
	assert.True(t, strings.HasPrefix(image.Published, "registry.example.com/notebook-validator-catalog@sha256:"), image.Published)
}
