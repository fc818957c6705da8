package runner_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/report"
)

const withoutPip = "requirements.lock has names and versions only: pip is not in the image"

// patientFreeze is for a machine on which everything is more urgent than the list.
const patientFreeze = "--freeze-seconds=100"

// withPip gives the run a pip that is this program; without a program, none
// that can be run.
func (b *bench) withPip(program string) *bench {
	b.t.Helper()
	site := b.t.TempDir()
	pip := filepath.Join(site, "pip")
	require.NoError(b.t, os.Mkdir(pip, 0o755))
	require.NoError(b.t, os.WriteFile(filepath.Join(pip, "__init__.py"), nil, 0o600))
	if program != "" {
		require.NoError(b.t, os.WriteFile(filepath.Join(pip, "__main__.py"), []byte(program), 0o600))
	}
	b.packages, b.environ = true, append(b.environ, "PYTHONPATH="+site, "NBV_TEST_SITE="+site)
	b.flags = append(b.flags, patientFreeze)
	return b
}

func TestTheListIsWhatPipFreezePrintsInTheImage(t *testing.T) {
	t.Parallel()
	freeze := exec.Command(python(t), "-m", "pip", "freeze")
	freeze.Dir = t.TempDir()
	printed, err := freeze.Output()
	var exit *exec.ExitError
	pipIsMissing := errors.As(err, &exit) && strings.Contains(string(exit.Stderr), "No module named pip")
	if !pipIsMissing {
		require.NoError(t, err)
	}

	bench := newBench(t, "completes")
	bench.flags = []string{patientFreeze}
	bench.packages, bench.environ = true, append(bench.environ, "PIP_USER=1", "PIP_REQUIRE_VIRTUALENV=1", "PIP_EXCLUDE=six", "PYTHONWARNINGS=error")
	// A file of that name beside the notebook is not pip.
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(bench.notebook), "pip.py"), []byte("print('forged==1')"), 0o600))
	record := bench.run()
	assert.Equal(t, report.OutcomeCompleted, record.Outcome)
	if pipIsMissing {
		assert.Equal(t, []string{withoutPip}, record.Notes)
		return
	}
	assert.Equal(t, string(printed), strings.Join(record.Requirements, "\n")+"\n")
	assert.Empty(t, record.Notes)
}

func TestWithoutTheWishThereIsNoList(t *testing.T) {
	t.Parallel()
	record := newBench(t, "completes").run()
	assert.Equal(t, report.OutcomeCompleted, record.Outcome)
	assert.Empty(t, record.Requirements)
	assert.Empty(t, record.Notes)
}

func TestWhateverBecomesOfTheListTheNotebookRuns(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		pip, note string
		lines     []string
	}{
		"it is printed": {
			"print('# Editable install with no version control (a==1)\\n-e /srv/a\\nb==2')", "",
			[]string{"# Editable install with no version control (a==1)", "-e /srv/a", "b==2"}},
		"pip is called as pip freeze, and nothing is configured": {
			"import os, sys; print('#', *sys.argv[1:], os.environ['PIP_CONFIG_FILE'], os.listdir())", "",
			[]string{"# --isolated --disable-pip-version-check freeze /dev/null []"}},
		"its folder is empty whatever the run keeps": {
			"import os, time\nwhile len(os.listdir(os.pardir)) < 2: time.sleep(0.01)\nprint('#', os.listdir())", "",
			[]string{"# []"}},
		"warnings are no packages": {
			"import sys; print('WARNING: a new pip', file=sys.stderr); print('a==1')", "", []string{"a==1"}},
		"pip fails": {
			"import sys; print('a==1'); sys.exit('no metadata')",
			"requirements.lock was not made: pip freeze ended with exit code 1: no metadata", nil},
		"pip is killed": {
			"import os; os.kill(os.getpid(), 9)",
			"requirements.lock was not made: pip freeze ended with exit code -9", nil},
		"pip is not there": {
			"", withoutPip, []string{"ipykernel"}},
		"there is no package": {
			"pass", "requirements.lock was not made: pip freeze lists no package", nil},
		"pip floods": {
			"while True: print('a==1')", "requirements.lock was not made: pip freeze printed more than 256 KiB", nil},
		"pip hangs": {
			"import time; print('a==1', flush=True); time.sleep(1000)",
			"requirements.lock was not made: pip freeze did not end within", nil},
		"a child of pip holds its output": {
			"import subprocess; subprocess.Popen(['sleep', '1000'], start_new_session=True); print('a==1')",
			"requirements.lock was not made: pip freeze did not end within", nil},
		"pip prints an option": {
			"print('--index-url https://evil.example.com')", "requirements.lock was left out: line 1", nil},
		"pip prints what is no text": {
			"import os; os.write(1, b'a==1\\n\\xff\\n')", "requirements.lock was left out: line 2", nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bench := newBench(t, "completes").withPip(test.pip)
			if strings.Contains(test.note, "did not end") {
				bench.flags = []string{"--freeze-seconds=1"}
			}
			record := bench.run()
			assert.Equal(t, report.OutcomeCompleted, record.Outcome)
			if test.note == "" {
				assert.Empty(t, record.Notes)
			} else if assert.Len(t, record.Notes, 1) {
				assert.Contains(t, record.Notes[0], test.note)
			}
			if test.note == withoutPip {
				assert.Regexp(t, `(?m)^ipykernel==\d\S*$`, strings.Join(record.Requirements, "\n"))
				return
			}
			assert.ElementsMatch(t, test.lines, record.Requirements)
		})
	}
}

