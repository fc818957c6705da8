package runner_test

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/runner"
)

var declares = code("region = 'north'\nlimit: int = 3  # type: int\noptions = None", "parameters")

func TestParametersAreSetAfterTheCellThatDeclaresThem(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, nil, markdown("# Sales"), code("import os"), declares, code("print(ascii([region, limit, options]))"))
	bench.flags = []string{`--parameters={"region":"s'o\"u\\t\nh 😀","limit":12345678901234567890,"options":{"a":[1.5,null,true]}}`}
	record := bench.run()
	require.Equal(t, report.OutcomeCompleted, record.Outcome, record.Detail)
	assert.Equal(t, []report.CellStatus{ok, ok, ok}, statuses(record), "the cell of the parameters is none of the notebook")
	assert.Equal(t, `['s\'o"u\\t\nh \U0001f600', 12345678901234567890, {'a': [1.5, None, True]}]`, record.Cells[2].Output)
	assert.Equal(t, []int{1, 2, 3}, []int{record.Cells[0].Index, record.Cells[1].Index, record.Cells[2].Index})
	assert.Equal(t, 4, *record.Cells[2].ExecutionCount, "the cell of the parameters counts as In [3]")
	assert.Empty(t, record.Notes)
	assert.True(t, record.Observed, record.ObservedDetail)
	for _, cell := range record.Cells {
		assert.NotNil(t, cell.Facts, "cell %d is observed, whatever ran before it", cell.Index)
	}
	assert.Equal(t, "s'o\"u\\t\nh 😀", record.Parameters["region"])
	assert.Len(t, record.Parameters, 3)

	executed := bench.executed()
	assert.Equal(t, []string{"a", "b", "c", "injected-parameters", "d"}, executed.ids())
	injected := executed.Cells[3]
	assert.Equal(t, "# Parameters\nregion = 's\\'o\"u\\\\t\\nh 😀'\nlimit = 12345678901234567890\noptions = {'a': [1.5, None, True]}\n", injected.Source)
	assert.Equal(t, []string{"injected-parameters"}, injected.Metadata.Tags)
	assert.Equal(t, "completed", injected.Metadata.Papermill.Status)
	assert.Equal(t, record.Parameters["region"], executed.Metadata.Papermill.Parameters["region"])
}

func TestAnInjectedCellOfAnEarlierRunIsReplaced(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, nil, declares, code("# Parameters\nlimit = 7\n", "injected-parameters"), code("print(limit)"))
	bench.flags = []string{`--parameters={"limit":8}`}
	record := bench.run()
	require.Equal(t, report.OutcomeCompleted, record.Outcome, record.Detail)
	assert.Equal(t, "8", record.Cells[2].Output)
	assert.NotNil(t, record.Cells[1].Facts, "the cell is observed with its new source")
	assert.Equal(t, []string{"a", "b", "c"}, bench.executed().ids())
	assert.Equal(t, "# Parameters\nlimit = 8\n", bench.executed().Cells[1].Source)

	bench.flags = nil
	assert.Equal(t, "7", bench.run().Cells[2].Output, "without parameters it is a cell like any other")
}

func TestAnInjectedCellThatWouldNotRunIsNotUsed(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, nil, declares, code("limit = 7", "injected-parameters", "skip-execution"), code("print(limit)"))
	bench.flags = []string{`--parameters={"limit":8}`}
	record := bench.run()
	assert.Equal(t, []report.CellStatus{ok, skipped, ok}, statuses(record))
	assert.Equal(t, "8", record.Cells[2].Output)
}

func TestParametersThatTheNotebookCannotTakeEndTheRunBeforeItBegins(t *testing.T) {
	t.Parallel()
	plain := []part{code("import os"), declares}
	cases := map[string]struct {
		parts      []part
		parameters string
		message    string
	}{
		"a name that the cell does not set": {plain, `{"limit":1,"limits":2}`,
			"the cell tagged parameters (cell 1) does not set limits; it sets region, limit, options: correct the name in spec.parameters"},
		"no cell is tagged":         {[]part{code("limit = 3")}, `{"limit":1}`, "no cell of the notebook is tagged parameters, so it does not know limit"},
		"the cell sets nothing":     {[]part{code("1 + 1", "parameters")}, `{"limit":1}`, "does not set limit; it sets none"},
		"a word of the language":    {plain, `{"class":1}`, "'class' is no name of a Python variable"},
		"half a character":          {plain, `{"region":["\ud83d"]}`, "the parameter region holds half of a surrogate pair"},
		"more than a number":        {plain, `{"limit":1e999}`, "the parameter limit is a number that is too large"},
		"a list of names":           {plain, `["limit"]`, "not an object of names and values"},
		"what only looks like JSON": {plain, `{"limit":}`, "the parameters are not JSON: column 10"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bench := newBenchOf(t, nil, test.parts...)
			bench.flags = []string{"--parameters=" + test.parameters}
			record := bench.run()
			require.Equal(t, report.OutcomeParametersInvalid, record.Outcome, record.Detail)
			for _, status := range statuses(record) {
				assert.Equal(t, notRun, status)
			}
			assert.Empty(t, record.Parameters)
			verdict := report.Judge(record)
			assert.Equal(t, report.ReasonParametersInvalid, verdict.Reason)
			assert.Contains(t, verdict.Message, test.message)
			assert.Len(t, bench.executed().Cells, len(test.parts))
		})
	}
}

