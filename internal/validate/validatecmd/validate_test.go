package validatecmd_test

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/report"
)

// Cells with a known fate.
const (
	mixed = "def pick(n):\n    if n > 1:\n        return n\n"
	none  = "picked = pick(0)"
)

func TestTheExitCodeSaysWhatCameOfANotebook(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		cells, flags []string
		code         int
		verdict      string
		says         []string
	}{
		"passes": {[]string{"x = 1", "x + 1"}, nil, 0, "PASSED n.ipynb: 2 code cells ran without an error", nil},
		"findings fail": {[]string{mixed, none}, nil, 1, "FAILED n.ipynb: cell 1: ",
			[]string{"\nn.ipynb:cell 1 line 1: failure NONE-MIXED ", "\n1 notebook: 1 failed\n"}},
		"the same findings advise a learner": {[]string{mixed, none}, []string{"--level=learning", "-v"}, 0, "PASSED n.ipynb: ",
			[]string{"\nn.ipynb:cell 1 line 1: warning NONE-MIXED ", "\n    fix: ", "\n    see: docs/rules/NONE-MIXED.md"}},
		"warnings fail where they shall": {[]string{mixed, none}, []string{"--level=learning", "--strict"}, 1, "FAILED n.ipynb: cell 1: ", nil},
		"raises": {[]string{"1 / 0", "2"}, []string{"--verbose"}, 2, "FAILED n.ipynb: cell 0 raised ZeroDivisionError: division by zero",
			[]string{"ZeroDivisionError                         Traceback", "\n1 notebook: 1 raised an error\n"}},
		"takes too long": {[]string{"import time\nwhile True: time.sleep(0.1)"}, []string{"--cell-timeout=1s"}, 3, "FAILED n.ipynb: ",
			[]string{"\n1 notebook: 1 ran out of time\n"}},
		"kernel dies": {[]string{"import os\nos._exit(9)"}, nil, 4, "FAILED n.ipynb: the kernel died with exit code 9 in cell 0",
			[]string{"\n1 notebook: 1 lost the kernel\n"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t).notebook("n.ipynb", test.cells...)
			before := w.read("n.ipynb")
			got := w.run(append(test.flags, "n.ipynb")...)
			assert.Equal(t, test.code, got.code, "%s%s", got.stdout, got.stderr)
			assert.True(t, strings.HasPrefix(got.stdout, test.verdict), "%s", got.stdout)
			for _, part := range test.says {
				assert.Contains(t, got.stdout, part)
			}
			assert.NotContains(t, got.stdout+got.stderr, "\x1b", "nobody sits in front of it")
			assert.Contains(t, got.stderr, "running n.ipynb\n")
			assert.Equal(t, before, w.read("n.ipynb"))
			assertOnly(t, w.dir, ".git", "n.ipynb")
		})
	}
}

func assertOnly(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	assert.ElementsMatch(t, names, got)
}

