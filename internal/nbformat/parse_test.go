package nbformat

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// place is what the tests of Parse look at: which code cells there are.
type place struct {
	Index      int
	ID, Source string
	Tags       []string
}

func placesOf(notebook *Notebook) []place {
	var places []place
	for _, cell := range notebook.CodeCells() {
		places = append(places, place{cell.Index, cell.ID, cell.Source, cell.Tags})
	}
	return places
}

func TestParseFindsTheCodeCells(t *testing.T) {
	cases := map[string]struct {
		text string
		want []place
	}{
		"ids, tags and empty cells": {
			`{"nbformat":4,"nbformat_minor":5,"cells":[
				{"cell_type":"markdown","source":"# a"},
				{"cell_type":"code","id":"one","source":["\n","  x = 1\n","y"]},
				{"cell_type":"code","id":"two","metadata":{}},
				{"cell_type":"code","id":"four","source":"z","metadata":{"tags":["raises-exception",5]}}]}`,
			[]place{{1, "one", "\n  x = 1\ny", nil}, {2, "two", "", nil}, {3, "four", "z", []string{"raises-exception"}}}},
		"ids that are doubled or no ids are none": {
			`{"nbformat":4,"cells":[{"cell_type":"code","id":"a"},{"cell_type":"code","id":"a"},
				{"cell_type":"code","id":"b c"},{"cell_type":"code","id":7}]}`,
			[]place{{Index: 0, ID: "a"}, {Index: 1}, {Index: 2}, {Index: 3}}},
		"an id that a text before has is none": {
			`{"nbformat":4,"cells":[{"cell_type":"markdown","id":"a"},{"cell_type":"code","id":"a"}]}`,
			[]place{{Index: 1}}},
		"an id that the runner gave to a cell before is none": {
			`{"nbformat":4,"cells":[{"cell_type":"code"},{"cell_type":"code","id":"cell-0"}]}`,
			[]place{{Index: 0}, {Index: 1}}},
		"format 3": {
			`{"nbformat":3,"nbformat_minor":0,"worksheets":[
				{"cells":[{"cell_type":"heading","source":"h"},{"cell_type":"code","input":["1"]}]},{},
				{"cells":[{"cell_type":"code","input":""}]}]}`,
			[]place{{Index: 1, Source: "1"}, {Index: 2}}},
		"numbers that Python writes and JSON does not know": {
			`{"nbformat":4,"metadata":{"a":NaN,"b":[-Infinity,Infinity],"c":"\"NaN"},
				"cells":[{"cell_type":"code","source":"NaN"}]}`,
			[]place{{Index: 0, Source: "NaN"}}},
		"a byte order mark": {"\ufeff" + `{"nbformat":4,"cells":[]}`, nil},
		"metadata, tags and outputs of the wrong kind": {
			`{"nbformat":4,"metadata":5,"cells":[{"cell_type":"code","source":"1","metadata":[],"outputs":5},
				{"cell_type":"code","source":"2","metadata":{"tags":"x"},"outputs":[5,null]}]}`,
			[]place{{Index: 0, Source: "1"}, {Index: 1, Source: "2"}}},
		"the last of doubled fields counts, as in Python": {
			`{"nbformat":4,"cells":[{"cell_type":"code","source":"1"}],"cells":[]}`, nil},
		"a text without a source": {`{"nbformat":4,"cells":[{"cell_type":"markdown","source":1}]}`, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			notebook, err := Parse([]byte(test.text))
			require.NoError(t, err)
			assert.Equal(t, test.want, placesOf(notebook))
		})
	}
}

func TestParseRefusesWhatIsNoNotebook(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"empty":              {``, "not a JSON object"},
		"a list":             {`[]`, "not a JSON object"},
		"no version":         {`{"cells":[]}`, "no nbformat version"},
		"a version in words": {`{"nbformat":"4","cells":[]}`, "no nbformat version"},
		"a strange minor":    {`{"nbformat":4,"nbformat_minor":"x","cells":[]}`, "nbformat_minor"},
		"format 2":           {`{"nbformat":2}`, "format 2"},
		"no cells":           {`{"nbformat":4}`, "no list of cells"},
		"null cells":         {`{"nbformat":4,"cells":null}`, "no list of cells"},
		"a cell that is 5":   {`{"nbformat":4,"cells":[5]}`, "cell 0: it is not an object"},
		"no worksheets":      {`{"nbformat":3}`, "no list of worksheets"},
		"a sheet of text":    {`{"nbformat":3,"worksheets":[{"cells":"x"}]}`, "no list of cells"},
		"source as a number": {`{"nbformat":4,"cells":[{"cell_type":"code","source":1}]}`, "cell 0: its source is not text"},
		"null as a line":     {`{"nbformat":4,"cells":[{"cell_type":"code","source":["a",null]}]}`, "its source is not text"},
		"far too large":      {strings.Repeat(" ", MaxBytes+1), "larger than"},
		"too many cells":     {`{"nbformat":4,"cells":[` + strings.Repeat("{},", MaxCells) + `{}]}`, "more than 100000 cells"},
		"too many outputs": {`{"nbformat":4,"cells":[{"cell_type":"code","outputs":[` +
			strings.Repeat("{},", MaxOutputs) + `{}]}]}`, "more than 200000 outputs"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(test.text))
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestParseKnowsTheKernel(t *testing.T) {
	cases := map[string]struct{ metadata, name, language string }{
		"a kernelspec":           {`{"kernelspec":{"name":"ir","language":"R"},"language_info":{"name":"x"}}`, "ir", "r"},
		"the language elsewhere": {`{"kernelspec":{"name":"python3"},"language_info":{"name":"python"}}`, "python3", "python"},
		"nothing":                {`{}`, "", ""},
		"nonsense":               {`{"kernelspec":[1],"language_info":"x"}`, "", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			notebook, err := Parse([]byte(`{"nbformat":4,"cells":[],"metadata":` + test.metadata + `}`))
			require.NoError(t, err)
			assert.Equal(t, test.name, notebook.KernelName)
			assert.Equal(t, test.language, notebook.Language)
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"nbformat":4,"cells":[{"cell_type":"code","id":"a","source":["1"],"metadata":{"tags":["x"]}}]}`))
	f.Add([]byte(`{"nbformat":3,"worksheets":[{"cells":[{"cell_type":"code","input":"NaN"}]}],"x":NaN}`))
	f.Add([]byte(`{"nbformat":4,"cells":[{"cell_type":"code","outputs":[{"output_type":"stream","text":["a"]},
		{"output_type":"display_data","data":{"text/plain":["a"],"application/json":{"a":1}}}]}]}`))
	paths, err := filepath.Glob("../runner/testdata/*.ipynb")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		notebook, err := Parse(data)
		if err != nil {
			return
		}
		ids := map[string]bool{}
		for i := range notebook.Cells {
			cell := &notebook.Cells[i]
			if cell.Index != i {
				t.Fatalf("cell %d says that it is cell %d", i, cell.Index)
			}
			if cell.ID != "" && ids[cell.ID] {
				t.Fatalf("two cells have the id %s", cell.ID)
			}
			ids[cell.ID] = true
			if cell.IsBlank() != (cell.FirstLine() == "") {
				t.Fatalf("cell %d: its first line is %q and its source %q", i, cell.FirstLine(), cell.Source)
			}
			for _, output := range cell.Outputs {
				for _, mime := range output.Data.Types() {
					_ = output.Data.Text(mime)
				}
			}
		}
	})
}