func TestUnknownParametersMayBeSetAllTheSame(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, nil, code("print(limit)"))
	bench.flags = []string{`--parameters={"limit":8}`, "--unknown-parameters=warn"}
	record := bench.run()
	require.Equal(t, report.OutcomeCompleted, record.Outcome, record.Detail)
	assert.Equal(t, "8", record.Cells[0].Output)
	assert.Equal(t, []string{"no cell of the notebook is tagged parameters, so it does not know limit"}, record.Notes)
	assert.Equal(t, []string{"injected-parameters", "a"}, bench.executed().ids(), "at the top, as papermill does")
}

func TestALaterCellThatSetsParametersAgainIsNamed(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, nil, declares, code("print(limit)"), code("limit = 4", "parameters"))
	bench.flags = []string{`--parameters={"limit":8}`}
	assert.Equal(t, []string{"cell 2 is tagged parameters and runs after the parameters were set: what it sets counts"}, bench.run().Notes)
}

func TestAParametersCellThatDoesNotParseFailsByItself(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, nil, code("limit = (", "parameters"))
	bench.flags = []string{`--parameters={"limit":8}`}
	record := bench.run()
	require.Equal(t, report.OutcomeError, record.Outcome)
	assert.Equal(t, "SyntaxError", record.Cells[0].Error.Name)
}

// TestAFailureToSetParametersIsNeverAPass makes the cell that sets them fail,
// which takes a notebook that means harm.
func TestAFailureToSetParametersIsNeverAPass(t *testing.T) {
	t.Parallel()
	const kills = "import os\nlimit = 3\nget_ipython().events.register('pre_run_cell', lambda *_: os._exit(9))"
	const refuses = "limit = 3\ndef refuse(lines):\n    if lines[0].startswith('# Parameters'):\n" +
		"        raise SyntaxError('refused')\n    return lines\nget_ipython().input_transformers_post.append(refuse)"
	cases := map[string]struct {
		parts    []part
		statuses []report.CellStatus
		reason   report.Reason
		message  string
	}{
		"the kernel dies": {[]part{code(kills, "parameters"), code("", "x"), code("print(limit)"), code("1")},
			[]report.CellStatus{ok, skipped, died, notRun}, report.ReasonKernelDied, "exit code 9 in cell 2"},
		"the cell raises": {[]part{code(refuses, "parameters"), code("1 / 0", "raises-exception"), code("1")},
			[]report.CellStatus{ok, raised, notRun}, report.ReasonCellFailed, "the parameters could not be set"},
		"it is the last cell": {[]part{code("1"), code(refuses, "parameters")},
			[]report.CellStatus{ok, raised}, report.ReasonCellFailed, "the parameters could not be set"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bench := newBenchOf(t, nil, test.parts...)
			bench.flags = []string{`--parameters={"limit":8}`}
			record := bench.run()
			assert.Equal(t, test.statuses, statuses(record))
			verdict := report.Judge(record)
			assert.Equal(t, test.reason, verdict.Reason)
			assert.Contains(t, verdict.Message, test.message)
		})
	}
}

func TestOutputsFindTheirCellsBehindTheCellOfTheParameters(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, nil, declares,
		code("from IPython.display import display\nhandle = display('first', display_id=True)"), code("handle.update('second')"))
	bench.flags = []string{`--parameters={"limit":8}`}
	assert.Equal(t, "'second'", bench.run().Cells[1].Output)
}

// TestAnyParametersBecomePythonThatMeansTheSame tries many objects of texts
// that are hard to quote, numbers, lists and maps.
func TestAnyParametersBecomePythonThatMeansTheSame(t *testing.T) {
	t.Parallel()
	script, err := filepath.Abs("testdata/checks/parameters_property.py")
	require.NoError(t, err)
	tools := t.TempDir()
	require.NoError(t, runner.WriteTo(tools))
	command := exec.Command(python(t), "-B", script, "3000")
	command.Env = append(command.Environ(), "PYTHONPATH="+tools)
	output, err := command.CombinedOutput()
	require.NoErrorf(t, err, "%s", output)
	assert.Equal(t, "3000\n", string(output))
}

func TestParametersAreHandedToTheRunnerAsTypedJSON(t *testing.T) {
	options := runner.Options{CellTimeout: 90 * time.Second, Parameters: map[string]apiextensionsv1.JSON{
		"region": {Raw: []byte(`"--notebook"`)}, "limit": {Raw: []byte(`[1, 2.50]`)},
	}}
	assert.Subset(t, options.Arguments(), []string{
		"--cell-timeout-seconds=90", `--parameters={"limit":[1,2.50],"region":"--notebook"}`, "--unknown-parameters=fail",
	})
	options.WarnOfUnknownParameters = true
	assert.Contains(t, options.Arguments(), "--unknown-parameters=warn")
}
