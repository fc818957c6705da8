package local

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"mlops.dev/notebook-validator-operator/internal/runner"
	"mlops.dev/notebook-validator-operator/internal/validate/interpreter"
)

// Machine runs notebooks.
type Machine struct {
	python *interpreter.Python
	// folder is the temporary one; tools inside it holds the runner.
	folder, tools string
	runs          atomic.Int64
}

// NewMachine makes a temporary folder with the runner in it; Close removes it.
func NewMachine(python *interpreter.Python) (*Machine, error) {
	folder, err := os.MkdirTemp("", "notebook-validator-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	// The runner names files by their paths, which a link in the way, as on macOS, would make two of.
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	machine := &Machine{python: python, folder: folder, tools: filepath.Join(folder, "tools")}
	if err := runner.WriteTo(machine.tools); err != nil {
		machine.Close()
		return nil, err
	}
	return machine, nil
}

// Close removes the temporary folder.
func (m *Machine) Close() {
	// What cannot be removed is in the system's folder for such things.
	_ = os.RemoveAll(m.folder)
}

// place is the temporary folder of one run.
type place struct{ root, out, temporary, ipython, progress, log string }

func (m *Machine) newPlace() (place, error) {
	root := filepath.Join(m.folder, strconv.FormatInt(m.runs.Add(1), 10))
	p := place{
		root: root, out: filepath.Join(root, "out"), temporary: filepath.Join(root, "tmp"),
		ipython: filepath.Join(root, "ipython"), progress: filepath.Join(root, "progress"), log: filepath.Join(root, "log"),
	}
	for _, dir := range []string{p.root, p.out, p.temporary, p.ipython} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return p, fmt.Errorf("make a temporary folder: %w", err)
		}
	}
	return p, nil
}

func (p place) remove() { _ = os.RemoveAll(p.root) }
