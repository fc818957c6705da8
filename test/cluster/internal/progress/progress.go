// Package progress tells a person at a terminal what takes time, and how long it has taken.
package progress

import (
	"fmt"
	"io"
	"os"
	"time"
)

// Output is where the lines go: standard error, so that a command's result on standard output stays clean.
var Output io.Writer = os.Stderr

// quiet is how long a step may take before anything is said about it.
const quiet = 2 * time.Second

// again is how often a step that takes long says that it still runs.
const again = 15 * time.Second

// Say prints one line.
func Say(format string, args ...any) {
	fmt.Fprintf(Output, "cluster: "+format+"\n", args...)
}

// Step runs the work and, when it takes more than a moment, says what is going on and when it was done.
func Step(what string, work func() error) error {
	start, done := time.Now(), make(chan error, 1)
	go func() { done <- work() }()
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	said := false
	for {
		select {
		case err := <-done:
			if err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
			if said {
				Say("%s: done in %s", what, time.Since(start).Round(time.Second))
			}
			return nil
		case <-timer.C:
			Say("%s ... %s", what, time.Since(start).Round(time.Second))
			said = true
			timer.Reset(again)
		}
	}
}
