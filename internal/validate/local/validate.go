package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/runner"
	"mlops.dev/notebook-validator-operator/internal/validate/find"
	"mlops.dev/notebook-validator-operator/internal/validate/settings"
)

// pollTime is how often it is looked at how far a run is.
const pollTime = 200 * time.Millisecond

// Job is one notebook with what is demanded of it.
type Job struct {
	Notebook find.Notebook
	Settings *settings.Settings
}

// Outcome is what came of a job.
type Outcome struct {
	Job Job
	// Report is never nil.
	Report *report.Report
	// Evidence is what the report was made of, empty where there was nothing, and from the moment that a Watcher has seen it.
	Evidence report.Evidence
	// Seconds that it took, the judgement included.
	Seconds float64
}

// Validate runs the notebook and judges it; progress is told while cells run. Where that cannot be done, the report says
// why, with the reason ReportInvalid.
func (m *Machine) Validate(ctx context.Context, job Job, progress func(runner.Progress)) Outcome {
	begun := time.Now()
	outcome := Outcome{Job: job}
	subject := report.Subject{Notebook: job.Notebook.Name}
	evidence, err := m.run(ctx, job, progress)
	if err != nil {
		outcome.Report = report.New(subject, nil, report.Verdict{
			Reason: report.ReasonReportInvalid, Message: "nothing is known about the notebook: " + printable(err.Error()),
		})
	} else {
		evidence.Golden = readGolden(job.Settings.Golden)
		outcome.Evidence = evidence
		outcome.Report = report.Assess(subject, evidence, job.Settings.Demands())
	}
	outcome.Seconds = time.Since(begun).Seconds()
	return outcome
}

func (m *Machine) run(ctx context.Context, job Job, progress func(runner.Progress)) (report.Evidence, error) {
	pristine, err := readFile(job.Notebook.Path)
	if err != nil {
		return report.Evidence{}, err
	}
	p, err := m.newPlace()
	if err != nil {
		return report.Evidence{}, err
	}
	defer p.remove()
	wanted := job.Settings.Demands()
	stop := watch(p.progress, progress)
	err = m.execute(ctx, p, runner.Options{
		ToolsDir: m.tools, Notebook: job.Notebook.Path, OutputDir: p.out, ProgressFile: p.progress,
		Timeout: job.Settings.Timeout, CellTimeout: job.Settings.CellTimeout,
		Parameters: job.Settings.Parameters(), WarnOfUnknownParameters: job.Settings.WarnOfUnknownParameters(),
		Watch: wanted.Watched(), NoObserver: !wanted.NeedValues(),
	})
	stop()
	if err != nil {
		return report.Evidence{}, err
	}
	return report.ReadRun(p.out, pristine)
}

// watch looks again and again at the progress note of the runner until it is stopped, and tells each time what the note
// says; before there is one, as long as the kernel starts, its Total is 0.
func watch(path string, tell func(runner.Progress)) (stop func()) {
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(pollTime)
		defer ticker.Stop()
		var latest runner.Progress
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			// The note is written in place; one that is half there is read the next time.
			if note, err := os.ReadFile(path); err == nil {
				if progress, err := runner.ParseProgress(note); err == nil {
					latest = progress
				}
			}
			tell(latest)
		}
	}()
	return func() {
		close(done)
		<-stopped
	}
}

// readGolden reads the golden notebook; nil for none.
func readGolden(path string) *report.GoldenEvidence {
	if path == "" {
		return nil
	}
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("there is no golden notebook %s: execute the notebook, look at its outputs, and keep it there "+
			"(--save-executed does)", path)
	}
	if err != nil {
		return &report.GoldenEvidence{Err: err}
	}
	return report.ParseGolden(path, "", data)
}

// readFile reads a notebook file of this machine.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", filepath.Base(path), err)
	}
	// A pipe would be waited for, and a device has no end.
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", filepath.Base(path))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", filepath.Base(path), err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, nbformat.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", filepath.Base(path), err)
	}
	return data, nil
}

// printable drops what could move a terminal's cursor: a part of the text may be a stranger's.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}
