package imagebuild_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/imagebuild"
)

// resultFiles are the flags for all the files, in one directory.
func resultFiles(dir string) []string {
	return []string{"--url-file=" + filepath.Join(dir, "url"), "--digest-file=" + filepath.Join(dir, "digest"),
		"--error-reason-file=" + filepath.Join(dir, "reason"), "--error-message-file=" + filepath.Join(dir, "message")}
}

// contents are the files of a directory by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	files := map[string]string{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		require.NoError(t, err)
		files[entry.Name()] = string(text)
	}
	return files
}

func TestAPushedImageIsLeftInFilesWithoutALineBreak(t *testing.T) {
	f, dir := newFixture(t), t.TempDir()
	code, result, _ := f.run(t.Context(), resultFiles(dir)...)
	assert.Zero(t, code)
	assert.Equal(t, "registry.example.com:5000/team/iris@"+digest, result.Image)
	assert.Equal(t, map[string]string{"url": image, "digest": digest}, contents(t, dir))
}

func TestAnImageWithoutATagIsNamedWithOne(t *testing.T) {
	f, dir := newFixture(t), t.TempDir()
	_, result, _ := f.run(t.Context(), append(resultFiles(dir), "--image=registry.example.com:5000/team/iris")...)
	assert.Equal(t, "registry.example.com:5000/team/iris@"+digest, result.Image)
	assert.Equal(t, "registry.example.com:5000/team/iris:latest", contents(t, dir)["url"])
}

func TestAFailureIsLeftInFilesAndNoImageIs(t *testing.T) {
	f, dir := newFixture(t), t.TempDir()
	f.says("push.out", strings.Repeat("\x1b[1mCopying \"blob\"\n", 1000)+"Error: pushing image: denied\n")
	f.says("push.code", "125")
	code, result, _ := f.run(t.Context(), append(resultFiles(dir), "--result-limit=2000")...)
	assert.Equal(t, 65, code)

	files := contents(t, dir)
	assert.Equal(t, string(buildstrategy.PushFailed), files["reason"])
	assert.Len(t, files, 2, "neither an image nor a digest")
	written, err := os.ReadFile(f.after)
	require.NoError(t, err)
	for message, limit := range map[string]int{files["message"]: 1000, result.Message: 2000} {
		assert.True(t, strings.HasPrefix(message, "The built image cannot be pushed"), message)
		assert.True(t, strings.HasSuffix(message, "Error: pushing image: denied"), message)
		assert.LessOrEqual(t, len(message), limit)
		assert.NotContains(t, message, "\x1b")
	}
	assert.LessOrEqual(t, len(written), 2000)
}

func TestLabelsReachBuildahAsTheyAre(t *testing.T) {
	labels := []string{"org.opencontainers.image.source=https://git.example.com/a,b?c=$HOME&d=\"e\"'\\", "empty=", "text=a = b --layers", "--label=x"}
	f := newFixture(t)
	var flags []string
	for _, label := range labels {
		flags = append(flags, "--label="+label)
	}
	code, _, _ := f.run(t.Context(), flags...)
	assert.Zero(t, code)
	var passed []string
	for _, arg := range f.args("build") {
		if label, ok := strings.CutPrefix(arg, "--label="); ok {
			passed = append(passed, label)
		}
	}
	assert.Equal(t, labels, passed)
}

func TestAResultThatCannotBeWrittenIsAnError(t *testing.T) {
	for _, flag := range []string{"--termination-log", "--url-file", "--digest-file"} {
		t.Run(flag, func(t *testing.T) {
			f := newFixture(t)
			command := imagebuild.NewCommand()
			command.SetOut(io.Discard)
			command.SetArgs([]string{"--context=" + f.context, "--dockerfile=" + filepath.Join(f.context, "Dockerfile"), "--image=" + image,
				flag + "=" + filepath.Join(f.context, "no", "such", "directory")})
			assert.ErrorContains(t, command.ExecuteContext(t.Context()), "the result cannot be written")
		})
	}
}
