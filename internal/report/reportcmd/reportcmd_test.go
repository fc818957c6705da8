package reportcmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/sourceinfo"
)

const notebook = "tier/fails.ipynb"

// execute runs the subcommand over volumes as the earlier containers leave them.
func execute(t *testing.T, withRecord bool, extra ...string) (stdout, stderr []byte, err error) {
	t.Helper()
	runDir, metaDir := t.TempDir(), t.TempDir()
	if withRecord {
		copyFile(t, "../testdata/run-fails.json", filepath.Join(runDir, "run.json"))
	}
	copyFile(t, "../../runner/testdata/fails.ipynb", sourceinfo.NotebookPath(metaDir))
	require.NoError(t, sourceinfo.Write(metaDir, sourceinfo.Info{
		URL: "https://git.example.com/r.git", Ref: "main", Commit: strings.Repeat("a", 40), Notebook: notebook,
	}))
	var out, problems bytes.Buffer
	command := New()
	command.SetOut(&out)
	command.SetErr(&problems)
	command.SetArgs(append([]string{"--run-dir=" + runDir, "--meta-dir=" + metaDir, "--notebook=" + notebook}, extra...))
	err = command.Execute()
	return out.Bytes(), problems.Bytes(), err
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, data, 0o600))
}

func TestReportAndTerminationMessageVerify(t *testing.T) {
	cases := map[string]struct {
		withRecord bool
		reason     report.Reason
	}{
		"a failed run":     {true, report.ReasonCellFailed},
		"no record at all": {false, report.ReasonReportInvalid},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "termination-log")
			require.NoError(t, os.WriteFile(log, []byte(strings.Repeat("what was there before ", 500)), 0o600))
			stdout, stderr, err := execute(t, test.withRecord, "--termination-log="+log, "--image=image@sha256:1")
			require.NoError(t, err, "a notebook that fails is no failure of the command")
			assert.Empty(t, stderr)
			assert.Equal(t, 2, bytes.Count(stdout, []byte("\n")), "the report in one line, its files in another")
			message, err := os.ReadFile(log)
			require.NoError(t, err)
			answer, err := report.Verify(message, stdout)
			require.NoError(t, err)
			assert.Equal(t, test.reason, answer.Report.Reason)
			assert.Equal(t, "image@sha256:1", answer.Report.Image)
			assert.Equal(t, strings.Repeat("a", 40), answer.Summary.Commit)
			assert.False(t, answer.Summary.Passed)
			assert.Contains(t, answer.Files[report.FileHTML], notebook)
		})
	}
}

func TestWithoutATerminationLogOnlyTheReportIsPrinted(t *testing.T) {
	stdout, _, err := execute(t, true)
	require.NoError(t, err)
	assert.Contains(t, string(stdout), `"reason":"CellFailed"`)
}

func TestDemandsThatAreNotUnderstoodAreNoPass(t *testing.T) {
	stdout, _, err := execute(t, true, `--demands={"validation":{"levle":"staging"}}`)
	require.NoError(t, err)
	assert.Contains(t, string(stdout), `"reason":"ReportInvalid"`)
	assert.Contains(t, string(stdout), "levle")
}

func TestWholeFilesAreKeptInTheVolume(t *testing.T) {
	volume := t.TempDir()
	stdout, _, err := execute(t, true, "--artifacts-dir="+volume, "--artifacts-path=nightly/sales/run-1")
	require.NoError(t, err)
	assert.Contains(t, string(stdout), `"artifactsPath":"nightly/sales/run-1"`)
	for _, name := range []string{"report.json", "report.html", "junit.xml"} {
		assert.FileExists(t, filepath.Join(volume, "nightly/sales/run-1", name))
	}
}

func TestNoLinkLeadsOutOfTheVolume(t *testing.T) {
	volume, outside := t.TempDir(), t.TempDir()
	require.NoError(t, os.Symlink(outside, filepath.Join(volume, "nightly")))
	stdout, _, err := execute(t, true, "--artifacts-dir="+volume, "--artifacts-path=nightly/run-1")
	require.NoError(t, err, "what hinders the files takes no verdict away")
	assert.Contains(t, string(stdout), "artifacts were not kept")
	assert.NotContains(t, string(stdout), `"artifactsPath"`)
	left, err := os.ReadDir(outside)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestAnAnswerThatCannotBeGivenIsAnError(t *testing.T) {
	_, _, err := execute(t, true, "--termination-log="+t.TempDir())
	assert.ErrorContains(t, err, "write the termination message")
	command := New()
	command.SetArgs(nil)
	assert.ErrorContains(t, command.Execute(), "required flag")
}
