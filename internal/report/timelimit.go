package report

import "fmt"

// LimitKind says what set a limit of time.
type LimitKind string

const (
	// LimitNotebook is the time of the whole notebook, spec.timeout.
	LimitNotebook LimitKind = "notebook"
	// LimitCell is the time of each cell, spec.cellTimeout.
	LimitCell LimitKind = "cell"
	// LimitCellMetadata is what the metadata of the cell allows it.
	LimitCellMetadata LimitKind = "cellMetadata"
	// LimitNotebookMetadata is what the metadata of the notebook allows each
	// cell.
	LimitNotebookMetadata LimitKind = "notebookMetadata"
)

// TimeLimit is a limit of time that ended a run.
type TimeLimit struct {
	// Kind says what set the limit.
	Kind LimitKind `json:"kind"`
	// Seconds is how long it allows.
	Seconds float64 `json:"seconds"`
}

// remedies say, for each limit of cells, whose it is and where to raise it.
var remedies = map[LimitKind]struct{ whose, where string }{
	LimitCell:             {"each cell is given", "spec.cellTimeout"},
	LimitCellMetadata:     {"its own metadata give it", "metadata.execution.timeout of the cell"},
	LimitNotebookMetadata: {"the notebook's metadata give each cell", "metadata.execution.timeout of the notebook"},
}

// checkTimeLimit holds the limit against the outcome: without it a timeout could
// not be explained.
func checkTimeLimit(run *Run) error {
	limit := run.TimeLimit
	switch {
	case limit == nil && run.Outcome == OutcomeTimeout:
		return fmt.Errorf("the time was used up, but no limit is named")
	case limit == nil:
		return nil
	case run.Outcome != OutcomeTimeout:
		return fmt.Errorf("outcome %s comes with a limit of time", run.Outcome)
	case !saneSeconds(limit.Seconds):
		return fmt.Errorf("the seconds of its limit are out of range")
	}
	if _, known := remedies[limit.Kind]; !known && limit.Kind != LimitNotebook {
		return fmt.Errorf("it has the unknown limit %.40q", limit.Kind)
	}
	return nil
}

func timeoutMessage(run *Run) string {
	if limit := run.TimeLimit; limit != nil {
		if remedy, ok := remedies[limit.Kind]; ok {
			return fmt.Sprintf("cell %d ran longer than the %g s that %s: raise %s or make the cell faster",
				endedIn(run), limit.Seconds, remedy.whose, remedy.where)
		}
	}
	return fmt.Sprintf("cell %d was running when the notebook's time of %g s was used up: "+
		"raise spec.timeout or make the cell faster", endedIn(run), run.TimeoutSeconds)
}
