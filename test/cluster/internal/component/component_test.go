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

func TestTagsDecideWhatIsBuilt(t *testing.T) {
	b := newBuilder(t)
	write(t, b, "loud.go", "//go:build loud\n\npackage main\n\nfunc init() { print(\"HELLO \") }\n")
	for tags, want := range map[string]string{"": "hello", "json1,loud": "HELLO hello"} {
		dir, err := b.Ensure(Component{Name: "hello", Tags: tags})
		require.NoError(t, err)
		output, err := exec.Command(filepath.Join(dir, "hello")).CombinedOutput()
		require.NoError(t, err)
		assert.Equal(t, want, string(output))
	}
}

// newTools makes a builder with one component, "hello", that has no code but names programs of a module beside it.
func newTools(t *testing.T) Builder {
	t.Helper()
	b := Builder{Source: t.TempDir(), Cache: t.TempDir()}
	library := filepath.Join(t.TempDir(), "library")
	for _, name := range []string{"ping", "pong"} {
		dir := filepath.Join(library, "cmd", name)
		require.NoError(t, os.MkdirAll(dir, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { print(\""+name+"\") }\n"), 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(library, "go.mod"), []byte("module example.com/library\n\ngo 1.26.0\n"), 0o600))
	write(t, b, "go.mod", "module example.com/hello\n\ngo 1.26.0\n\ntool (\n\texample.com/library/cmd/ping\n\texample.com/library/cmd/pong\n)\n\n"+
		"require example.com/library v1.2.3\n\nreplace example.com/library => "+library+"\n")
	return b
}

func TestTheToolsOfAModuleAreBuiltUnderTheirOwnNames(t *testing.T) {
	b, tools := newTools(t), Component{Name: "hello", Tools: true}

	dir, err := b.Ensure(tools)

	require.NoError(t, err)
	for _, name := range []string{"ping", "pong"} {
		output, err := exec.Command(filepath.Join(dir, name)).CombinedOutput()
		require.NoError(t, err)
		assert.Equal(t, name, string(output))
	}
	again, err := b.Ensure(tools)
	require.NoError(t, err)
	assert.Equal(t, dir, again)
}

func TestAModuleThatAComponentDoesNotRequireIsAnError(t *testing.T) {
	_, err := newTools(t).Module(Component{Name: "hello", Tools: true}, "example.com/other")

	require.ErrorContains(t, err, "example.com/other")
}

func TestTheComponentsManifestsAreThoseOfItsPrograms(t *testing.T) {
	b := Builder{Source: filepath.Join("..", "..", "components")}

	module, err := b.Module(Tekton, "github.com/tektoncd/pipeline")

	require.NoError(t, err)
	assert.Equal(t, "v1.9.0", module.Version)
	assert.FileExists(t, filepath.Join(module.Dir, "config", "controller.yaml"))
}
