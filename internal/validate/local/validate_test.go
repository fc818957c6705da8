package local

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/validate/find"
	"mlops.dev/notebook-validator-operator/internal/validate/interpreter"
	"mlops.dev/notebook-validator-operator/internal/validate/settings"
)

func TestWhatCannotBeReadHasNoVerdict(t *testing.T) {
	t.Parallel()
	machine, err := NewMachine(&interpreter.Python{Path: "/bin/false"})
	require.NoError(t, err)
	defer machine.Close()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.ipynb")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	cases := map[string]string{
		"none.ipynb": "nothing is known about the notebook: none.ipynb cannot be read",
		"pipe.ipynb": "nothing is known about the notebook: pipe.ipynb is not a file",
	}
	for name, want := range cases {
		job := Job{Notebook: find.Notebook{Path: filepath.Join(dir, name), Name: name}, Settings: &settings.Settings{}}
		outcome := machine.Validate(t.Context(), job, nil)
		assert.Equal(t, report.ReasonReportInvalid, outcome.Report.Reason)
		assert.Contains(t, outcome.Report.Message, want)
	}
	assert.ErrorContains(t, readGolden(pipe).Err, "pipe.ipynb is not a file")
	assert.Nil(t, readGolden(""))
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a b [31mü", printable("a\nb\x1b[31mü"))
}
