package imagebuild_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/imagebuild"
)

// fakeBuildah stands for the program: it writes down how it is called and does what files in its directory say.
// A subcommand's <name>.out is printed, its <name>.err too, as an error, and its <name>.code is its exit code; the n-th
// call of it may have a <name>.n.out and a <name>.n.code of its own. The image that it makes has the id in <name>.id.
const fakeBuildah = `#!/bin/sh
dir=$(dirname "$0")
for arg in "$@"; do
  case "$arg" in
  --digestfile=*) digestfile=${arg#--digestfile=} ;;
  --iidfile=*) iidfile=${arg#--iidfile=} ;;
  esac
done
shift_driver=$1
command=$2
for arg in "$@"; do printf '%s\n' "$arg" >>"$dir/$command.args"; done
printf 'called %s %s\n' "$command" "$shift_driver" >>"$dir/calls"
n=$(grep -c "^called $command " "$dir/calls")
if [ -f "$dir/$command.$n.out" ] || [ -f "$dir/$command.$n.code" ]; then said=$dir/$command.$n; else said=$dir/$command; fi
find "$HOME/.config" -type f -exec cat {} + >"$dir/$command.config" 2>/dev/null
if [ -f "$said.out" ]; then cat "$said.out"; fi
if [ -f "$said.err" ]; then cat "$said.err" >&2; fi
if [ -f "$dir/$command.hang" ]; then
  sleep 3600 &
  echo $! >"$dir/child"
  : >"$dir/started"
  wait
fi
if [ -n "$digestfile" ] && [ -f "$dir/digest" ]; then cat "$dir/digest" >"$digestfile"; fi
if [ -n "$iidfile" ] && [ -f "$dir/$command.id" ]; then cat "$dir/$command.id" >"$iidfile"; fi
if [ -f "$said.code" ]; then exit "$(cat "$said.code")"; fi
`

const (
	image  = "registry.example.com:5000/team/iris:build-1"
	digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	// built and completed are the ids of what build and commit make.
	built     = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	completed = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
)

// fixture is a fake buildah on the PATH, a context with a Dockerfile and a place for the result.
type fixture struct {
	t                   *testing.T
	bin, context, after string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	f := &fixture{t, filepath.Join(root, "bin"), filepath.Join(root, "context"), filepath.Join(root, "result")}
	require.NoError(t, os.MkdirAll(f.bin, 0o755))
	require.NoError(t, os.MkdirAll(f.context, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(f.bin, "buildah"), []byte(fakeBuildah), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(f.context, "Dockerfile"), []byte("FROM python:3.12\n"), 0o644))
	f.says("digest", digest)
	f.says("build.id", "sha256:"+built+"\n")
	f.says("commit.id", "sha256:"+completed+"\n")
	f.says("from.out", "iris-working-container\n")
	f.says("run.out", "[]\n")
	t.Setenv("PATH", f.bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return f
}

// says writes one of the files that the fake obeys.
func (f *fixture) says(name, text string) {
	f.t.Helper()
	require.NoError(f.t, os.WriteFile(filepath.Join(f.bin, name), []byte(text), 0o644))
}

// recorded reads one of the files that the fake writes; empty when it wrote none.
func (f *fixture) recorded(name string) string {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join(f.bin, name))
	if errors.Is(err, os.ErrNotExist) {
		return ""
	}
	require.NoError(f.t, err)
	return string(text)
}

func (f *fixture) args(command string) []string {
	return strings.Split(strings.TrimSuffix(f.recorded(command+".args"), "\n"), "\n")
}

// run calls the subcommand and returns its exit code, its result and what it printed.
func (f *fixture) run(ctx context.Context, flags ...string) (code int, result buildstrategy.Result, output string) {
	f.t.Helper()
	command := imagebuild.NewCommand()
	var printed bytes.Buffer
	command.SetOut(&printed)
	command.SetArgs(append([]string{"--context=" + f.context, "--dockerfile=" + filepath.Join(f.context, "Dockerfile"),
		"--image=" + image, "--termination-log=" + f.after}, flags...))
	err := command.ExecuteContext(ctx)
	var failed *imagebuild.Failed
	if errors.As(err, &failed) {
		code = failed.ExitCode()
	} else {
		require.NoError(f.t, err)
	}
	message, err := os.ReadFile(f.after)
	require.NoError(f.t, err)
	result, err = buildstrategy.ParseResult(string(message))
	require.NoError(f.t, err)
	return code, result, printed.String()
}
