package imagebuild_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

func TestAGeneratedDockerfileIsBuiltOnItsBaseImageAndPushed(t *testing.T) {
	f := newFixture(t)
	auth := filepath.Join(f.bin, "auth.json")
	f.says("auth.json", "{}")
	f.says("inspect.out", "1001:0\n/home/jovyan\n")
	f.says("build.out", "STEP 1/2: FROM python\n")

	code, result, output := f.run(t.Context(), "--base-image=docker.io/library/python:3.12", "--authfile="+auth)

	assert.Zero(t, code)
	assert.Equal(t, buildstrategy.Result{Version: 1, Image: "registry.example.com:5000/team/iris@" + digest}, result)
	assert.Contains(t, output, "STEP 1/2: FROM python")
	driver := "--storage-driver=overlay"
	assert.Equal(t, []string{driver, "pull", "--authfile=" + auth, "--", "docker.io/library/python:3.12"}, f.args("pull"))
	assert.Equal(t, []string{driver, "build", "--authfile=" + auth, "--isolation=chroot", "--layers", "--format=docker",
		"--file=" + filepath.Join(f.context, "Dockerfile"), "--tag=" + image, idFlag(f.args("build")), "--pull-never", "--ignorefile=/dev/null",
		"--build-arg=BASE_USER=1001:0", "--build-arg=BASE_WORKDIR=/home/jovyan", "--", f.context}, f.args("build"))
	push := f.args("push")
	require.Len(t, push, 7)
	assert.Equal(t, []string{driver, "push", "--authfile=" + auth}, push[:3])
	assert.Equal(t, []string{"--", built, "docker://" + image}, push[4:])
	assert.NotContains(t, f.recorded("calls"), "called from", "what a generated Dockerfile installs is not asked for")
	assert.Empty(t, f.recorded("push.config"), "no registry is trusted without being told so")
}

// idFlag is where the fake was told to leave the id, in a directory of each run alone.
func idFlag(args []string) string {
	return args[slices.IndexFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--iidfile=") })]
}

func TestABaseImageWithoutSettingsGivesNoBuildArguments(t *testing.T) {
	f := newFixture(t)
	f.says("inspect.out", "\n\n")
	code, _, _ := f.run(t.Context(), "--base-image=python:3.12")
	assert.Zero(t, code)
	assert.NotContains(t, f.recorded("build.args"), "--build-arg")
}

func TestADockerfileOfTheRepositoryIsBuiltAsItIs(t *testing.T) {
	f := newFixture(t)
	code, _, _ := f.run(t.Context())
	assert.Zero(t, code)
	assert.Empty(t, f.recorded("pull.args"))
	assert.NotContains(t, f.recorded("build.args"), "--ignorefile")
	assert.NotContains(t, f.recorded("build.args"), "--pull-never")
}

func TestInsecureTrustsTheImagesRegistryAndNoOther(t *testing.T) {
	f := newFixture(t)
	code, _, _ := f.run(t.Context(), "--insecure=true")
	assert.Zero(t, code)
	want := "[[registry]]\nlocation = \"registry.example.com:5000\"\ninsecure = true\n"
	assert.Equal(t, want, f.recorded("build.config"))
	assert.Equal(t, want, f.recorded("push.config"))
	assert.NotContains(t, f.recorded("build.args")+f.recorded("push.args"), "tls")
}

func TestTheStorageDriver(t *testing.T) {
	tests := map[string]struct{ flag, infoCode, want string }{
		"overlay where it works":       {"auto", "0", "--storage-driver=overlay"},
		"vfs where overlay does not":   {"auto", "125", "--storage-driver=vfs"},
		"the one that is asked for":    {"vfs", "0", "--storage-driver=vfs"},
		"even where it would not work": {"overlay", "125", "--storage-driver=overlay"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.says("info.code", test.infoCode)
			code, _, _ := f.run(t.Context(), "--storage-driver="+test.flag)
			assert.Zero(t, code)
			assert.Equal(t, test.want, f.args("build")[0])
		})
	}
}

func TestTheMessageEndsWithTheLastLinesOfALongLog(t *testing.T) {
	f := newFixture(t)
	f.says("build.out", strings.Repeat("\x1b[32mCollecting something\x1b[0m\r\n", 10000)+"ERROR: No matching distribution found for a\nError: building at STEP \"RUN p\": exit status 1\n")
	f.says("build.code", "1")
	_, result, output := f.run(t.Context())
	assert.True(t, strings.HasPrefix(result.Message, "The build failed at RUN p: ERROR: No matching distribution found for a\n"), result.Message)
	assert.True(t, strings.HasSuffix(result.Message, "found for a\nError: building at STEP \"RUN p\": exit status 1"), result.Message)
	assert.NotContains(t, result.Message, "\x1b")
	assert.Greater(t, len(result.Message), 2000)
	assert.Equal(t, 10000, strings.Count(output, "Collecting"), "the container's own log has everything")
}

func TestADigestIsNotBelievedBlindly(t *testing.T) {
	for name, text := range map[string]string{"nothing": "", "a word": "done", "short": "sha256:aa", "two": digest + "\n" + digest, "upper case": strings.ToUpper(digest)} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.says("digest", text)
			code, result, _ := f.run(t.Context())
			assert.Equal(t, 65, code)
			assert.Equal(t, buildstrategy.PushFailed, result.Reason)
			assert.Empty(t, result.Image)
		})
	}
}

