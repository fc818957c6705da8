package component

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newBuilder makes a builder with one component, "hello", that prints the name it is called by.
func newBuilder(t *testing.T) Builder {
	t.Helper()
	b := Builder{Source: t.TempDir(), Cache: t.TempDir()}
	write(t, b, "go.mod", "module example.com/hello\n\ngo 1.26.0\n")
	write(t, b, "main.go", "package main\n\nimport (\n\t\"os\"\n\t\"path/filepath\"\n)\n\nfunc main() { print(filepath.Base(os.Args[0])) }\n")
	return b
}

func write(t *testing.T, b Builder, name, text string) {
	t.Helper()
	path := filepath.Join(b.Source, "hello", name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

var hello = Component{Name: "hello", Links: []string{"ciao"}}

func TestAComponentIsCalledByEachOfItsNames(t *testing.T) {
	dir, err := newBuilder(t).Ensure(hello)
	require.NoError(t, err)
	for _, name := range []string{"hello", "ciao"} {
		output, err := exec.Command(filepath.Join(dir, name)).CombinedOutput()
		require.NoError(t, err)
		assert.Equal(t, name, string(output))
	}
}

func TestAComponentIsBuiltOnceForTheSameSources(t *testing.T) {
	b := newBuilder(t)
	first, err := b.Ensure(hello)
	require.NoError(t, err)
	marker := filepath.Join(first, "hello")
	require.NoError(t, os.WriteFile(marker, []byte("found again"), 0o755))

	second, err := b.Ensure(hello)
	require.NoError(t, err)
	content, err := os.ReadFile(marker)
	require.NoError(t, err)
	assert.Equal(t, first, second)
	assert.Equal(t, "found again", string(content))

	write(t, b, "extra.go", "package main\n")
	third, err := b.Ensure(hello)
	require.NoError(t, err)
	assert.NotEqual(t, first, third)
}

func TestABuildThatFailsLeavesNothingAndShowsTheCompilersWords(t *testing.T) {
	b := newBuilder(t)
	write(t, b, "extra.go", "package main\n\nvar x = undefinedName\n")

	_, err := b.Ensure(hello)

	require.ErrorContains(t, err, "undefinedName")
	left, err := filepath.Glob(filepath.Join(b.Cache, "hello", "*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}
