package runner_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// part is one cell of a notebook that a test makes up.
type part struct {
	kind, source string
	tags         []string
	metadata     map[string]any
	id           string
}

func code(source string, tags ...string) part {
	return part{kind: "code", source: source, tags: tags}
}

func markdown(source string, tags ...string) part {
	return part{kind: "markdown", source: source, tags: tags}
}

// with returns the cell with one more entry in its metadata.
func (p part) with(key string, value any) part {
	metadata := map[string]any{key: value}
	for key, value := range p.metadata {
		metadata[key] = value
	}
	p.metadata = metadata
	return p
}

func (p part) cell(id string) map[string]any {
	metadata := map[string]any{}
	if len(p.tags) > 0 {
		metadata["tags"] = p.tags
	}
	for key, value := range p.metadata {
		metadata[key] = value
	}
	if p.id != "" {
		id = p.id
	}
	cell := map[string]any{"cell_type": p.kind, "id": id, "metadata": metadata, "source": p.source}
	if p.kind == "code" {
		cell["outputs"], cell["execution_count"] = []any{}, nil
	}
	return cell
}

// newBenchOf is a bench for a notebook of these cells; metadata comes on top of
// the kernel's.
func newBenchOf(t *testing.T, metadata map[string]any, parts ...part) *bench {
	t.Helper()
	all := map[string]any{"kernelspec": map[string]any{"name": "python3", "display_name": "Mine", "language": "python"}}
	for key, value := range metadata {
		all[key] = value
	}
	cells := []any{}
	for i, part := range parts {
		cells = append(cells, part.cell(string(rune('a'+i))))
	}
	data, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": all, "cells": cells})
	require.NoError(t, err)
	bench := newBench(t, "completes")
	require.NoError(t, os.WriteFile(bench.notebook, data, 0o600))
	return bench
}

// executedCell is a cell of the executed notebook.
type executedCell struct {
	ID             string `json:"id"`
	Kind           string `json:"cell_type"`
	Source         string `json:"source"`
	ExecutionCount *int   `json:"execution_count"`
	Metadata       struct {
		Tags      []string        `json:"tags"`
		Papermill *papermill      `json:"papermill"`
		Execution map[string]any  `json:"execution"`
		Mine      json.RawMessage `json:"mine"`
	} `json:"metadata"`
	Outputs []json.RawMessage `json:"outputs"`
}

// papermill is what papermill, and the runner after it, says of a cell or of
// the whole notebook.
type papermill struct {
	Parameters map[string]any `json:"parameters"`
	StartTime  *string        `json:"start_time"`
	EndTime    *string        `json:"end_time"`
	Duration   *float64       `json:"duration"`
	Exception  *bool          `json:"exception"`
	Status     string         `json:"status"`
	Version    string         `json:"version"`
}

type executedNotebook struct {
	Metadata struct {
		Papermill  papermill      `json:"papermill"`
		Kernelspec map[string]any `json:"kernelspec"`
	} `json:"metadata"`
	Cells []executedCell `json:"cells"`
}

func (n executedNotebook) ids() []string {
	var ids []string
	for _, cell := range n.Cells {
		ids = append(ids, cell.ID)
	}
	return ids
}

// executed returns the executed notebook that a run left.
func (b *bench) executed() executedNotebook {
	b.t.Helper()
	lines, notebook := map[string]any{}, executedNotebook{}
	require.NoError(b.t, json.Unmarshal(b.read("executed.ipynb"), &lines))
	for _, cell := range lines["cells"].([]any) {
		joinSource(cell.(map[string]any))
	}
	data, err := json.Marshal(lines)
	require.NoError(b.t, err)
	require.NoError(b.t, json.Unmarshal(data, &notebook))
	return notebook
}

// joinSource makes one text of the lines that nbformat writes.
func joinSource(cell map[string]any) {
	lines, ok := cell["source"].([]any)
	if !ok {
		return
	}
	source := ""
	for _, line := range lines {
		source += line.(string)
	}
	cell["source"] = source
}
