package files_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/validate/files"
	"mlops.dev/notebook-validator-operator/internal/validate/find"
	"mlops.dev/notebook-validator-operator/internal/validate/local"
)

func write(t *testing.T, outputs []files.Output, names ...string) (string, error) {
	t.Helper()
	var notebooks []find.Notebook
	var reports []*report.Report
	for _, name := range names {
		notebooks = append(notebooks, find.Notebook{Path: "/nowhere/" + name, Name: name, Place: name})
		reports = append(reports, report.New(report.Subject{Notebook: name}, nil,
			report.Verdict{Reason: report.ReasonReportInvalid, Message: "nothing <script>is</script> known"}))
	}
	var stdout bytes.Buffer
	writer, err := files.NewWriter(files.Options{Outputs: outputs, Stdout: &stdout, Text: func(w io.Writer, of []*report.Report) error {
		_, err := io.WriteString(w, of[0].Notebook)
		return err
	}}, notebooks)
	if err != nil {
		return "", err
	}
	defer writer.Close()
	for i := range reports {
		writer.Ended(i, local.Outcome{Report: reports[i]})
	}
	err = writer.Finish(reports)
	return stdout.String(), err
}

func TestOneNotebookIsAnObjectAndSeveralAreAnArray(t *testing.T) {
	t.Parallel()
	one, err := write(t, []files.Output{{Format: files.JSON}}, "a.ipynb")
	require.NoError(t, err)
	assert.Regexp(t, `^\{.*\}\n$`, one)
	two, err := write(t, []files.Output{{Format: files.JSON}}, "a.ipynb", "b.ipynb")
	require.NoError(t, err)
	assert.Regexp(t, `(?s)^\[\n\{.*\},\n\{.*\}\n\]\n$`, two)
}

func TestAPageOfOneNotebookIsAFileOrInAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stdout, err := write(t, []files.Output{{Format: files.HTML}}, "a.ipynb")
	require.NoError(t, err)
	assert.Contains(t, stdout, "<!doctype html>")

	_, err = write(t, []files.Output{{Format: files.HTML, Path: filepath.Join(dir, "new", "a.html")}}, "a.ipynb")
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(dir, "new", "a.html"))

	_, err = write(t, []files.Output{{Format: files.HTML, Path: dir}}, "a.ipynb")
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(dir, "a.ipynb.html"))
	index, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	assert.Contains(t, string(index), "nothing &lt;script&gt;is&lt;/script&gt; known")
	assert.NotContains(t, string(index), "<script>")
}

func TestTheIndexLeadsToEveryPage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := write(t, []files.Output{{Format: files.HTML, Path: dir}}, "a.ipynb", "javascript:alert(1)/ü #?.ipynb")
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(dir, "javascript:alert(1)", "ü #?.ipynb.html"))
	index, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	assert.Contains(t, string(index), `href="./javascript:alert%281%29/%C3%BC%20%23%3F.ipynb.html"`)
}

func TestWhatIsNoRegularFileIsWrittenInPlace(t *testing.T) {
	t.Parallel()
	_, err := write(t, []files.Output{{Format: files.Text, Path: os.DevNull}}, "a.ipynb")
	require.NoError(t, err)
	info, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	assert.False(t, info.Mode().IsRegular())
}
