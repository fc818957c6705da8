package validatecmd

import (
	"io"
	"os"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/validate/files"
	"mlops.dev/notebook-validator-operator/internal/validate/local"
	"mlops.dev/notebook-validator-operator/internal/validate/show"
)

// shown is a progress bar or lines.
type shown interface {
	local.Watcher
	Close()
}

// watching shows progress, and writes the files of each notebook as it ends.
type watching struct {
	shown
	writer *files.Writer
}

// Ends shows and writes.
func (w watching) Ends(i int, outcome local.Outcome) {
	w.shown.Ends(i, outcome)
	w.writer.Ended(i, outcome)
}

// watcher shows a bar to people at a terminal and lines to everybody else.
func (o *options) watcher(stderr io.Writer, jobs []local.Job, writer *files.Writer) watching {
	if show.IsTerminal(stderr) && os.Getenv("CI") == "" && !o.verbose {
		return watching{show.NewBar(stderr, jobs, show.ColoursFor(stderr, o.noColor)), writer}
	}
	return watching{show.NewLines(stderr, jobs, o.verbose), writer}
}

// text is the report for people.
func (o *options) text(w io.Writer, reports []*report.Report) error {
	return show.Text{Colours: show.ColoursFor(w, o.noColor), Verbose: o.verbose}.Write(w, reports)
}