func TestAnIDIsNotBelievedBlindly(t *testing.T) {
	for name, text := range map[string]string{"nothing": "", "a word": "done", "short": "sha256:bb", "an option": "--all"} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.says("build.id", text)
			code, result, _ := f.run(t.Context())
			assert.Equal(t, 65, code)
			assert.Contains(t, result.Message, "which image it made")
			assert.NotContains(t, f.recorded("calls"), "push")
		})
	}
}

func TestFlagsThatCannotBeBuilt(t *testing.T) {
	tests := map[string]struct{ flag, says string }{
		"an image that is none":     {"--image=a b", "cannot be named"},
		"a base image that is none": {"--base-image=a\nb", "not the name of a base image"},
		"a label without a value":   {"--label=name", "not a label"},
		"a label without a name":    {"--label==value", "not a label"},
		"a label that is no text":   {"--label=name=\xff", "not a label"},
		"no room for a result":      {"--result-limit=100", "between 1024 and 4096"},
		"more than is ever read":    {"--result-limit=5000", "between 1024 and 4096"},
		"no time":                   {"--build-timeout=0s", "no time left"},
		"no context":                {"--context=/nonexistent/context", "build context cannot be found"},
		"no Dockerfile":             {"--dockerfile=/nonexistent/Dockerfile", "Dockerfile cannot be found"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			code, result, _ := f.run(t.Context(), test.flag)
			assert.Equal(t, 65, code)
			assert.Equal(t, buildstrategy.BuilderFailed, result.Reason)
			assert.Contains(t, result.Message, "The build cannot begin")
			assert.Contains(t, result.Message, test.says)
			assert.Empty(t, f.recorded("calls"))
		})
	}
}

func TestADockerfileThatLinksOutOfTheRepositoryIsNotRead(t *testing.T) {
	f := newFixture(t)
	f.says("auth.json", "{}")
	link := filepath.Join(f.context, "Dockerfile")
	require.NoError(t, os.Remove(link))
	require.NoError(t, os.Symlink(filepath.Join(f.bin, "auth.json"), link))
	code, result, _ := f.run(t.Context())
	assert.Equal(t, 65, code)
	assert.Contains(t, result.Message, "leads out of the repository")
	assert.Empty(t, f.recorded("calls"))
}

func TestAMissingPushSecretIsSaidAndTriedAgain(t *testing.T) {
	f := newFixture(t)
	code, result, _ := f.run(t.Context(), "--authfile="+filepath.Join(f.bin, "gone"))
	assert.Equal(t, 75, code)
	assert.Equal(t, buildstrategy.PushFailed, result.Reason)
	assert.Contains(t, result.Message, "kubernetes.io/dockerconfigjson")
}

func TestABuilderWithoutBuildahIsSaid(t *testing.T) {
	f := newFixture(t)
	t.Setenv("PATH", f.context)
	code, result, _ := f.run(t.Context())
	assert.Equal(t, 65, code)
	assert.Equal(t, buildstrategy.BuilderFailed, result.Reason)
	assert.Contains(t, result.Message, "no program buildah")
}

func TestABuildOutOfTimeIsStoppedAndSaysSo(t *testing.T) {
	f := newFixture(t)
	f.says("build.hang", "")
	f.says("build.out", "Collecting torch\n")
	for timeout := time.Second; f.recorded("child") == ""; timeout *= 2 { // until there was time enough to begin
		code, result, _ := f.run(t.Context(), "--storage-driver=vfs", "--build-timeout="+timeout.String())
		assert.Equal(t, 65, code)
		assert.Equal(t, buildstrategy.BuildTimeout, result.Reason)
		if f.recorded("child") != "" {
			assert.True(t, strings.HasSuffix(result.Message, "Collecting torch"), result.Message)
		}
	}
	f.requireChildGone()
}

func TestAnImageNamedLikeAnOptionStaysAnArgument(t *testing.T) {
	f := newFixture(t)
	code, _, _ := f.run(t.Context(), "--image=--help")
	assert.Zero(t, code)
	assert.Contains(t, f.args("build"), "--tag=--help")
	push := f.args("push")
	assert.Equal(t, []string{"--", built, "docker://--help"}, push[len(push)-3:])
}

func TestAStoppedBuildStopsAllOfBuildah(t *testing.T) {
	f := newFixture(t)
	f.says("build.hang", "")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(filepath.Join(f.bin, "started")); err == nil {
				cancel()
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	code, result, _ := f.run(ctx)
	assert.Equal(t, 143, code)
	assert.Equal(t, buildstrategy.BuilderFailed, result.Reason)
	assert.Contains(t, result.Message, "stopped before its end")
	f.requireChildGone()
}

// requireChildGone holds that what buildah started ended with it.
func (f *fixture) requireChildGone() {
	f.t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(f.recorded("child")))
	require.NoError(f.t, err)
	require.Eventually(f.t, func() bool { return !alive(pid) }, 10*time.Second, 10*time.Millisecond)
}

// alive tells a running process from one that is gone or only waits to be reaped by whoever inherited it.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}
