package runner_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/runner"
)

func TestTheDeadlineInterruptsSoThatATracebackExists(t *testing.T) {
	t.Parallel()
	bench := newBench(t, "hangs")
	bench.flags = []string{"--timeout-seconds=40"}
	record := bench.run()
	assert.Equal(t, report.OutcomeTimeout, record.Outcome)
	assert.Equal(t, []report.CellStatus{report.CellTimeout, notRun}, statuses(record))
	require.NotNil(t, record.Cells[0].Error)
	assert.Equal(t, "KeyboardInterrupt", record.Cells[0].Error.Name)
	assert.Contains(t, record.Cells[0].Error.Traceback, "time.sleep(1)")
	assert.Equal(t, "begun", record.Cells[0].Output)
	assert.Contains(t, report.Judge(record).Message, "cell 0 was running when the notebook's time of 40 s was used up")
}

func TestTheDeadlineHoldsForCellsThatDoNotListen(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"a cell that catches the interrupt":    "ignores_interrupts",
		"a cell that never stops its printing": "floods",
	}
	for name, notebook := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bench := newBench(t, notebook)
			bench.flags = []string{"--timeout-seconds=40", "--interrupt-grace-seconds=3"}
			record := bench.run()
			assert.Equal(t, report.OutcomeTimeout, record.Outcome)
			assert.Equal(t, []report.CellStatus{report.CellTimeout}, statuses(record))
			assert.NotEmpty(t, record.Cells[0].Output)
		})
	}
}

func TestADeletedPodEndsAtOnceWithoutAResult(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		signal syscall.Signal
		code   int
	}{
		"SIGTERM": {syscall.SIGTERM, 143},
		"SIGINT":  {syscall.SIGINT, 130},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bench := newBench(t, "tells_kernel")
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			command, _, stderr := bench.command(ctx)
			require.NoError(t, command.Start())
			require.Eventually(t, func() bool {
				note, err := os.ReadFile(bench.progress)
				progress, parseErr := runner.ParseProgress(note)
				return err == nil && parseErr == nil && progress.Cell == 1
			}, time.Minute, 20*time.Millisecond)
			kernel, err := strconv.Atoi(string(bench.read("kernel.pid")))
			require.NoError(t, err)
			require.NoError(t, syscall.Kill(kernel, 0))

			require.NoError(t, command.Process.Signal(test.signal))
			var exit *exec.ExitError
			require.True(t, errors.As(command.Wait(), &exit), "stderr:\n%s", stderr)
			assert.Equal(t, test.code, exit.ExitCode())
			assert.NoFileExists(t, filepath.Join(bench.out, "run.json"))
			requireGone(t, kernel)
		})
	}
}

func TestNothingOfTheNotebookOutlivesTheRecord(t *testing.T) {
	t.Parallel()
	bench := newBench(t, "leaves_process")
	record := bench.run()
	assert.Equal(t, report.OutcomeCompleted, record.Outcome)
	forger, err := strconv.Atoi(strings.TrimSpace(record.Cells[0].Output))
	require.NoError(t, err)
	requireGone(t, forger)
	again, err := report.ParseRun(bench.read("run.json"))
	require.NoError(t, err)
	assert.Equal(t, record, again)
}

func TestTheRecordReplacesWhateverTheNotebookPutInItsPlace(t *testing.T) {
	t.Parallel()
	record := newBench(t, "blocks_result").run()
	assert.Equal(t, report.OutcomeCompleted, record.Outcome)
}

// requireGone wants the process to be dead; a zombie, whose parent has yet to
// look at it, is.
func requireGone(t *testing.T, pid int) {
	t.Helper()
	require.Eventually(t, func() bool {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		if err != nil {
			return true
		}
		_, after, _ := strings.Cut(string(stat), ") ")
		return strings.HasPrefix(after, "Z")
	}, 10*time.Second, 10*time.Millisecond, "process %d is still alive", pid)
}

func TestAnImageWithoutJupyterIsToldWhatIsMissing(t *testing.T) {
	t.Parallel()
	bench := newBench(t, "completes")
	// Without its site directories the interpreter has the standard library only.
	bench.interpreter = append(bench.interpreter, "-S", "-E")
	record := bench.run()
	assert.Equal(t, report.OutcomeRunnerMissing, record.Outcome)
	for _, module := range []string{"nbclient", "nbformat", "jupyter_client"} {
		assert.Contains(t, record.Detail, module+" cannot be imported (ModuleNotFoundError")
	}
	verdict := report.Judge(record)
	assert.Equal(t, report.ReasonRunnerMissing, verdict.Reason)
	assert.Contains(t, verdict.Message, "install nbclient, nbformat and ipykernel in the image")
}
