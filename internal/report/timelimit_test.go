package report

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func limitedBy(kind LimitKind, seconds float64) func(*Run) {
	return func(run *Run) { run.TimeLimit = &TimeLimit{Kind: kind, Seconds: seconds} }
}

func TestATimeoutSaysWhichLimitToRaise(t *testing.T) {
	cases := map[LimitKind]string{
		LimitNotebook:         "cell 0 was running when the notebook's time of 60 s was used up: raise spec.timeout or make the cell faster",
		LimitCell:             "cell 0 ran longer than the 2.5 s that each cell is given: raise spec.cellTimeout or make the cell faster",
		LimitCellMetadata:     "cell 0 ran longer than the 2.5 s that its own metadata give it: raise metadata.execution.timeout of the cell or",
		LimitNotebookMetadata: "the notebook's metadata give each cell: raise metadata.execution.timeout of the notebook or",
	}
	for kind, want := range cases {
		t.Run(string(kind), func(t *testing.T) {
			run := with(makeRun(OutcomeTimeout, CellTimeout, CellNotRun), limitedBy(kind, 2.5))
			read, err := ParseRun(encodeRun(t, run))
			require.NoError(t, err)
			assert.Equal(t, run.TimeLimit, read.TimeLimit)
			assert.Contains(t, Judge(read).Message, want)
		})
	}
}

func TestALimitThatDoesNotFitTheOutcomeIsRefused(t *testing.T) {
	cases := map[string]struct {
		run  *Run
		want string
	}{
		"a timeout without one":   {with(makeRun(OutcomeTimeout, CellTimeout), func(run *Run) { run.TimeLimit = nil }), "no limit is named"},
		"a limit without end":     {with(makeRun(OutcomeTimeout, CellTimeout), limitedBy(LimitCell, -1)), "out of range"},
		"a limit of nothing":      {with(makeRun(OutcomeTimeout, CellTimeout), limitedBy("patience", 1)), "unknown limit"},
		"a limit, but no timeout": {with(makeRun(OutcomeCompleted, CellOK), limitedBy(LimitCell, 1)), "comes with a limit"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := ParseRun(encodeRun(t, test.run))
			assert.ErrorContains(t, err, test.want)
		})
	}
}
