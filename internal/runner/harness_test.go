package runner_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/runner"
)

// python returns the interpreter that runs notebooks in these tests. Without
// its Jupyter libraries nothing would be tested, so their absence is a failure.
func python(t *testing.T) string {
	t.Helper()
	interpreter := os.Getenv("NBV_TEST_PYTHON")
	if interpreter == "" {
		interpreter = "/usr/bin/python3"
	}
	checkLibraries.Do(func() {
		librariesOutput, librariesError = exec.Command(interpreter, "-c",
			"import nbclient, nbformat, jupyter_client, ipykernel").CombinedOutput()
	})
	require.NoErrorf(t, librariesError, "%s cannot run notebooks: install nbclient, nbformat and ipykernel for it "+
		"(make test-prereqs), or name another interpreter in NBV_TEST_PYTHON\n%s", interpreter, librariesOutput)
	return interpreter
}

var (
	checkLibraries  sync.Once
	librariesOutput []byte
	librariesError  error
)

// bench is one run of the real program over one notebook.
type bench struct {
	t              *testing.T
	interpreter    []string
	notebook, out  string
	progress       string
	flags, environ []string
	// packages has the packages listed too, which takes as much work as many a notebook.
	packages bool
}

// newBench puts the notebook of testdata into a folder of its own.
func newBench(t *testing.T, notebook string) *bench {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", notebook+".ipynb"))
	require.NoError(t, err)
	workspace := t.TempDir()
	folder := filepath.Join(workspace, "folder of the notebook")
	require.NoError(t, os.Mkdir(folder, 0o755))
	path := filepath.Join(folder, notebook+".ipynb")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	out := filepath.Join(workspace, "out")
	return &bench{
		t:           t,
		interpreter: []string{python(t)},
		notebook:    path,
		out:         out,
		progress:    filepath.Join(workspace, "progress"),
		// A runner that is stopped by a signal leaves its temporary folder.
		environ: append(os.Environ(), "NBV_TEST_OUT="+out, "TMPDIR="+t.TempDir()),
	}
}

// command returns the runner's process, not started yet, with its two outputs.
func (b *bench) command(ctx context.Context) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	b.t.Helper()
	tools := b.t.TempDir()
	require.NoError(b.t, runner.WriteTo(tools))
	options := runner.Options{
		ToolsDir:     tools,
		Notebook:     b.notebook,
		OutputDir:    b.out,
		Timeout:      2 * time.Minute,
		ProgressFile: b.progress,
		NoPackages:   !b.packages,
	}
	arguments := append(append(b.interpreter[1:], options.Arguments()...), b.flags...)
	command := exec.CommandContext(ctx, b.interpreter[0], arguments...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr, command.Env = &stdout, &stderr, b.environ
	return command, &stdout, &stderr
}

// run runs the notebook, wants the exit code to be 0, and returns the record as
// the report container reads it, checked against the pristine notebook.
func (b *bench) run() *report.Run {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 3*time.Minute)
	defer cancel()
	command, stdout, stderr := b.command(ctx)
	require.NoErrorf(b.t, command.Run(), "stdout:\n%s\nstderr:\n%s", stdout, stderr)
	record, err := report.ParseRun(b.read("run.json"))
	require.NoErrorf(b.t, err, "stderr:\n%s", stderr)
	pristine, err := os.ReadFile(b.notebook)
	require.NoError(b.t, err)
	if notebook, err := nbformat.Parse(pristine); err == nil {
		require.NoError(b.t, report.Check(record, notebook))
	} else {
		require.Contains(b.t, []report.Outcome{report.OutcomeInvalidNotebook, report.OutcomeRunnerMissing}, record.Outcome)
	}
	return record
}

func (b *bench) read(name string) []byte {
	b.t.Helper()
	data, err := os.ReadFile(filepath.Join(b.out, name))
	require.NoError(b.t, err)
	return data
}

// statuses returns the cells' statuses in order.
func statuses(record *report.Run) []report.CellStatus {
	var result []report.CellStatus
	for _, cell := range record.Cells {
		result = append(result, cell.Status)
	}
	return result
}
