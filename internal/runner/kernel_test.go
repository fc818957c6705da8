package runner_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/report"
)

func TestPythonNotebooksFallBackToPython3WithANote(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ notebook, note string }{
		"its kernel is a team's own": {"own_kernel", "the kernel team-env is not installed: it was run in the kernel python3"},
		"it names no kernel":         {"no_kernelspec", "the notebook names no kernel: it was run in the kernel python3"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := newBench(t, test.notebook).run()
			assert.Equal(t, report.OutcomeCompleted, record.Outcome)
			assert.Equal(t, "python3", record.Kernel.Name)
			assert.Equal(t, "python", record.Kernel.Language)
			assert.Equal(t, []string{test.note}, record.Notes)
		})
	}
}

func TestAnInstalledKernelThatDoesNotStartIsToldWithItsOwnWords(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		argv   []string
		detail string
	}{
		"its program is missing": {[]string{"/no/such/python", "{connection_file}"}, "cannot be started: FileNotFoundError"},
		"its program gives up":   {[]string{"/bin/sh", "-c", "echo wrong library >&2; exit 7"}, "wrong library"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bench := newBench(t, "broken_kernel")
			bench.environ = append(bench.environ, "JUPYTER_PATH="+installKernel(t, test.argv))
			record := bench.run()
			assert.Equal(t, report.OutcomeKernelStartFailed, record.Outcome)
			assert.Contains(t, record.Detail, test.detail)
			assert.Equal(t, []report.CellStatus{notRun}, statuses(record))
			assert.Equal(t, report.ReasonKernelUnavailable, report.Judge(record).Reason)
		})
	}
}

// Where a stranger has the ports, the client hears of it in one of two ways: the
// kernel says that they are taken, or the stranger's messages arrive first.
func TestAKernelThatLosesItsPortsIsStartedAgain(t *testing.T) {
	t.Parallel()
	const taken = `echo "zmq.error.ZMQError: Address already in use" >&2; exit 1`
	program, err := filepath.Abs(filepath.Join("testdata", "stranger.py"))
	require.NoError(t, err)
	stranger := fmt.Sprintf(`exec %s %s "$0"`, python(t), program)
	for name, test := range map[string]struct {
		loses   string
		times   int
		outcome report.Outcome
		detail  string
	}{
		"once":                    {taken, 1, report.OutcomeCompleted, ""},
		"every time":              {taken, 100, report.OutcomeKernelStartFailed, "Address already in use"},
		"once, to a kernel":       {stranger, 1, report.OutcomeCompleted, ""},
		"to a kernel, every time": {stranger, 100, report.OutcomeKernelStartFailed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			starts := filepath.Join(t.TempDir(), "starts")
			script := fmt.Sprintf(`echo >> %[1]s; [ $(wc -l < %[1]s) -gt %[2]d ] && exec %[3]s -m ipykernel_launcher -f "$0"; `,
				starts, test.times, python(t)) + test.loses
			bench := newBench(t, "broken_kernel")
			bench.environ = append(bench.environ, "JUPYTER_PATH="+installKernel(t, []string{"/bin/sh", "-c", script, "{connection_file}"}))
			record := bench.run()
			assert.Equal(t, test.outcome, record.Outcome, record.Detail)
			if test.outcome == report.OutcomeKernelStartFailed {
				assert.Contains(t, record.Detail, "other programs took its ports")
				assert.Contains(t, record.Detail, test.detail)
			}
		})
	}
}

func TestAKernelThatNeverAnswersIsNotWaitedForLongerThanAllowed(t *testing.T) {
	t.Parallel()
	bench := newBench(t, "broken_kernel")
	bench.environ = append(bench.environ, "JUPYTER_PATH="+installKernel(t, []string{"/bin/sleep", "1000"}))
	bench.flags = []string{"--startup-timeout-seconds=1"}
	record := bench.run()
	assert.Equal(t, report.OutcomeKernelStartFailed, record.Outcome)
	assert.Contains(t, record.Detail, "did not become ready: it runs, but did not answer within 1 s")
}

// installKernel makes a kernel named broken and returns the path to search.
func installKernel(t *testing.T, argv []string) string {
	t.Helper()
	root := t.TempDir()
	folder := filepath.Join(root, "kernels", "broken")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	spec, err := json.Marshal(map[string]any{"argv": argv, "display_name": "Broken", "language": "python"})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "kernel.json"), spec, 0o600))
	return root
}

func TestTheHistoryIsNotShared(t *testing.T) {
	t.Parallel()
	record := newBenchOf(t, nil, code("get_ipython().history_manager.hist_file"), code("%history")).run()
	require.Equal(t, report.OutcomeCompleted, record.Outcome, record.Detail)
	assert.Equal(t, "':memory:'", record.Cells[0].Output)
	assert.Contains(t, record.Cells[1].Output, "history_manager", "the cells of this run are in it")
}

func TestExitCodeAndSignalOfADeadKernel(t *testing.T) {
	t.Parallel()
	ended := newBench(t, "os_exit").run()
	require.NotNil(t, ended.ExitCode)
	assert.Equal(t, 3, *ended.ExitCode)
	assert.Nil(t, ended.Signal)
	assert.False(t, ended.OutOfMemory)

	killed := newBench(t, "killed").run()
	require.NotNil(t, killed.ExitCode)
	require.NotNil(t, killed.Signal)
	assert.Equal(t, -9, *killed.ExitCode)
	assert.Equal(t, "SIGKILL", *killed.Signal)
	assert.False(t, killed.OutOfMemory)
}

func TestAKernelKilledForLackOfMemoryIsTold(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ file, content string }{
		"cgroup v2": {"memory.events", "low 0\nhigh 0\nmax 9\noom 4\noom_kill 4\n"},
		"cgroup v1": {"memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			counter := filepath.Join(root, test.file)
			require.NoError(t, os.MkdirAll(filepath.Dir(counter), 0o755))
			require.NoError(t, os.WriteFile(counter, []byte(test.content), 0o600))
			bench := newBench(t, "out_of_memory")
			bench.flags = []string{"--cgroup-root=" + root}
			bench.environ = append(bench.environ, "NBV_TEST_COUNTER="+counter)
			record := bench.run()
			assert.Equal(t, report.OutcomeKernelDied, record.Outcome)
			assert.True(t, record.OutOfMemory)
			assert.Equal(t, report.ReasonOutOfMemory, report.Judge(record).Reason)
		})
	}
}
