package runner_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/report"
)

var sleeps = code("import time\nprint('began')\ntime.sleep(120)")

// execution is the metadata of a cell or a notebook that limits its time.
func execution(timeout any) map[string]any { return map[string]any{"timeout": timeout} }

func TestACellThatTakesTooLongEndsTheRun(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		cell     part
		metadata map[string]any
		flags    []string
		limit    report.TimeLimit
		message  string
	}{
		"by the limit of all cells": {sleeps, nil, []string{"--cell-timeout-seconds=5.5"},
			report.TimeLimit{Kind: report.LimitCell, Seconds: 5.5}, "raise spec.cellTimeout or make the cell faster"},
		"by its own limit, which comes first": {sleeps.with("execution", execution(5)), map[string]any{"execution": execution(50)},
			[]string{"--cell-timeout-seconds=40"},
			report.TimeLimit{Kind: report.LimitCellMetadata, Seconds: 5}, "raise metadata.execution.timeout of the cell"},
		"by the notebook's limit for each cell": {sleeps, map[string]any{"execution": execution(5)}, nil,
			report.TimeLimit{Kind: report.LimitNotebookMetadata, Seconds: 5}, "raise metadata.execution.timeout of the notebook"},
		"by the time of the whole notebook, where that is nearer": {sleeps.with("execution", execution(1e300)), nil,
			[]string{"--timeout-seconds=40", "--cell-timeout-seconds=59"},
			report.TimeLimit{Kind: report.LimitNotebook, Seconds: 40}, "raise spec.timeout or make the cell faster"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bench := newBenchOf(t, test.metadata, code("1"), test.cell, code("2"))
			bench.flags = test.flags
			record := bench.run()
			require.Equal(t, report.OutcomeTimeout, record.Outcome, record.Detail)
			assert.Equal(t, []report.CellStatus{ok, report.CellTimeout, notRun}, statuses(record))
			assert.Equal(t, &test.limit, record.TimeLimit)
			assert.Equal(t, "began", record.Cells[1].Output)
			require.NotNil(t, record.Cells[1].Error, "the interrupt shows where the cell was")
			assert.Contains(t, record.Cells[1].Error.Traceback, "time.sleep(120)")
			verdict := report.Judge(record)
			assert.Equal(t, report.ReasonTimeout, verdict.Reason)
			assert.Contains(t, verdict.Message, test.message)
			assert.Equal(t, 1, *verdict.FailedCell)
		})
	}
}

func TestACellMayLiftTheLimitOfAllCells(t *testing.T) {
	t.Parallel()
	slow := code("import time\ntime.sleep(1.5)")
	bench := newBenchOf(t, map[string]any{"execution": execution(1)},
		slow.with("execution", execution(-1)), slow.with("execution", execution(nil)), slow.with("execution", execution(30)))
	bench.flags = []string{"--cell-timeout-seconds=1"}
	record := bench.run()
	require.Equal(t, report.OutcomeCompleted, record.Outcome, record.Detail)
	assert.Nil(t, record.TimeLimit)
}

func TestATimeoutThatIsNoNumberCountsAsNone(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, map[string]any{"execution": []int{1}}, code("1").with("execution", execution("soon")),
		code("2").with("execution", execution(true)), sleeps.with("execution", "fast"))
	bench.flags = []string{"--cell-timeout-seconds=5"}
	record := bench.run()
	require.Equal(t, report.OutcomeTimeout, record.Outcome, record.Detail)
	assert.Equal(t, &report.TimeLimit{Kind: report.LimitCell, Seconds: 5}, record.TimeLimit)
	assert.Equal(t, 2, *record.FailedCell)
}
