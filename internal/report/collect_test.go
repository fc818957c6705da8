package report

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/demands"
	"mlops.dev/notebook-validator-operator/internal/sourceinfo"
)

// realRun names a record that the runner wrote and the notebook it ran.
const (
	realRun      = "testdata/run-fails.json"
	realNotebook = "../runner/testdata/fails.ipynb"
)

// volumes returns the run and the meta directory as the earlier containers
// leave them.
func volumes(t *testing.T) (runDir, metaDir string) {
	t.Helper()
	runDir, metaDir = t.TempDir(), t.TempDir()
	copyFile(t, realRun, filepath.Join(runDir, "run.json"))
	copyFile(t, realNotebook, sourceinfo.NotebookPath(metaDir))
	require.NoError(t, sourceinfo.Write(metaDir, sourceinfo.Info{
		URL: subject.URL, Ref: subject.Ref, Commit: subject.Commit, Notebook: subject.Notebook,
	}))
	return runDir, metaDir
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, data, 0o600))
}

func TestARecordOfTheRealRunnerGoesTheWholeWay(t *testing.T) {
	runDir, metaDir := volumes(t)
	report := collectReport(runDir, metaDir, Subject{Notebook: subject.Notebook, Image: subject.Image})
	assert.Equal(t, ReasonCellFailed, report.Reason)
	assert.Contains(t, report.Message, "cell 1 raised ZeroDivisionError: division by zero")
	assert.Equal(t, Counts{Total: 4, Passed: 1, Failed: 1, NotRun: 2}, report.Counts)
	assert.Equal(t, subject.Commit, report.Commit)
	assert.Equal(t, "https://git.example.com/team/notebooks.git", report.URL)
	assert.Contains(t, report.Cells[1].Error.Traceback, "return n / 0")
	assert.Equal(t, "def half(n):", report.Cells[1].Source)

	bounded, err := Bound(report, MaxReportBytes)
	require.NoError(t, err)
	message, log := answer(t, bounded)
	got, err := Verify(message, log)
	require.NoError(t, err)
	assert.Equal(t, bounded, got.Report)
}

func TestWhatIsMissingOrForgedIsNeverAPass(t *testing.T) {
	passed := func(t *testing.T, runDir string, run *Run) {
		require.NoError(t, os.WriteFile(filepath.Join(runDir, "run.json"), encodeRun(t, run), 0o600))
	}
	remove := func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) }
	cases := map[string]struct {
		spoil func(t *testing.T, runDir, metaDir string)
		want  string
	}{
		"no record": {
			func(t *testing.T, runDir, _ string) { remove(t, filepath.Join(runDir, "run.json")) }, "left no run.json"},
		"a record cut short": {
			func(t *testing.T, runDir, _ string) {
				require.NoError(t, os.Truncate(filepath.Join(runDir, "run.json"), 200))
			}, "cut short"},
		"a record of other cells": {
			func(t *testing.T, runDir, _ string) { passed(t, runDir, makeRun(OutcomeCompleted, CellOK)) }, "accounts for 1 code cell"},
		"a record that skips everything": {
			func(t *testing.T, runDir, _ string) { passed(t, runDir, makeRun(OutcomeNoCodeCells)) }, "accounts for 0 code cells"},
		"a link in place of the record": {
			func(t *testing.T, runDir, metaDir string) {
				remove(t, filepath.Join(runDir, "run.json"))
				require.NoError(t, os.Symlink(sourceinfo.Path(metaDir), filepath.Join(runDir, "run.json")))
			}, "run.json"},
		"a pipe in place of the record": {
			func(t *testing.T, runDir, _ string) {
				remove(t, filepath.Join(runDir, "run.json"))
				require.NoError(t, syscall.Mkfifo(filepath.Join(runDir, "run.json"), 0o600))
			}, "not a regular file"},
		"a folder in place of the record": {
			func(t *testing.T, runDir, _ string) {
				remove(t, filepath.Join(runDir, "run.json"))
				require.NoError(t, os.Mkdir(filepath.Join(runDir, "run.json"), 0o700))
			}, "not a regular file"},
		"a record without end": {
			func(t *testing.T, runDir, _ string) {
				require.NoError(t, os.Truncate(filepath.Join(runDir, "run.json"), MaxRunBytes+1))
			}, "larger than"},
		"no source note": {
			func(t *testing.T, _, metaDir string) { remove(t, sourceinfo.Path(metaDir)) }, "source note"},
		"no pristine notebook": {
			func(t *testing.T, _, metaDir string) { remove(t, sourceinfo.NotebookPath(metaDir)) }, "notebook.ipynb"},
		"a pristine notebook that is none": {
			func(t *testing.T, _, metaDir string) {
				require.NoError(t, os.WriteFile(sourceinfo.NotebookPath(metaDir), []byte("{"), 0o600))
			}, "not a JSON object"},
		"another notebook was fetched": {
			func(t *testing.T, _, metaDir string) {
				require.NoError(t, sourceinfo.Write(metaDir, sourceinfo.Info{Commit: subject.Commit, Notebook: "other.ipynb"}))
			}, `fetched the notebook "other.ipynb"`},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			runDir, metaDir := volumes(t)
			test.spoil(t, runDir, metaDir)
			report := collectReport(runDir, metaDir, Subject{Notebook: subject.Notebook})
			assert.Equal(t, ReasonReportInvalid, report.Reason)
			assert.Equal(t, "Failed", report.Verdict)
			assert.Contains(t, report.Message, test.want)
			assert.Empty(t, report.Cells)
		})
	}
}

func TestAFileThatIsNoNotebookIsToldAsSuch(t *testing.T) {
	runDir, metaDir := volumes(t)
	require.NoError(t, os.WriteFile(sourceinfo.NotebookPath(metaDir), []byte("{"), 0o600))
	copyFile(t, "testdata/run-not_json.json", filepath.Join(runDir, "run.json"))
	report := collectReport(runDir, metaDir, Subject{Notebook: subject.Notebook})
	assert.Equal(t, ReasonInvalidNotebook, report.Reason)
	assert.True(t, strings.Contains(report.Message, "line 3, column 3"), report.Message)
}

func collectReport(runDir, metaDir string, subject Subject) *Report {
	report, _ := Collect(runDir, metaDir, subject, demands.Demands{})
	return report
}
