package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"mlops.dev/notebook-validator-operator/internal/sourceinfo"
)

// runFile is the record's name inside the run directory.
const runFile = "run.json"

// Collect reads what the pod's earlier containers left, and judges it. There is
// always a report: where something is missing or wrong, its reason is
// ReportInvalid and its message says what.
func Collect(runDir, metaDir string, subject Subject) *Report {
	run, err := collect(runDir, metaDir, &subject)
	if err != nil {
		return New(subject, nil, Unreadable(err))
	}
	return New(subject, run, Judge(run))
}

func collect(runDir, metaDir string, subject *Subject) (*Run, error) {
	info, err := sourceinfo.Read(metaDir)
	if err != nil {
		return nil, err
	}
	subject.Ref, subject.Commit = info.Ref, info.Commit
	if subject.URL == "" {
		subject.URL = info.URL
	}
	if subject.Notebook == "" {
		subject.Notebook = info.Notebook
	}
	if subject.Notebook != info.Notebook {
		return nil, fmt.Errorf("the pod fetched the notebook %.200q, not %.200q", info.Notebook, subject.Notebook)
	}
	data, err := readRegular(filepath.Join(runDir, runFile), MaxRunBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the run left no run.json")
	} else if err != nil {
		return nil, err
	}
	run, err := ParseRun(data)
	if err != nil {
		return nil, err
	}
	return run, compare(run, metaDir)
}

// compare checks the record against the pristine notebook and takes the first
// lines of the cells from there.
func compare(run *Run, metaDir string) error {
	data, err := readRegular(sourceinfo.NotebookPath(metaDir), MaxNotebookBytes)
	if err != nil {
		return err
	}
	notebook, err := ParseNotebook(data)
	if err != nil {
		if run.Outcome == OutcomeInvalidNotebook || run.Outcome == OutcomeRunnerMissing {
			return nil
		}
		return err
	}
	if err := Check(run, notebook); err != nil {
		return err
	}
	for i := range run.Cells {
		run.Cells[i].Source = notebook.Code[i].Source
	}
	return nil
}

// readRegular reads a file that a stranger may have replaced: a link is not
// followed, a pipe is not waited for, and no more than limit bytes are taken in.
func readRegular(path string, limit int64) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", filepath.Base(path))
	}
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is larger than %d bytes", filepath.Base(path), limit)
	}
	return data, nil
}
