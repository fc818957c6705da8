package report

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

func pointer[T any](value T) *T { return &value }

// makeRun returns a record of the given cells that agrees with itself.
func makeRun(outcome Outcome, statuses ...CellStatus) *Run {
	began := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	run := &Run{
		Version:        RunVersion,
		Outcome:        outcome,
		Notes:          []string{},
		StartedAt:      began,
		FinishedAt:     began.Add(3 * time.Second),
		Seconds:        3,
		TimeoutSeconds: 60,
		Kernel:         &Kernel{Name: "python3", Language: "python", DisplayName: "Python 3"},
		Python:         "3.11.2",
		Packages:       map[string]string{"nbclient": "0.7.2"},
		Requirements:   []string{"numpy==2.3.4", "pandas==2.3.3"},
		NBFormat:       &NBFormat{Major: 4, Minor: 5},
		Observed:       true,
		Analysis:       makeAnalysis(),
		Cells:          []RunCell{},
	}
	if outcome == OutcomeTimeout {
		run.TimeLimit = &TimeLimit{Kind: LimitNotebook, Seconds: 60}
	}
	for i, status := range statuses {
		run.Cells = append(run.Cells, makeCell(i, status))
		if status != CellOK && status != CellExited && ran(status) {
			run.FailedCell = pointer(i)
		}
	}
	return run
}

func makeAnalysis() facts.Analysis {
	return facts.Analysis{
		Done: true, Lint: []facts.Lint{}, Cells: []facts.Source{}, NoneGuards: []string{}, NaNGuards: []string{}, CheckedCells: []int{},
	}
}

// makeFacts are the facts of a cell that bound one value.
func makeFacts(name string, value facts.Value) *facts.Cell {
	return &facts.Cell{
		Values: map[string]facts.Value{name: value}, Displayed: []facts.Value{}, Calls: []facts.Call{},
		Warnings: []facts.Warning{}, Threads: []string{}, Seconds: 0.25, Cost: 0.001,
	}
}

func makeCell(index int, status CellStatus) RunCell {
	cell := RunCell{Index: index, ID: string(rune('a' + index%26)), Status: status, Source: "step()"}
	if ran(status) {
		cell.ExecutionCount, cell.Seconds = pointer(index+1), 0.25
	}
	if status == CellError {
		cell.Error = &CellFailure{Name: "ValueError", Value: "wrong", Traceback: "ValueError: wrong"}
	}
	if status == CellExited {
		cell.Error = &CellFailure{Name: "SystemExit"}
	}
	return cell
}

// with returns the run after a change.
func with(run *Run, change func(*Run)) *Run {
	change(run)
	return run
}

func raised(name, value string) func(*Run) {
	return func(run *Run) {
		for i := range run.Cells {
			if run.Cells[i].Status == CellError {
				run.Cells[i].Error = &CellFailure{Name: name, Value: value, Traceback: name + ": " + value}
			}
		}
	}
}

func exitedWith(code int, detail string) func(*Run) {
	return func(run *Run) {
		run.ExitCode, run.Detail = &code, detail
		for _, cell := range run.Cells {
			if cell.Status == CellExited && code != 0 {
				run.FailedCell = pointer(cell.Index)
			}
		}
	}
}

func encodeRun(t testing.TB, run *Run) []byte {
	t.Helper()
	data, err := json.Marshal(run)
	require.NoError(t, err)
	return data
}
