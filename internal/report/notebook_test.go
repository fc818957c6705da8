package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseNotebookFindsTheCodeCells(t *testing.T) {
	cases := map[string]struct {
		text string
		code []CodeCell
	}{
		"ids, tags and empty cells": {
			`{"nbformat":4,"nbformat_minor":5,"cells":[
				{"cell_type":"markdown","source":"# a"},
				{"cell_type":"code","id":"one","source":["\n","  x = 1\n","y"]},
				{"cell_type":"code","id":"two","source":" \u001c\n","metadata":{}},
				{"cell_type":"code","id":"three","source":"z","metadata":{"tags":["skip-execution"]}},
				{"cell_type":"code","id":"four","source":"z","metadata":{"tags":["raises-exception",5]}}]}`,
			[]CodeCell{
				{Index: 1, ID: "one", Source: "x = 1"},
				{Index: 2, ID: "two", Skip: true},
				{Index: 3, ID: "three", Source: "z", Skip: true},
				{Index: 4, ID: "four", Source: "z", Raises: true},
			}},
		"ids that are doubled or no ids are none": {
			`{"nbformat":4,"cells":[{"cell_type":"code","id":"a","source":"1"},{"cell_type":"code","id":"a","source":"1"},
				{"cell_type":"code","id":"b c","source":"1"},{"cell_type":"code","id":7,"source":"1"}]}`,
			[]CodeCell{{Index: 0, ID: "a", Source: "1"}, {Index: 1, Source: "1"}, {Index: 2, Source: "1"}, {Index: 3, Source: "1"}}},
		"format 3": {
			`{"nbformat":3,"nbformat_minor":0,"worksheets":[
				{"cells":[{"cell_type":"heading","source":"h"},{"cell_type":"code","input":["1"]}]},
				{"cells":[{"cell_type":"code","input":""}]}]}`,
			[]CodeCell{{Index: 1, Source: "1"}, {Index: 2, Skip: true}}},
		"numbers that Python writes and JSON does not know": {
			`{"nbformat":4,"metadata":{"a":NaN,"b":[-Infinity,Infinity],"c":"\"NaN"},
				"cells":[{"cell_type":"code","source":"NaN"}]}`,
			[]CodeCell{{Index: 0, Source: "NaN"}}},
		"a byte order mark": {
			"\ufeff" + `{"nbformat":4,"cells":[]}`, nil},
		"metadata of the wrong kind": {
			`{"nbformat":4,"metadata":5,"cells":[{"cell_type":"code","source":"1","metadata":[]}]}`,
			[]CodeCell{{Index: 0, Source: "1"}}},
		"the last of doubled fields counts, as in Python": {
			`{"nbformat":4,"cells":[{"cell_type":"code","source":"1"}],"cells":[]}`, nil},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			notebook, err := ParseNotebook([]byte(test.text))
			require.NoError(t, err)
			assert.Equal(t, test.code, notebook.Code)
		})
	}
}

func TestParseNotebookRefusesWhatIsNone(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"empty":              {``, "not a JSON object"},
		"a list":             {`[]`, "not a JSON object"},
		"no version":         {`{"cells":[]}`, "no nbformat version"},
		"a version in words": {`{"nbformat":"4","cells":[]}`, "no nbformat version"},
		"a strange minor":    {`{"nbformat":4,"nbformat_minor":"x","cells":[]}`, "nbformat_minor"},
		"format 2":           {`{"nbformat":2}`, "format 2"},
		"no cells":           {`{"nbformat":4}`, "no list of cells"},
		"null cells":         {`{"nbformat":4,"cells":null}`, "no list of cells"},
		"no worksheets":      {`{"nbformat":3}`, "no list of worksheets"},
		"source as a number": {`{"nbformat":4,"cells":[{"cell_type":"code","source":1}]}`, "cell 0"},
		"far too large":      {strings.Repeat(" ", MaxNotebookBytes+1), "larger than"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := ParseNotebook([]byte(test.text))
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func FuzzParseNotebook(f *testing.F) {
	f.Add([]byte(`{"nbformat":4,"cells":[{"cell_type":"code","id":"a","source":["1"],"metadata":{"tags":["x"]}}]}`))
	f.Add([]byte(`{"nbformat":3,"worksheets":[{"cells":[{"cell_type":"code","input":"NaN"}]}],"x":NaN}`))
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
		notebook, err := ParseNotebook(data)
		if err != nil {
			return
		}
		last := -1
		for _, cell := range notebook.Code {
			if cell.Index <= last {
				t.Fatalf("cell %d follows cell %d", cell.Index, last)
			}
			last = cell.Index
		}
	})
}
