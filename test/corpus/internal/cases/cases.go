// Package cases reads acceptance cases: small notebooks with the verdict that each level must give.
package cases

import (
	"encoding/json"
	"fmt"
	"os"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// Case is a small notebook and what must be said of it.
type Case struct {
	// ID is unique among all cases.
	ID string `json:"id"`
	// Title says in a few words what happens.
	Title string `json:"title"`
	// Rule that is meant, or why none is.
	Rule string `json:"rule"`
	// Cells of the notebook, all of them code.
	Cells []Cell `json:"cells"`
	// Expected is the verdict of each level: ok, info, warn or fail.
	Expected map[v1alpha1.ValidationLevel]string `json:"expected"`
}

// Cell is one code cell.
type Cell struct {
	Source string   `json:"source"`
	Tags   []string `json:"tags"`
}

// Read reads a file of cases.
func Read(path string) ([]Case, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []Case
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// Notebook is the case as a notebook file.
func (c *Case) Notebook() ([]byte, error) {
	cells := []map[string]any{}
	for i, cell := range c.Cells {
		cells = append(cells, map[string]any{
			"cell_type": "code", "id": fmt.Sprintf("%s-%d", c.ID, i), "metadata": map[string]any{"tags": cell.Tags},
			"source": cell.Source, "outputs": []any{}, "execution_count": nil,
		})
	}
	return json.Marshal(map[string]any{
		"nbformat": 4, "nbformat_minor": 5, "cells": cells,
		"metadata": map[string]any{"kernelspec": map[string]any{"name": "python3", "language": "python", "display_name": "Python 3"}},
	})
}