func TestSeveralNotebooksAndAllReports(t *testing.T) {
	t.Parallel()
	w := newWorld(t).notebook("nb/a.ipynb", "print('hello')").notebook("nb/deep/b & c.ipynb", "open('no such file')").
		write("nb/broken.ipynb", "{").notebook("nb/.ipynb_checkpoints/x.ipynb", "1").
		// The folder of the notebook is the working directory of its kernel.
		write("nb/deep/lib.py", "").notebook("nb/deep/d.ipynb", "import lib")
	got := w.run("nb/**/*.ipynb", "nb", "--jobs=2", "-o=text", "-o=json=out/all.json", "-o=junit=out/junit.xml", "-o=html=out/html", "--save-executed=out/executed")
	assert.Equal(t, 2, got.code, "the worst one decides\n%s", got.stderr)
	for _, line := range []string{"PASSED nb/a.ipynb: ", "FAILED nb/broken.ipynb: ", "FAILED nb/deep/b & c.ipynb: cell 0 raised FileNotFoundError", "PASSED nb/deep/d.ipynb: ",
		"4 notebooks: 2 passed, 1 failed, 1 raised an error\n"} {
		assert.Contains(t, got.stdout, line)
	}
	assert.Contains(t, got.stderr, "Error: 2 of 4 notebooks did not pass")

	var reports []report.Report
	require.NoError(t, json.Unmarshal([]byte(w.read("out/all.json")), &reports))
	require.Len(t, reports, 4)
	assert.Equal(t, []string{"nb/a.ipynb", "nb/broken.ipynb", "nb/deep/b & c.ipynb", "nb/deep/d.ipynb"},
		[]string{reports[0].Notebook, reports[1].Notebook, reports[2].Notebook, reports[3].Notebook}, "in the order of the arguments")
	assert.Equal(t, "hello", reports[0].Cells[0].Output)

	var suites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []struct {
			Name string `xml:"name,attr"`
		} `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal([]byte(w.read("out/junit.xml")), &suites))
	require.Len(t, suites.Suites, 4)
	assert.Equal(t, "nb/deep/b & c.ipynb", suites.Suites[2].Name)

	index := w.read("out/html/index.html")
	assert.Contains(t, index, "2 of 4 notebooks passed")
	assert.Contains(t, index, `<a href="./nb/deep/b%20&amp;%20c.ipynb.html">nb/deep/b &amp; c.ipynb</a>`)
	assert.Contains(t, w.read("out/html/nb/deep/b & c.ipynb.html"), "FileNotFoundError")
	assert.Contains(t, w.read("out/executed/nb/a.ipynb"), "hello")
	assert.NoFileExists(t, w.path("out/executed/nb/broken.ipynb"))
	assertOnly(t, w.path("out"), "all.json", "junit.xml", "html", "executed")
}

func TestParametersAndExpectedOutputs(t *testing.T) {
	t.Parallel()
	w := newWorld(t).notebook("n.ipynb", "#tag:parameters\nlimit = 10\nday = None", "day, limit", "#tag:score\nlimit * 0.1").
		write("expect.yaml", "- {tag: score, type: float, range: [0, 1]}\n").
		write(".notebook-validator.yaml", "parameters: {day: 2024-05-01, limit: 99}\n")
	got := w.run("n.ipynb", "-p", "limit=5", "--expect=expect.yaml", "-o=json")
	assert.Equal(t, 0, got.code, "%s%s", got.stdout, got.stderr)
	assert.Contains(t, got.stdout, "('2024-05-01', 5)")

	got = w.run("n.ipynb", "--expect=expect.yaml", "-o=json")
	assert.Equal(t, 1, got.code, "%s%s", got.stdout, got.stderr)
	assert.Equal(t, report.ReasonOutputMismatch, parseReport(t, got.stdout).Reason, "9.9 is out of the range")

	got = w.run("n.ipynb", "-p", "limti=5")
	assert.Equal(t, 1, got.code, "%s%s", got.stdout, got.stderr)
	assert.Contains(t, got.stdout, "limti")
}

func TestGoldenNotebooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t).notebook("a.ipynb", "1 + 1")
	got := w.run("a.ipynb", "--save-executed=golden", "-o=html", "--output=a.html")
	require.Equal(t, 0, got.code, "%s%s", got.stdout, got.stderr)
	assert.Contains(t, w.read("a.html"), "<title>")

	got = w.run("a.ipynb", "--golden=golden", "-o=json")
	assert.Equal(t, 0, got.code, "%s%s", got.stdout, got.stderr)
	require.NotNil(t, parseReport(t, got.stdout).Comparison)
	assert.Equal(t, 1, parseReport(t, got.stdout).Comparison.Matched)

	w.write("golden/a.ipynb", strings.ReplaceAll(w.read("golden/a.ipynb"), `"2"`, `"3"`)).
		write(".notebook-validator.yaml", "goldenNotebook: {path: golden/a.ipynb}\n")
	got = w.run("a.ipynb", "--verbose")
	assert.Equal(t, 1, got.code, "%s%s", got.stdout, got.stderr)
	assert.Contains(t, got.stdout, "\n    expected: 3\n    actual: 2\n")

	require.NoError(t, os.Mkdir(w.path("other"), 0o755))
	got = w.run("a.ipynb", "--golden=other")
	assert.Equal(t, 1, got.code, "%s%s", got.stdout, got.stderr)
	assert.Contains(t, got.stdout, "there is no golden notebook "+filepath.Join(w.dir, "other", "a.ipynb"))
}