func TestWhatACellInstallsIsNotOfTheImage(t *testing.T) {
	t.Parallel()
	record := newBench(t, "adds_package").withPip("").run()
	assert.Equal(t, report.OutcomeCompleted, record.Outcome)
	assert.Equal(t, "'1.0'", record.Cells[0].Output, "the notebook itself can import it")
	assert.NotEmpty(t, record.Requirements)
	assert.NotContains(t, record.Requirements, "late==1.0")
}

func TestTheListIsOfThePythonThatTheKernelRunsIn(t *testing.T) {
	t.Parallel()
	const unknown = "requirements.lock is of the image's python3: the kernel does not tell which Python it runs in"
	own := filepath.Join(t.TempDir(), "python3.own")
	require.NoError(t, os.WriteFile(own, []byte("#!/bin/sh\necho \"# $*\"\n"), 0o755))
	cases := map[string]struct {
		argv  []string
		lines []string
		notes []string
	}{
		"a Python of its own": {
			[]string{own, "-m", "ipykernel_launcher", "-f", "{connection_file}"},
			[]string{"# -m pip --isolated --disable-pip-version-check freeze"}, nil},
		"options and a program before it": {
			[]string{"/usr/bin/env", "A=b", own, "-Xutf8", "-m", "ipykernel_launcher", "-f", "{connection_file}"},
			[]string{"# -Xutf8 -m pip --isolated --disable-pip-version-check freeze"}, nil},
		"the Python of the runner by a bare name": {
			[]string{"python3", "-m", "no_such_module_for_a_kernel"}, []string{"own==1"}, nil},
		"a program that is no Python": {
			[]string{"/bin/sh", "-c", "exit 7"}, []string{"own==1"}, []string{unknown}},
		"a Python in a place that is not told": {
			[]string{"{resource_dir}/python3", "-m", "ipykernel_launcher"}, []string{"own==1"}, []string{unknown}},
		"a Python that is not there": {
			[]string{"/no/such/python3", "-m", "ipykernel_launcher"}, nil,
			[]string{"requirements.lock was not made: /no/such/python3 cannot be started: [Errno 2] No such file or directory: '/no/such/python3'"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bench := newBench(t, "broken_kernel").withPip("print('own==1')")
			bench.environ = append(bench.environ, "JUPYTER_PATH="+installKernel(t, test.argv))
			record := bench.run()
			assert.Equal(t, report.OutcomeKernelStartFailed, record.Outcome, "the list is told nevertheless")
			assert.ElementsMatch(t, test.lines, record.Requirements)
			assert.ElementsMatch(t, test.notes, record.Notes)
		})
	}
}
