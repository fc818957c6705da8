package schema

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../../.."

func compile(t *testing.T, data []byte) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource("report.schema.json", document))
	schema, err := compiler.Compile("report.schema.json")
	require.NoError(t, err)
	return schema
}

func TestThePublishedSchemaIsCurrent(t *testing.T) {
	want, err := Generate(root)
	require.NoError(t, err)
	published, err := os.ReadFile(filepath.Join(root, "docs", "report.schema.json"))
	require.NoError(t, err)
	assert.Equal(t, string(want), string(published), "make generate writes it")
}

func TestEveryReportIsValid(t *testing.T) {
	data, err := Generate(root)
	require.NoError(t, err)
	schema := compile(t, data)
	reports, err := filepath.Glob(filepath.Join("..", "testdata", "*.report.json"))
	require.NoError(t, err)
	require.NotEmpty(t, reports)
	for _, file := range reports {
		t.Run(filepath.Base(file), func(t *testing.T) {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
			require.NoError(t, err)
			assert.NoError(t, schema.Validate(document))
			requireKnown(t, data, document)
		})
	}
}

// requireKnown wants every field of a report to be described: the schema itself allows others.
func requireKnown(t *testing.T, data []byte, document any) {
	t.Helper()
	strict := strings.ReplaceAll(string(data), `"properties": {`, `"additionalProperties": false, "properties": {`)
	assert.NoError(t, compile(t, []byte(strict)).Validate(document))
}

func TestWhatIsNoReportIsRefused(t *testing.T) {
	data, err := Generate(root)
	require.NoError(t, err)
	schema := compile(t, data)
	content, err := os.ReadFile(filepath.Join("..", "testdata", "validated.report.json"))
	require.NoError(t, err)
	cases := map[string][2]string{
		"another version":     {`"schemaVersion": 1`, `"schemaVersion": 2`},
		"an unknown verdict":  {`"verdict": "Failed"`, `"verdict": "Perhaps"`},
		"an unknown reason":   {`"reason": "CellFailed"`, `"reason": "Bored"`},
		"an unknown severity": {`"severity": "Warning"`, `"severity": "Awful"`},
		"an unknown level":    {`"level": "staging"`, `"level": "nirvana"`},
		"an unknown status":   {`"status": "not_run"`, `"status": "lost"`},
		"no verdict":          {`"verdict": "Failed"`, `"judgement": "Failed"`},
		"no date":             {`"startedAt": "2026-03-14T09:26:53Z"`, `"startedAt": "yesterday"`},
		"text for a number":   {`"seconds": 3`, `"seconds": "3"`},
		"null for a list":     {`"cells": [`, `"cells": null, "others": [`},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(string(content), change[0], change[1], 1)
			require.NotEqual(t, string(content), changed)
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(changed))
			require.NoError(t, err)
			assert.Error(t, schema.Validate(document))
		})
	}
}

func TestFieldsAreDescribed(t *testing.T) {
	data, err := Generate(root)
	require.NoError(t, err)
	var schema struct {
		Description string
		Properties  map[string]struct{ Description string }
	}
	require.NoError(t, json.Unmarshal(data, &schema))
	assert.NotEmpty(t, schema.Description)
	for name, property := range schema.Properties {
		assert.NotEmpty(t, property.Description, name)
	}
	assert.NotContains(t, string(data), "stderr\":", "no report has what is of the run only")
}
