// Package execute runs notebooks on this machine: by the product's own runner, and by nbclient alone.
package execute

import (
	"bytes"
	"context"
	_ "embed" // for plain.py
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/runner"
)

//go:embed plain.py
var plainProgram []byte

// Executor runs notebooks with one interpreter.
type Executor struct {
	python  []string
	tools   string
	timeout time.Duration
	// Packages has each run list the packages too, as it does outside of measurements.
	Packages bool
}

// New returns an executor that keeps its programs in a folder. python is a command and its first arguments; it may run
// somewhere else, in a chroot for example, as long as it sees the same files under the same paths.
func New(python []string, folder string, timeout time.Duration) (*Executor, error) {
	if err := runner.WriteTo(folder); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(folder, "plain.py"), plainProgram, 0o600); err != nil {
		return nil, fmt.Errorf("write the plain runner: %w", err)
	}
	return &Executor{python: python, tools: folder, timeout: timeout}, nil
}

// Observed is a run by the product's runner.
type Observed struct {
	// Run is what the runner recorded.
	Run *report.Run
	// Pristine is the notebook before, Executed after the run; Executed is nil where nothing ran.
	Pristine, Executed *nbformat.Notebook
	// Wall is how long the whole process took.
	Wall time.Duration
}

// Observe runs a notebook by the product's runner. Its files go into the folder out.
func (e *Executor) Observe(ctx context.Context, notebook, out string) (*Observed, error) {
	return e.observe(ctx, runner.Options{Notebook: notebook, OutputDir: out})
}

// Unobserved is Observe without lint and observer, to see what those cost.
func (e *Executor) Unobserved(ctx context.Context, notebook, out string) (*Observed, error) {
	return e.observe(ctx, runner.Options{Notebook: notebook, OutputDir: out, NoObserver: true})
}

func (e *Executor) observe(ctx context.Context, options runner.Options) (*Observed, error) {
	options.ToolsDir, options.Timeout, options.NoPackages = e.tools, e.timeout, !e.Packages
	started := time.Now()
	if err := e.start(ctx, options.Arguments()...); err != nil {
		return nil, err
	}
	result := &Observed{Wall: time.Since(started)}
	data, err := os.ReadFile(filepath.Join(options.OutputDir, runner.ResultFile))
	if err != nil {
		return nil, fmt.Errorf("the run left no record: %w", err)
	}
	if result.Run, err = report.ParseRun(data); err != nil {
		return nil, err
	}
	if result.Pristine, err = ReadNotebook(options.Notebook); err != nil {
		return nil, err
	}
	if executed := filepath.Join(options.OutputDir, runner.ExecutedNotebookFile); exists(executed) {
		result.Executed, err = ReadNotebook(executed)
	}
	return result, err
}

// Plain is a run by nbclient alone.
type Plain struct {
	// Error names the exception that ended the run, empty for none.
	Error string `json:"error"`
	// Startup, Cells and Total are seconds: until the kernel was ready, for all cells, for everything.
	Startup float64 `json:"startup"`
	Cells   float64 `json:"cells"`
	Total   float64 `json:"total"`
	// Executed is the notebook after the run.
	Executed *nbformat.Notebook `json:"-"`
	// Wall is how long the whole process took.
	Wall time.Duration `json:"-"`
}

// Plain runs a notebook by nbclient. Its files go into the folder out.
func (e *Executor) Plain(ctx context.Context, notebook, out string) (*Plain, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, err
	}
	executed, record := filepath.Join(out, "plain.ipynb"), filepath.Join(out, "plain.json")
	var started time.Time
	err := untilReady(func() error {
		started = time.Now()
		return e.start(ctx, filepath.Join(e.tools, "plain.py"), notebook, executed, record, fmt.Sprint(int(e.timeout.Seconds())))
	})
	if err != nil {
		return nil, err
	}
	result := &Plain{Wall: time.Since(started)}
	data, err := os.ReadFile(record)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, result); err != nil {
		return nil, fmt.Errorf("read the record of the plain run: %w", err)
	}
	result.Executed, err = ReadNotebook(executed)
	return result, err
}

// tries are how often nbclient starts a kernel that does not come up. Kernels look for free ports and take them later,
// so that two which start at the same moment can meet; the product's runner tries again by itself.
const tries = 3

func untilReady(start func() error) error {
	for try := 1; ; try++ {
		if err := start(); err == nil || try == tries || !lostPorts(err) {
			return err
		}
	}
}

func lostPorts(err error) bool {
	return strings.Contains(err.Error(), "before replying") || strings.Contains(err.Error(), "Invalid Signature")
}

// Run runs a Python program and returns what it printed.
func (e *Executor) Run(ctx context.Context, arguments ...string) ([]byte, error) {
	var output []byte
	err := untilReady(func() error {
		command := e.command(ctx, arguments...)
		var err error
		if output, err = command.Output(); err != nil {
			return fmt.Errorf("%s: %w%s", arguments[0], err, lastLines(command.Stderr))
		}
		return nil
	})
	return output, err
}

func (e *Executor) start(ctx context.Context, arguments ...string) error {
	_, err := e.Run(ctx, arguments...)
	return err
}

func (e *Executor) command(ctx context.Context, arguments ...string) *exec.Cmd {
	all := append(append([]string{}, e.python...), arguments...)
	command := exec.CommandContext(ctx, all[0], all[1:]...)
	command.Stderr = &bytes.Buffer{}
	command.WaitDelay = 5 * time.Second
	return command
}

func lastLines(stderr any) string {
	text := bytes.TrimSpace(stderr.(*bytes.Buffer).Bytes())
	if len(text) == 0 {
		return ""
	}
	return "\n" + string(text[max(0, len(text)-2000):])
}

// ReadNotebook reads a notebook file.
func ReadNotebook(path string) (*nbformat.Notebook, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	notebook, err := nbformat.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return notebook, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
