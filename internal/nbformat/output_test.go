package nbformat

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseReadsOutputs(t *testing.T) {
	one, two := 1, 2
	cases := map[string]struct {
		cell string
		want []Output
	}{
		"streams": {
			`"outputs":[{"output_type":"stream","name":"stderr","text":["a\n","b"]},{"output_type":"stream","text":"c"}]`,
			[]Output{{Type: StreamOutput, Name: Stderr, Text: "a\nb"}, {Type: StreamOutput, Name: Stdout, Text: "c"}}},
		"a result": {
			`"outputs":[{"output_type":"execute_result","execution_count":2,"data":{"text/plain":"5"}}]`,
			[]Output{{Type: ResultOutput, Data: Bundle{"text/plain": []byte(`"5"`)}, ExecutionCount: &two}}},
		"an error": {
			`"outputs":[{"output_type":"error","ename":"KeyError","evalue":"'a'","traceback":["x","y"]}]`,
			[]Output{{Type: ErrorOutput, EName: "KeyError", EValue: "'a'", Traceback: []string{"x", "y"}}}},
		"what is not an output is left out": {`"outputs":[null,7,"x"]`, nil},
		"an error of the wrong kinds": {
			`"outputs":[{"output_type":"error","ename":5,"traceback":"x"}]`, []Output{{Type: ErrorOutput}}},
		"format 3": {
			`"outputs":[{"output_type":"pyout","prompt_number":1,"text":["5"],"png":"iVBOR"},
				{"output_type":"pyerr","ename":"E"},{"output_type":"stream","stream":"stderr","text":"w"}]`,
			[]Output{
				{Type: ResultOutput, Data: Bundle{"text/plain": []byte(`["5"]`), "image/png": []byte(`"iVBOR"`)}, ExecutionCount: &one},
				{Type: ErrorOutput, EName: "E"}, {Type: StreamOutput, Name: Stderr, Text: "w"}}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			notebook, err := Parse([]byte(`{"nbformat":4,"cells":[{"cell_type":"code","execution_count":1,` + test.cell + `}]}`))
			require.NoError(t, err)
			assert.Equal(t, test.want, notebook.Cells[0].Outputs)
			assert.Equal(t, &one, notebook.Cells[0].ExecutionCount)
			assert.Equal(t, len(test.want) > 0, notebook.HasOutputs())
		})
	}
}

func TestBundleText(t *testing.T) {
	bundle := Bundle{
		"text/plain":       []byte(`["a\n","b"]`),
		"text/html":        []byte(`"<b>"`),
		"application/json": []byte(`["a","b"]`),
		"text/latex":       []byte(`{"not":"text"}`),
	}
	assert.Equal(t, "a\nb", bundle.Text("text/plain"))
	assert.Equal(t, "<b>", bundle.Text("text/html"))
	assert.Equal(t, `["a","b"]`, bundle.Text("application/json"))
	assert.Equal(t, `{"not":"text"}`, bundle.Text("text/latex"))
	assert.Empty(t, bundle.Text("image/png"))
	assert.False(t, bundle.Has("image/png"))
	assert.Equal(t, []string{"application/json", "text/html", "text/latex", "text/plain"}, bundle.Types())
}

func TestCellHelpers(t *testing.T) {
	cases := map[string]struct {
		cell           Cell
		first          string
		blank, skipped bool
	}{
		"code":               {Cell{Source: "\n  x = 1 \ny"}, "x = 1", false, false},
		"nothing":            {Cell{}, "", true, true},
		"Python's own space": {Cell{Source: " \x1c\n\u00a0"}, "", true, true},
		"tagged":             {Cell{Source: "x", Tags: []string{"a", TagSkipExecution}}, "x", false, true},
		"tagged by nbval":    {Cell{Source: "x", Tags: []string{TagNbvalSkip}}, "x", false, true},
		"papermill's banner": {Cell{Source: "x", Tags: []string{TagErrorBanner}}, "x", false, true},
		"nbval's comment":    {Cell{Source: "x\n\t## NBVAL_SKIP \r\ny"}, "x", false, true},
		"another comment":    {Cell{Source: "x # NBVAL_SKIP\n# NBVAL_SKIPS\n# no NBVAL_SKIP"}, "x # NBVAL_SKIP", false, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.first, test.cell.FirstLine())
			assert.Equal(t, test.blank, test.cell.IsBlank())
			assert.Equal(t, test.skipped, test.cell.Skipped())
		})
	}
}
