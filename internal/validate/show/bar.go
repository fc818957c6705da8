package show

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"mlops.dev/notebook-validator-operator/internal/runner"
	"mlops.dev/notebook-validator-operator/internal/validate/local"
)

const (
	// whole is how far the bar goes for one notebook, whatever the number of its cells.
	whole = 1000
	// maxName is how many characters of a notebook's name are beside the bar.
	maxName = 30
)

// Bar is a progress bar over all jobs.
type Bar struct {
	bar   *progressbar.ProgressBar
	names []string
	ended int
	// done is how far each job is, of whole.
	done []int
}

// NewBar draws on a terminal.
func NewBar(w io.Writer, jobs []local.Job, colours Colours) *Bar {
	bar := progressbar.NewOptions(len(jobs)*whole,
		progressbar.OptionSetWriter(w),
		progressbar.OptionEnableColorCodes(colours.on),
		progressbar.OptionSetWidth(20),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(true),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSpinnerType(14),
	)
	return &Bar{bar: bar, names: namesOf(jobs), done: make([]int, len(jobs))}
}

// Begins shows a job that begins.
func (b *Bar) Begins(i int) { b.show(i, "starts") }

// Goes shows how far a job is.
func (b *Bar) Goes(i int, p runner.Progress) {
	if p.Total == 0 {
		b.show(i, "starts")
		return
	}
	b.done[i] = whole * p.Done / p.Total
	b.show(i, fmt.Sprintf("cell %d", p.Cell))
}

// Ends counts a job that is over.
func (b *Bar) Ends(i int, _ local.Outcome) {
	b.ended++
	b.done[i] = whole
	b.show(i, "ended")
}

// Close clears the bar away.
func (b *Bar) Close() {
	// It is drawn on a terminal that may be gone; nothing depends on it.
	_ = b.bar.Clear()
}

func (b *Bar) show(i int, state string) {
	name := []rune(b.names[i])
	if len(name) > maxName {
		name = append([]rune("…"), name[len(name)-maxName:]...)
	}
	sum := 0
	for _, done := range b.done {
		sum += done
	}
	b.bar.Describe(fmt.Sprintf("%d/%d %s %s", b.ended, len(b.names), string(name), state))
	_ = b.bar.Set(sum)
}
