package runner

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

//go:embed nbv_runner.py nbv/*.py nbv/observer/*.py
var program embed.FS

const (
	// EntryPoint is the file, inside the directory given to WriteTo, that
	// python3 is told to run.
	EntryPoint = "nbv_runner.py"
	// ResultFile is the record of the run, inside the output directory.
	ResultFile = "run.json"
	// ExecutedNotebookFile is the notebook with its outputs, inside the output
	// directory.
	ExecutedNotebookFile = "executed.ipynb"
)

// Options say what to run and where; zero durations leave the program's own
// defaults in force.
type Options struct {
	// ToolsDir is where WriteTo put the program.
	ToolsDir string
	// Notebook is the path of the notebook to run.
	Notebook string
	// OutputDir is the directory that ResultFile is written to.
	OutputDir string
	// Timeout is the time for the whole notebook, kernel start included.
	Timeout time.Duration
	// StartupTimeout is the time for the kernel to become ready (default 5 min: one that fails ends at once, and a good one
	// takes more than a minute where many others start on the same node).
	StartupTimeout time.Duration
	// ProgressFile is written while cells run; empty for none.
	ProgressFile string
	// CellTimeout is the time for each cell; zero for no limit but Timeout.
	CellTimeout time.Duration
	// Parameters are set in the notebook, as papermill does it.
	Parameters map[string]apiextensionsv1.JSON
	// WarnOfUnknownParameters runs a notebook that does not know a parameter.
	WarnOfUnknownParameters bool
	// Watch are names to look at in every cell, beside those that the cell binds.
	Watch []string
	// NoObserver runs the notebook without looking at its values.
	NoObserver bool
	// NoPackages runs the notebook without a list of the packages that it can import; there is then no requirements.lock.
	NoPackages bool
}

// Arguments returns the program's argument list, to be given to python3. Every
// value is part of its own flag, so none can be taken for a flag itself.
func (o Options) Arguments() []string {
	arguments := []string{
		filepath.Join(o.ToolsDir, EntryPoint),
		"--notebook=" + o.Notebook,
		"--output-dir=" + o.OutputDir,
		"--timeout-seconds=" + seconds(o.Timeout),
	}
	if o.StartupTimeout > 0 {
		arguments = append(arguments, "--startup-timeout-seconds="+seconds(o.StartupTimeout))
	}
	if o.ProgressFile != "" {
		arguments = append(arguments, "--progress-file="+o.ProgressFile)
	}
	if o.CellTimeout > 0 {
		arguments = append(arguments, "--cell-timeout-seconds="+seconds(o.CellTimeout))
	}
	for _, name := range o.Watch {
		arguments = append(arguments, "--watch="+name)
	}
	if o.NoObserver {
		arguments = append(arguments, "--no-observer")
	}
	if o.NoPackages {
		arguments = append(arguments, "--freeze-seconds=0")
	}
	return append(arguments, o.parameters()...)
}

// parameters are the flags of Parameters. Their order is that of their names, so that the same options give the same pod.
func (o Options) parameters() []string {
	if len(o.Parameters) == 0 {
		return nil
	}
	// Each value is JSON that the API server, or the reader of a configuration, has read before.
	values, err := json.Marshal(o.Parameters)
	if err != nil {
		values = []byte("invalid") // the runner refuses it in a sentence
	}
	what := "fail"
	if o.WarnOfUnknownParameters {
		what = "warn"
	}
	return []string{"--parameters=" + string(values), "--unknown-parameters=" + what}
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
}

// WriteTo writes the program into dir, which is made if it is missing. The
// files are readable by every user: the image may run as any.
func WriteTo(dir string) error {
	err := fs.WalkDir(program, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(path))
		if entry.IsDir() {
			return makeDir(target)
		}
		data, err := program.ReadFile(path)
		if err != nil {
			return err
		}
		return writeFile(target, data)
	})
	if err != nil {
		return fmt.Errorf("write the notebook runner: %w", err)
	}
	return nil
}

// makeDir makes a directory that every user can enter, whatever the umask says.
func makeDir(path string) error {
	if err := os.Mkdir(path, 0o755); err == nil {
		return os.Chmod(path, 0o755)
	}
	return os.MkdirAll(path, 0o755)
}

func writeFile(path string, data []byte) error {
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return err
	}
	return os.Chmod(path, 0o644)
}
