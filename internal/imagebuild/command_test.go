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

func TestWhatFailsAndWhetherTryingAgainHelps(t *testing.T) {
	const (
		permanent = 65
		temporary = 75
	)
	tests := map[string]struct {
		step, out string
		code      int
		reason    buildstrategy.Reason
		says      string
	}{
		"pip finds no such package": {"build", "STEP 7/9: RUN x\nERROR: Could not find a version that satisfies the requirement nosuch==9 (from versions: none)\n" +
			"ERROR: No matching distribution found for nosuch==9\nError: building at STEP \"RUN python3 -m pip install\": exit status 1\n",
			permanent, buildstrategy.BuildFailed, "at RUN python3 -m pip install: ERROR: Could not find a version that satisfies the requirement nosuch==9 (from versions: none) ERROR: No matching"},
		"pip cannot build a package": {"build", "  error: subprocess-exited-with-error\n  x\nerror: metadata-generation-failed\nError: building at STEP \"RUN p\": exit status 1\n",
			permanent, buildstrategy.BuildFailed, "error: metadata-generation-failed"},
		"pip cannot reach its index": {"build", "WARNING: Retrying after connection broken by 'NewConnectionError'\nERROR: No matching distribution found for a\nError: building at STEP \"RUN p\": exit status 1\n",
			temporary, buildstrategy.BuildFailed, "cannot reach its package index"},
		"there is no pip": {"build", "/usr/bin/python3: No module named pip\nError: building at STEP \"RUN p\": exit status 1\n",
			permanent, buildstrategy.BuildFailed, "has no pip"},
		"a step of the Dockerfile fails": {"build", "sh: make: not found\nError: building at STEP \"RUN make\": exit status 127\n",
			permanent, buildstrategy.BuildFailed, "at RUN make: Error: building at STEP"},
		"the Dockerfile is wrong": {"build", "Error: dockerfile parse error line 1: unknown instruction: FORM\n",
			permanent, buildstrategy.BuildFailed, "unknown instruction: FORM"},
		"a step is killed": {"build", "subprocess exited on killed\nError: building at STEP \"RUN p\": exit status 1\n",
			permanent, buildstrategy.OutOfMemory, "Raise the limit"},
		"the disk is full": {"build", "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\nError: building at STEP \"RUN p\": exit status 1\n",
			permanent, buildstrategy.BuildFailed, "no room left"},
		"the Dockerfile's base image is unknown": {"build", "Error: creating build container: initializing source docker://r/b:1: reading manifest 1 in r/b: manifest unknown: manifest unknown\n",
			permanent, buildstrategy.BaseImagePullFailed, "manifest unknown"},
		"the base image is unknown": {"pull", "Error: initializing source docker://r/b:1: reading manifest 1 in r/b: manifest unknown: manifest unknown\n",
			permanent, buildstrategy.BaseImagePullFailed, "Check baseImage and the push secret"},
		"the base image is not for everyone": {"pull", "Error: initializing source docker://r/b:1: unauthorized: authentication required\n",
			permanent, buildstrategy.BaseImagePullFailed, "refuses the credentials"},
		"the base image's registry is down": {"pull", "Error: initializing source docker://r/b:1: pinging container registry r: Get \"https://r/v2/\": dial tcp 127.0.0.1:5559: connect: connection refused\n",
			temporary, buildstrategy.BaseImagePullFailed, "cannot be reached"},
		"the base image has no readable settings": {"inspect", "Error: importing settings: image not known\n", permanent, buildstrategy.BaseImagePullFailed, ""},
		"the push is denied": {"push", "Error: pushing image: requested access to the resource is denied\n",
			permanent, buildstrategy.PushFailed, "refuses the credentials"},
		"the push needs a login": {"push", "Error: pushing image: trying to reuse blob: checking whether a blob exists: received unexpected HTTP status: 401 Unauthorized\n",
			permanent, buildstrategy.PushFailed, "Check the name of the image and the push secret"},
		"the push is forbidden": {"push", "Error: pushing image: writing blob: received unexpected HTTP status: 403 Forbidden\n",
			permanent, buildstrategy.PushFailed, "refuses the credentials"},
		"the registry speaks plain http": {"push", "Error: pushing image: pinging container registry r: Get \"https://r/v2/\": http: server gave HTTP response to HTTPS client\n",
			permanent, buildstrategy.PushFailed, "insecure setting"},
		"the registry is in trouble": {"push", "Error: pushing image: writing blob: received unexpected HTTP status: 503 Service Unavailable\n",
			temporary, buildstrategy.PushFailed, "in trouble"},
		"the registry does not keep up": {"pull", "Error: initializing source docker://r/b@sha256:0: can't talk to a V1 container registry\n",
			temporary, buildstrategy.BaseImagePullFailed, "in trouble"},
		"the registry has no name": {"push", "Error: pushing image: dial tcp: lookup r on 10.0.0.1:53: no such host\n",
			temporary, buildstrategy.PushFailed, "no such host"},
		"something nobody has seen": {"push", "Error: the moon is full\n", permanent, buildstrategy.PushFailed, "the moon is full"},
		"not a word":                {"push", "", permanent, buildstrategy.PushFailed, "see the end of the log"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.says(test.step+".out", test.out)
			f.says(test.step+".code", "125")
			var flags []string
			if test.step != "build" {
				flags = append(flags, "--base-image=python:3.12")
			}
			code, result, _ := f.run(t.Context(), flags...)
			assert.Equal(t, test.code, code)
			assert.Equal(t, test.reason, result.Reason)
			assert.Contains(t, result.Message, test.says)
			assert.Empty(t, result.Image)
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
