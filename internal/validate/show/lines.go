package show

import (
	"fmt"
	"io"
	"time"

	"mlops.dev/notebook-validator-operator/internal/runner"
	"mlops.dev/notebook-validator-operator/internal/validate/local"
)

// silence is the longest time without a line about a notebook that runs: some CI systems end what says nothing.
const silence = 30 * time.Second

// Lines tell how jobs fare one line at a time, for logs.
type Lines struct {
	w       io.Writer
	names   []string
	verbose bool
	ended   int
	running map[int]*lastLine
}

// lastLine is what was said last of a job.
type lastLine struct {
	begun, said time.Time
	cell        int
}

// NewLines makes lines about the jobs; verbose has one for each cell.
func NewLines(w io.Writer, jobs []local.Job, verbose bool) *Lines {
	return &Lines{w: w, names: namesOf(jobs), verbose: verbose, running: map[int]*lastLine{}}
}

// Begins says that a job begins.
func (l *Lines) Begins(i int) {
	now := time.Now()
	l.running[i] = &lastLine{begun: now, said: now, cell: -1}
	fmt.Fprintf(l.w, "running %s\n", l.names[i])
}

// Goes says now and then where a job is.
func (l *Lines) Goes(i int, p runner.Progress) {
	last, now := l.running[i], time.Now()
	news := l.verbose && p.Total > 0 && p.Cell != last.cell
	if now.Sub(last.said) < silence && !news {
		return
	}
	where := "its kernel starts"
	if p.Total > 0 {
		where = fmt.Sprintf("cell %d, %d of %d code cells done", p.Cell, p.Done, p.Total)
		last.cell = p.Cell
	}
	last.said = now
	fmt.Fprintf(l.w, "running %s: %s, %s\n", l.names[i], where, duration(now.Sub(last.begun).Seconds()))
}

// Ends says what came of a job.
func (l *Lines) Ends(i int, outcome local.Outcome) {
	l.ended++
	delete(l.running, i)
	word := "failed"
	if outcome.Report.Reason.Passes() {
		word = "passed"
	}
	fmt.Fprintf(l.w, "%s %s in %s (%d of %d)\n", word, l.names[i], duration(outcome.Seconds), l.ended, len(l.names))
}

// Close has nothing to clear away.
func (l *Lines) Close() {}

func namesOf(jobs []local.Job) []string {
	names := make([]string, 0, len(jobs))
	for _, job := range jobs {
		names = append(names, job.Notebook.Name)
	}
	return names
}
