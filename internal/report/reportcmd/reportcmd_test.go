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
			assert.Equal(t, 1, bytes.Count(stdout, []byte("\n")), "one line")
			message, err := os.ReadFile(log)
			require.NoError(t, err)
			verified, summary, err := report.Verify(message, stdout)
			require.NoError(t, err)
			assert.Equal(t, test.reason, verified.Reason)
			assert.Equal(t, "image@sha256:1", verified.Image)
			assert.Equal(t, strings.Repeat("a", 40), summary.Commit)
			assert.False(t, summary.Passed)
		})
	}
}

func TestWithoutATerminationLogOnlyTheReportIsPrinted(t *testing.T) {
	stdout, _, err := execute(t, true)
	require.NoError(t, err)
	assert.Contains(t, string(stdout), `"reason":"CellFailed"`)
}

func TestAnAnswerThatCannotBeGivenIsAnError(t *testing.T) {
	_, _, err := execute(t, true, "--termination-log="+t.TempDir())
	assert.ErrorContains(t, err, "write the termination message")
	command := New()
	command.SetArgs(nil)
	assert.ErrorContains(t, command.Execute(), "required flag")
}
