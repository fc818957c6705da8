package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
)

// packages whose versions the numbers depend on.
var packages = []string{"IPython", "ipykernel", "jupyter_client", "nbclient", "nbformat", "numpy", "pandas", "matplotlib", "sklearn"}

const versionsProgram = `
import importlib, json, platform, sys
found = {"Python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.import_module(name).__version__
    except Exception:
        found[name] = "not installed"
print(json.dumps(found))
`

// versions begins the document with what everything was measured on.
func (c *corpus) versions(ctx context.Context) error {
	output, err := c.executor.Run(ctx, append([]string{"-c", versionsProgram}, packages...)...)
	if err != nil {
		return fmt.Errorf("look at the versions of the Python libraries: %w", err)
	}
	var found map[string]string
	if err := json.Unmarshal(output, &found); err != nil {
		return fmt.Errorf("look at the versions of the Python libraries: %w", err)
	}
	named := []string{"Python " + found["Python"]}
	for _, name := range packages {
		named = append(named, name+" "+found[name])
	}
	c.document.paragraph("Measured on %s, %d processors.", strings.Join(named, ", "), runtime.NumCPU())
	return nil
}
