// Package validatecmd is the subcommand validate: it validates notebooks on this machine.
package validatecmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/validate/exitcode"
	"mlops.dev/notebook-validator-operator/internal/validate/files"
	"mlops.dev/notebook-validator-operator/internal/validate/find"
	"mlops.dev/notebook-validator-operator/internal/validate/interpreter"
	"mlops.dev/notebook-validator-operator/internal/validate/local"
	"mlops.dev/notebook-validator-operator/internal/validate/settings"
)

// options are the subcommand's flags.
type options struct {
	flags                  settings.Flags
	config, golden, python string
	jobs                   int
	outputs                []string
	output, saveExecuted   string
	noColor, verbose       bool
	// notebooks are the arguments.
	notebooks []string
}

const long = `Runs notebooks on this machine and judges them as a NotebookValidationJob in a cluster does: the same
program runs them, and the same rules judge them.

Arguments are notebooks, folders (all notebooks in them, hidden folders left out) and patterns (also with **).
What is demanded of a notebook is said by .notebook-validator.yaml in its folder or the nearest one above, up to the
root of the repository, with the keys of a job's spec, and by flags, which win.

Exit codes: 0 passed, 1 findings fail, 2 a notebook raised an error, 3 time was used up, 4 a kernel died, 5 something
was not judged (usage, settings, no Python, no kernel), 130 interrupted. Of several notebooks the highest code counts.`

const examples = `  notebook-validator validate analysis.ipynb
  notebook-validator validate notebooks/ --level staging --jobs 4
  notebook-validator validate report.ipynb -p day=2024-05-01 -p limit=10
  notebook-validator validate notebooks/ -o text -o junit=junit.xml -o html=report/
  notebook-validator validate report.ipynb --golden golden/report.ipynb`

// New returns the subcommand validate.
func New() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:           "validate NOTEBOOK|FOLDER|PATTERN...",
		Short:         "Validate notebooks on this machine",
		Long:          long,
		Example:       examples,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) == 0 {
				return exitcode.Errorf(exitcode.Unusable, "name notebooks, folders or patterns: notebook-validator validate notebooks/")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, arguments []string) error {
			o.notebooks = arguments
			return withCode(o.run(cmd))
		},
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return exitcode.Errorf(exitcode.Unusable, "%w: see %s --help", err, cmd.CommandPath())
	})
	o.register(cmd)
	return cmd
}

func (o *options) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.flags.Level, "level", "", "how strict: learning, development, staging or production (default development)")
	flags.BoolVar(&o.flags.Strict, "strict", false, "let every warning at that level fail")
	flags.StringVar(&o.golden, "golden", "", "golden notebook to compare with, or a folder with golden notebooks at the same paths")
	flags.StringVar(&o.flags.Expect, "expect", "", "file with a YAML list of expectedOutputs")
	flags.StringArrayVarP(&o.flags.Parameters, "parameter", "p", nil, "parameter of the notebook as name=value, the value in YAML; repeatable")
	flags.StringVar(&o.flags.Timeout, "timeout", "", "time for each notebook (default 30m)")
	flags.StringVar(&o.flags.CellTimeout, "cell-timeout", "", "time for each code cell (default none)")
	flags.IntVar(&o.jobs, "jobs", 0, "notebooks to run at a time (default the number of processors)")
	flags.StringArrayVarP(&o.outputs, "format", "o", nil, "text, json, junit or html; FORMAT=PATH writes it there; repeatable (default text)")
	flags.StringVar(&o.output, "output", "", "file, or folder for html of several notebooks, for the -o without a path")
	flags.StringVar(&o.saveExecuted, "save-executed", "", "folder to keep the executed notebooks in")
	flags.StringVar(&o.config, "config", "", "file with settings, instead of the nearest "+settings.FileName)
	flags.StringVar(&o.python, "python", "", "Python with nbclient and a kernel (default that of the active environment, else python3 on PATH)")
	flags.BoolVar(&o.noColor, "no-color", false, "no colours; NO_COLOR in the environment does the same")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "say what to do about each finding, and each cell that runs")
}

// withCode gives every error without an exit code of its own that of what could not be used.
func withCode(err error) error {
	var coded *exitcode.Error
	if err == nil || errors.As(err, &coded) {
		return err
	}
	return &exitcode.Error{Code: exitcode.Unusable, Err: err}
}

