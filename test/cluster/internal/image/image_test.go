package image

import (
	"archive/tar"
	"io"
	"os"
	"path/filepath"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func program(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tool")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// modes returns the permissions of everything in the image's only layer.
func modes(t *testing.T, image v1.Image) map[string]int64 {
	t.Helper()
	layers, err := image.Layers()
	require.NoError(t, err)
	require.Len(t, layers, 1)
	content, err := layers[0].Uncompressed()
	require.NoError(t, err)
	modes := map[string]int64{}
	for reader := tar.NewReader(content); ; {
		header, err := reader.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		modes[header.Name] = header.Mode
	}
	return modes
}

func TestAProgramsImageRunsItAsItsUser(t *testing.T) {
	recipe := Recipe{Name: "tool", Tag: "1", Program: program(t, "binary"), Files: map[string]string{"etc/tool.conf": "x=1\n"}, User: "65532"}

	image, err := Store{Cache: t.TempDir()}.Ensure(recipe)
	require.NoError(t, err)

	config, err := image.ConfigFile()
	require.NoError(t, err)
	assert.Equal(t, []string{"/tool"}, config.Config.Entrypoint)
	assert.Equal(t, "65532", config.Config.User)
	assert.Equal(t, map[string]int64{"tool": 0o755, "etc/tool.conf": 0o644}, modes(t, image))
}

func TestAProgramInAFolderIsCalledThereBesideFoldersForEverybody(t *testing.T) {
	recipe := Recipe{Name: "tool", Tag: "1", Program: program(t, "binary"), Folder: "app", Writable: []string{"tmp"}}

	image, err := Store{Cache: t.TempDir()}.Ensure(recipe)
	require.NoError(t, err)

	config, err := image.ConfigFile()
	require.NoError(t, err)
	assert.Equal(t, []string{"/app/tool"}, config.Config.Entrypoint)
	assert.Equal(t, map[string]int64{"app/tool": 0o755, "tmp/": 0o1777}, modes(t, image))
}

func TestProgramsBesideTheFirstAreProgramsToo(t *testing.T) {
	beside := program(t, "another")
	recipe := Recipe{Name: "tool", Tag: "1", Program: program(t, "binary"), Folder: "bin", Beside: map[string]string{"bin/helper": beside}}
	store := Store{Cache: t.TempDir()}

	first, err := store.Ensure(recipe)
	require.NoError(t, err)

	assert.Equal(t, map[string]int64{"bin/helper": 0o755, "bin/tool": 0o755}, modes(t, first))
	require.NoError(t, os.WriteFile(beside, []byte("a third"), 0o600))
	second, err := store.Ensure(recipe)
	require.NoError(t, err)
	one, err := first.Digest()
	require.NoError(t, err)
	two, err := second.Digest()
	require.NoError(t, err)
	assert.NotEqual(t, one, two)
}

func TestTheSameRecipeGivesTheSameDigest(t *testing.T) {
	recipe := Recipe{Name: "tool", Tag: "1", Program: program(t, "binary")}
	first, err := Store{Cache: t.TempDir()}.Ensure(recipe)
	require.NoError(t, err)
	second, err := Store{Cache: t.TempDir()}.Ensure(recipe)
	require.NoError(t, err)

	one, err := first.Digest()
	require.NoError(t, err)
	two, err := second.Digest()
	require.NoError(t, err)
	assert.Equal(t, one, two)
}

func TestAnotherProgramIsAnotherImage(t *testing.T) {
	store, path := Store{Cache: t.TempDir()}, program(t, "binary")
	first, err := store.Ensure(Recipe{Name: "tool", Tag: "1", Program: path})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte("another"), 0o600))
	second, err := store.Ensure(Recipe{Name: "tool", Tag: "1", Program: path})
	require.NoError(t, err)

	one, err := first.Digest()
	require.NoError(t, err)
	two, err := second.Digest()
	require.NoError(t, err)
	assert.NotEqual(t, one, two)
}
