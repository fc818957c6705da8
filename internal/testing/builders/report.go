package builders

import (
	"fmt"
	"time"

	"mlops.dev/notebook-validator-operator/internal/facts"
	"mlops.dev/notebook-validator-operator/internal/report"
)

// RunBuilder makes the record of a run, and the report about it.
type RunBuilder struct {
	run        report.Run
	commit     string
	files      report.Files
	validation report.Validation
}

// MakeRun is the record of a run that completed, one cell for each status.
func MakeRun(statuses ...report.CellStatus) *RunBuilder {
	run := report.Run{
		Version: report.RunVersion, Outcome: report.OutcomeCompleted,
		StartedAt: Epoch, FinishedAt: Epoch.Add(3 * time.Second), Seconds: 3, TimeoutSeconds: 1800,
		Kernel:   &report.Kernel{Name: "python3", Language: "python", DisplayName: "Python 3"},
		Python:   "3.12.1",
		Packages: map[string]string{"nbclient": "0.10.0"},
		NBFormat: &report.NBFormat{Major: 4, Minor: 5},
		Observed: true,
		Analysis: facts.Analysis{Done: true},
	}
	for i, status := range statuses {
		cell := report.RunCell{Index: i, ID: fmt.Sprintf("cell-%d", i), Status: status, Source: "step()"}
		if status != report.CellSkipped && status != report.CellNotRun {
			cell.Seconds = 0.25
		}
		run.Cells = append(run.Cells, cell)
	}
	return &RunBuilder{run: run, commit: Commit}
}

// Cells is that many statuses of one kind.
func Cells(count int, status report.CellStatus) []report.CellStatus {
	all := make([]report.CellStatus, count)
	for i := range all {
		all[i] = status
	}
	return all
}

// Raised ends the run with an exception in that cell.
func (b *RunBuilder) Raised(index int, name, value, traceback string) *RunBuilder {
	b.run.Outcome, b.run.FailedCell = report.OutcomeError, &index
	b.run.Cells[index].Status = report.CellError
	b.run.Cells[index].Error = &report.CellFailure{Name: name, Value: value, Traceback: traceback}
	return b
}

// Exited ends the run by sys.exit in that cell.
func (b *RunBuilder) Exited(index, code int) *RunBuilder {
	b.run.Outcome, b.run.ExitCode = report.OutcomeExited, &code
	b.run.Cells[index].Status = report.CellExited
	b.run.Cells[index].Error = &report.CellFailure{Name: "SystemExit"}
	if code != 0 {
		b.run.FailedCell = &index
	}
	return b
}

// Cell changes what else there is in a cell.
func (b *RunBuilder) Cell(index int, change func(*report.RunCell)) *RunBuilder {
	change(&b.run.Cells[index])
	return b
}

// Requirements are the packages of the image, as pip freeze prints them.
func (b *RunBuilder) Requirements(lines ...string) *RunBuilder {
	b.run.Requirements = lines
	return b
}

// Commit that was run.
func (b *RunBuilder) Commit(commit string) *RunBuilder {
	b.commit = commit
	return b
}

// Report is what the report container makes of the record.
func (b *RunBuilder) Report() *report.Report {
	made := report.New(report.Subject{
		Notebook: "tier1/iris.ipynb", URL: "https://git.example.com/team/notebooks.git", Ref: "main",
		Commit: b.commit, Image: Image,
	}, &b.run, report.Judge(&b.run))
	made.SetValidation(b.validation)
	return made
}

// Answer is what the report container leaves: its termination message and its log.
func (b *RunBuilder) Answer() (message string, log []byte) {
	bounded, err := report.Bound(b.Report(), report.MaxReportBytes)
	if err != nil {
		panic(err) // a case that no notebook can reach
	}
	encoded, summary, err := report.EncodeAnswer(bounded, b.files)
	if err != nil {
		panic(err)
	}
	return string(summary), append(encoded, '\n')
}

// Files go along with the report.
func (b *RunBuilder) Files(files report.Files) *RunBuilder {
	b.files = files
	return b
}

// Found is what the validation found beyond the run itself.
func (b *RunBuilder) Found(validation report.Validation) *RunBuilder {
	b.validation = validation
	return b
}