func (o *options) run(cmd *cobra.Command) error {
	ctx := cmd.Context()
	plan, err := o.plan()
	if err != nil {
		return err
	}
	outputs, err := files.ParseOutputs(o.outputs, o.output)
	if err != nil {
		return err
	}
	writer, err := files.NewWriter(files.Options{
		Outputs: outputs, Executed: o.saveExecuted, Stdout: cmd.OutOrStdout(), Text: o.text,
	}, plan.notebooks)
	if err != nil {
		return err
	}
	defer writer.Close()
	python, err := interpreter.Find(ctx, o.python)
	if err != nil {
		return interrupted(ctx, err)
	}
	machine, err := local.NewMachine(python)
	if err != nil {
		return err
	}
	defer machine.Close()
	watcher := o.watcher(cmd.ErrOrStderr(), plan.jobs, writer)
	outcomes, err := machine.All(ctx, plan.jobs, o.parallel(), watcher)
	watcher.Close()
	if err != nil {
		return interrupted(ctx, err)
	}
	return conclude(outcomes, writer)
}

// plan is what to run.
type plan struct {
	notebooks []find.Notebook
	jobs      []local.Job
}

// plan reads all settings before the first notebook runs: a mistake in the last ones would waste the time of the others.
func (o *options) plan() (plan, error) {
	dir, err := os.Getwd()
	if err != nil {
		return plan{}, fmt.Errorf("find the working directory: %w", err)
	}
	found, err := find.Notebooks(o.notebooks, dir)
	if err != nil {
		return plan{}, err
	}
	if o.jobs < 0 {
		return plan{}, errors.New("--jobs: there must be at least one")
	}
	golden, err := goldenFor(o.golden, dir, found)
	if err != nil {
		return plan{}, err
	}
	reader, err := settings.NewReader(dir, o.config, o.flags)
	if err != nil {
		return plan{}, err
	}
	made := plan{notebooks: found}
	for i, notebook := range found {
		wanted, err := reader.For(notebook.Path)
		if err != nil {
			return plan{}, err
		}
		if golden != nil {
			wanted = wanted.WithGolden(golden[i])
		}
		made.jobs = append(made.jobs, local.Job{Notebook: notebook, Settings: wanted})
	}
	return made, nil
}

// goldenFor finds the golden notebook of each notebook; nil where the flag was not given.
func goldenFor(flag, dir string, notebooks []find.Notebook) ([]string, error) {
	if flag == "" {
		return nil, nil
	}
	path := flag
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("--golden %s cannot be read: %w", flag, err)
	}
	if !info.IsDir() {
		if len(notebooks) > 1 {
			return nil, fmt.Errorf("--golden %s is one notebook, but there are %d to validate: name a folder with golden notebooks at the same paths",
				flag, len(notebooks))
		}
		return []string{path}, nil
	}
	if err := find.Places(notebooks); err != nil {
		return nil, err
	}
	var golden []string
	for _, notebook := range notebooks {
		golden = append(golden, filepath.Join(path, filepath.FromSlash(notebook.Place)))
	}
	return golden, nil
}

func (o *options) parallel() int {
	if o.jobs > 0 {
		return o.jobs
	}
	return runtime.NumCPU()
}

// interrupted is the error of a run that was ended from outside, else err.
func interrupted(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	if cause == nil {
		return err
	}
	code := exitcode.Interrupted
	if strings.Contains(cause.Error(), "terminated") {
		code = exitcode.Terminated
	}
	return exitcode.Errorf(code, "interrupted: all kernels were ended, and there is no verdict")
}

// conclude writes what came of it and says it by an exit code.
func conclude(outcomes []*local.Outcome, writer *files.Writer) error {
	var reports []*report.Report
	var codes []int
	bad := 0
	for _, outcome := range outcomes {
		reports = append(reports, outcome.Report)
		code := exitcode.Of(outcome.Report)
		codes = append(codes, code)
		if code != exitcode.Passed {
			bad++
		}
	}
	if err := writer.Finish(reports); err != nil {
		return err
	}
	if bad == 0 {
		return nil
	}
	return exitcode.Errorf(exitcode.Worst(codes), "%d of %d notebooks did not pass", bad, len(outcomes))
}
