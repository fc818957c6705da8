// Package show tells people at a terminal, and readers of a CI log, how validations fare and what came of them.
package show

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Colours of a terminal; the zero value is for places without.
type Colours struct{ on bool }

// ColoursFor says whether a writer shows colours: a terminal does, unless it or the user says no.
func ColoursFor(w io.Writer, forbidden bool) Colours {
	return Colours{on: !forbidden && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && IsTerminal(w)}
}

// IsTerminal says whether somebody sits in front of it.
func IsTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func (c Colours) red(text string) string    { return c.paint("31", text) }
func (c Colours) green(text string) string  { return c.paint("32", text) }
func (c Colours) yellow(text string) string { return c.paint("33", text) }
func (c Colours) dim(text string) string    { return c.paint("2", text) }
func (c Colours) bold(text string) string   { return c.paint("1", text) }

func (c Colours) paint(code, text string) string {
	if !c.on {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
