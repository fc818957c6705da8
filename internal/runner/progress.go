package runner

import (
	"encoding/json"
	"errors"
	"fmt"
)

// MaxProgressBytes bounds a progress note, which must fit beside other text in
// a container's termination message.
const MaxProgressBytes = 3584

// maxCells is far beyond what a notebook of the largest size that is read can hold.
const maxCells = 1 << 20

// Progress says where a run was when it last said so. It is a help for people
// when the whole container was killed; a verdict never depends on it.
type Progress struct {
	// Cell is the index of the cell that ran, counted over all cells from 0.
	Cell int `json:"cell"`
	// ID is that cell's id.
	ID string `json:"id"`
	// Done is the number of code cells that were over.
	Done int `json:"done"`
	// Total is the number of code cells.
	Total int `json:"total"`
	// Seconds is the time since the run began.
	Seconds float64 `json:"seconds"`
}

// ParseProgress reads the progress note of a container's termination message.
func ParseProgress(message []byte) (Progress, error) {
	if len(message) > MaxProgressBytes {
		return Progress{}, fmt.Errorf("the progress note is larger than %d bytes", MaxProgressBytes)
	}
	var progress Progress
	if err := json.Unmarshal(message, &progress); err != nil {
		return Progress{}, fmt.Errorf("the progress note is not valid: %w", err)
	}
	sane := progress.Cell >= 0 && progress.Cell < maxCells && progress.Total < maxCells && progress.Done >= 0 && progress.Total >= progress.Done &&
		progress.Seconds >= 0 && len(progress.ID) <= 64
	if !sane || progress.Total == 0 {
		return Progress{}, errors.New("the progress note does not describe a run")
	}
	return progress, nil
}
