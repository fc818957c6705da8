package imagebuild_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// calls are the subcommands of buildah in their order.
func (f *fixture) calls() []string {
	var calls []string
	for line := range strings.Lines(f.recorded("calls")) {
		calls = append(calls, strings.Fields(line)[1])
	}
	return calls
}

func TestAnImageOfTheRepositoryIsPushedAsItIsIfNothingIsMissing(t *testing.T) {
	f := newFixture(t)
	f.says("run.out", "a greeting of the image\n[]\nand its farewell\n")
	code, result, output := f.run(t.Context(), "--storage-driver=vfs")
	assert.Zero(t, code)
	assert.Equal(t, "registry.example.com:5000/team/iris@"+digest, result.Image)
	assert.Equal(t, []string{"build", "inspect", "from", "run", "push"}, f.calls())
	assert.Contains(t, f.args("push"), built)
	assert.Contains(t, output, "left as the Dockerfile makes it")

	assert.Equal(t, []string{"--storage-driver=vfs", "from", "--pull-never", "--", built}, f.args("from"))
	probe := f.args("run")
	assert.Equal(t, []string{"run", "--isolation=chroot", "--", "iris-working-container", "python3", "-s", "-c"}, probe[1:8])
	assert.Equal(t, []string{"nbclient", "nbformat", "ipykernel"}, probe[len(probe)-3:])
}

func TestAnImageThatRunsInstructionsWhenItIsOpenedIsNotOpened(t *testing.T) {
	f := newFixture(t)
	f.says("inspect.out", "RUN false\n\n")
	code, _, output := f.run(t.Context(), "--storage-driver=vfs")
	assert.Zero(t, code)
	assert.Equal(t, []string{"build", "inspect", "push"}, f.calls())
	assert.Contains(t, output, "ONBUILD")
}

func TestWhatIsMissingIsInstalledInOneMoreLayer(t *testing.T) {
	f := newFixture(t)
	f.says("run.1.out", `["ipykernel", "nbclient", "--target=/"]`)
	code, _, output := f.run(t.Context(), "--storage-driver=vfs", "--label=a=b")
	assert.Zero(t, code)
	assert.Equal(t, []string{"build", "inspect", "from", "run", "run", "run", "config", "commit", "push"}, f.calls())
	assert.Contains(t, f.args("push"), completed)
	assert.Contains(t, output, "lacks nbclient, ipykernel,")

	install := "--isolation=chroot\n--user=0\n--env=PIP_BREAK_SYSTEM_PACKAGES=1\n--env=PIP_ROOT_USER_ACTION=ignore\n--\niris-working-container\n" +
		"python3\n-m\npip\ninstall\n--no-user\n--no-input\n--disable-pip-version-check\n--no-cache-dir\nnbclient\nipykernel\n--storage-driver=vfs\n"
	assert.Contains(t, f.recorded("run.args"), install, "what an image says is missing is never more than what was asked for")
	commit := f.args("commit")
	assert.Equal(t, []string{"--storage-driver=vfs", "commit", "--format=docker", idFlag(commit), "--", "iris-working-container"}, commit)
}

func TestAnImageOfTheRepositoryThatNoNotebookCanRunIn(t *testing.T) {
	const lacks = `["nbclient"]`
	tests := map[string]struct {
		files  map[string]string
		code   int
		reason buildstrategy.Reason
		says   string
	}{
		"has no python3": {map[string]string{"run.code": "1", "run.err": "process failed to start with error: exec: \"python3\": executable file not found in $PATH\nError: exit status 1\n"},
			permanent, buildstrategy.BuildFailed, "no python3"},
		"has a python3 that does not start": {map[string]string{"run.code": "126", "run.err": "exec format error\nError: exit status 126\n"},
			permanent, buildstrategy.BuildFailed, "cannot be started"},
		"has a python3 that does not answer": {map[string]string{"run.out": "hello\n"}, permanent, buildstrategy.BuildFailed, "cannot be started"},
		"has a python3 that is killed": {map[string]string{"run.code": "137", "run.err": "Error: exit status 137\n"},
			permanent, buildstrategy.OutOfMemory, "Raise the limit"},
		"has no pip": {map[string]string{"run.1.out": lacks, "run.2.out": "/usr/bin/python3: No module named pip\nError: exit status 1\n", "run.2.code": "1"},
			permanent, buildstrategy.BuildFailed, "lacks nbclient, which running a notebook takes, and it cannot be added. Install it in the Dockerfile."},
		"cannot reach the package index": {map[string]string{"run.1.out": lacks, "run.2.code": "1",
			"run.2.out": "WARNING: Retrying after connection broken by 'NewConnectionError'\nERROR: No matching distribution found for nbclient\n"},
			temporary, buildstrategy.BuilderFailed, "cannot reach its package index"},
		"cannot import what was installed": {map[string]string{"run.1.out": lacks, "run.2.out": "", "run.3.out": lacks},
			permanent, buildstrategy.BuildFailed, "cannot import nbclient"},
		"does not start once more": {map[string]string{"run.1.out": lacks, "run.2.out": "", "run.3.code": "1"},
			permanent, buildstrategy.BuildFailed, "cannot be started"},
		"cannot be opened":    {map[string]string{"from.code": "125", "from.out": "Error: no room: no space left on device\n"}, permanent, buildstrategy.BuilderFailed, "cannot look into the image"},
		"cannot be inspected": {map[string]string{"inspect.code": "125", "inspect.err": "Error: image not known\n"}, permanent, buildstrategy.BuilderFailed, "Error: image not known"},
		"cannot be committed for want of memory": {map[string]string{"run.1.out": lacks, "commit.code": "1", "commit.out": "Error: signal: killed\n"},
			permanent, buildstrategy.OutOfMemory, "Raise the limit"},
		"cannot be described": {map[string]string{"run.1.out": lacks, "config.code": "125"}, permanent, buildstrategy.BuilderFailed, "complete it. Run the build again"},
		"cannot be committed": {map[string]string{"run.1.out": lacks, "commit.code": "125", "commit.out": "Error: no space left on device\n"}, permanent, buildstrategy.BuilderFailed, "no room left"},
		"has no id":           {map[string]string{"run.1.out": lacks, "commit.id": "x"}, permanent, buildstrategy.BuilderFailed, "which image it made"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			for file, text := range test.files {
				f.says(file, text)
			}
			code, result, _ := f.run(t.Context())
			assert.Equal(t, test.code, code)
			assert.Equal(t, test.reason, result.Reason)
			assert.Contains(t, result.Message, test.says)
			assert.NotContains(t, f.calls(), "push")
		})
	}
}
