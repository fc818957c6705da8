package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"mlops.dev/notebook-validator-operator/internal/demands"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/sourceinfo"
)

// Names of what the runner leaves inside the run directory.
const (
	runFile      = "run.json"
	executedFile = "executed.ipynb"
)

// Collect reads what the pod's earlier containers left, and judges it. There is
// always a report: where something is missing or wrong, its reason is
// ReportInvalid and its message says what. The evidence holds what could be
// read.
func Collect(runDir, metaDir string, subject Subject, wanted demands.Demands) (*Report, Evidence) {
	evidence, err := collect(runDir, metaDir, &subject)
	if err != nil {
		return New(subject, nil, Unreadable(err)), Evidence{}
	}
	if wanted.Golden != "" {
		evidence.Golden = readGolden(metaDir, wanted.Golden)
	}
	return Assess(subject, evidence, wanted), evidence
}

func collect(runDir, metaDir string, subject *Subject) (Evidence, error) {
	info, err := sourceinfo.Read(metaDir)
	if err != nil {
		return Evidence{}, err
	}
	subject.Ref, subject.Commit = info.Ref, info.Commit
	if subject.URL == "" {
		subject.URL = info.URL
	}
	if subject.Notebook == "" {
		subject.Notebook = info.Notebook
	}
	if subject.Notebook != info.Notebook {
		return Evidence{}, fmt.Errorf("the pod fetched the notebook %.200q, not %.200q", info.Notebook, subject.Notebook)
	}
	pristine, err := readRegular(sourceinfo.NotebookPath(metaDir), nbformat.MaxBytes)
	if err != nil {
		return Evidence{}, err
	}
	return ReadRun(runDir, pristine)
}

// ReadRun reads what the runner left of a run of the pristine notebook.
func ReadRun(runDir string, pristine []byte) (Evidence, error) {
	data, err := readRegular(filepath.Join(runDir, runFile), MaxRunBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return Evidence{}, errors.New("the run left no run.json")
	} else if err != nil {
		return Evidence{}, err
	}
	run, err := ParseRun(data)
	if err != nil {
		return Evidence{}, err
	}
	evidence := Evidence{Run: run}
	if evidence.Pristine, err = compare(run, pristine); err != nil {
		return Evidence{}, err
	}
	evidence.ExecutedBytes, evidence.Executed = readExecuted(runDir, evidence.Pristine)
	return evidence, nil
}

// compare checks the record against the pristine notebook and takes the first
// lines of the cells from there. It returns nil for a file that is no notebook
// and was not taken for one.
func compare(run *Run, pristine []byte) (*nbformat.Notebook, error) {
	notebook, err := nbformat.Parse(pristine)
	if err != nil {
		if run.Outcome == OutcomeInvalidNotebook || run.Outcome == OutcomeRunnerMissing {
			return nil, nil
		}
		return nil, err
	}
	if err := Check(run, notebook); err != nil {
		return nil, err
	}
	code := notebook.CodeCells()
	for i := range run.Cells {
		run.Cells[i].Source = code[i].FirstLine()
	}
	return notebook, nil
}

// readExecuted returns the executed notebook, nil where there is none: no
// verdict needs it but that of a comparison, which then fails.
func readExecuted(runDir string, pristine *nbformat.Notebook) ([]byte, *nbformat.Notebook) {
	data, err := readRegular(filepath.Join(runDir, executedFile), nbformat.MaxBytes)
	if err != nil || pristine == nil {
		return nil, nil
	}
	executed, err := nbformat.Parse(data)
	if err != nil {
		return nil, nil
	}
	return data, executed
}

// readGolden reads what fetch left of the golden notebook.
func readGolden(metaDir, name string) *GoldenEvidence {
	dir := sourceinfo.GoldenDir(metaDir)
	info, err := sourceinfo.Read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return &GoldenEvidence{Err: fmt.Errorf("the golden notebook %.200q is not in the commit: "+
			"check goldenNotebook.path, and that it was pushed", name)}
	} else if err != nil {
		return &GoldenEvidence{Err: err}
	}
	data, err := readRegular(sourceinfo.NotebookPath(dir), nbformat.MaxBytes)
	if err != nil {
		return &GoldenEvidence{Err: err, Commit: info.Commit}
	}
	return ParseGolden(name, info.Commit, data)
}

// ParseGolden reads a golden notebook.
func ParseGolden(name, commit string, data []byte) *GoldenEvidence {
	notebook, err := nbformat.Parse(data)
	if err != nil {
		return &GoldenEvidence{Commit: commit, Err: fmt.Errorf("the golden notebook %.200q cannot be read: %w: "+
			"execute it in Jupyter, save it and commit it again", name, err)}
	}
	return &GoldenEvidence{Notebook: notebook, Commit: commit}
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
