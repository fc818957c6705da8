// Package seeding makes notebooks with exactly one fault each out of good ones, so that it can be counted how many of
// them the product finds. The same seed makes the same notebooks.
package seeding

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"mlops.dev/notebook-validator-operator/test/corpus/internal/execute"
)

//go:embed *.py
var programs embed.FS

// Fault is one seeded notebook.
type Fault struct {
	// Notebook is its file, Host the name of the notebook that it was made of.
	Notebook string `json:"notebook"`
	Host     string `json:"host"`
	// Kind of the fault, and which of its forms.
	Kind    string `json:"kind"`
	Variant string `json:"variant"`
	// Place is what the faulty value is bound to, Mode how the code came into the notebook.
	Place string `json:"place"`
	Mode  string `json:"mode"`
	// Cells are the indexes of the cells that hold the code, counted over all cells.
	Cells []int `json:"cells"`
	// Name is what the value is bound to; empty for a statement.
	Name string `json:"name"`
	// Rules are those that a finding may bear.
	Rules []string `json:"rules"`
	// Input is the variable of the host that went in, "made up" for one that came along, empty for none.
	Input string `json:"input"`
}

// Inside tells whether the value is bound inside a function or to an attribute, where it is harder to see.
func (f Fault) Inside() bool { return f.Place != "top level" && f.Place != "column of a table" }

// Host is a good notebook.
type Host struct {
	// Name is unique among the hosts and can be part of a file's name.
	Name string `json:"name"`
	Path string `json:"path"`
	// Survey is what survey.py says of its variables.
	Survey json.RawMessage `json:"survey"`
}

// Seeder makes faulty notebooks.
type Seeder struct {
	executor *execute.Executor
	programs string
}

// New returns a seeder that keeps its programs in a folder.
func New(executor *execute.Executor, folder string) (*Seeder, error) {
	entries, err := programs.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		data, err := programs.ReadFile(entry.Name())
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(folder, entry.Name()), data, 0o600); err != nil {
			return nil, err
		}
	}
	return &Seeder{executor: executor, programs: folder}, nil
}

// Survey runs a notebook to see which of its variables faults can be made of. A notebook that raises is no host.
func (s *Seeder) Survey(ctx context.Context, name, notebook, scratch string, timeout time.Duration) (*Host, error) {
	file := filepath.Join(scratch, name+".survey.json")
	_, err := s.executor.Run(ctx, filepath.Join(s.programs, "survey.py"), notebook, file, fmt.Sprint(int(timeout.Seconds())))
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var found struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal(data, &found); err != nil {
		return nil, fmt.Errorf("read the survey of %s: %w", notebook, err)
	}
	if found.Error != "" {
		return nil, fmt.Errorf("%s cannot be a host: %s", name, found.Error)
	}
	return &Host{Name: name, Path: notebook, Survey: data}, nil
}

// Seed writes a number of faulty notebooks for each host into a folder, together with manifest.json, which lists what is
// returned.
func (s *Seeder) Seed(ctx context.Context, hosts []*Host, seed, each int, folder string) ([]Fault, error) {
	plan, err := json.Marshal(map[string]any{"seed": seed, "each": each, "hosts": hosts})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "plan.json")
	if err := os.WriteFile(file, plan, 0o600); err != nil {
		return nil, err
	}
	defer os.Remove(file)
	if _, err := s.executor.Run(ctx, filepath.Join(s.programs, "seed.py"), file, folder); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		return nil, err
	}
	var faults []Fault
	if err := json.Unmarshal(data, &faults); err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	return faults, nil
}
