// Package validate is the command that validates notebooks on one machine, without a cluster. It runs each notebook with
// the very runner that a pod uses (internal/runner) and judges it by the very rules (internal/report), so both say the same
// of the same notebook in the same environment.
//
// The rooms, in the order in which a notebook passes through them: find (arguments to notebooks), settings and schema
// (.notebook-validator.yaml and flags to demands), interpreter (which python3), local (run and judge, in parallel), show
// (the terminal), files (json, junit, html). validatecmd puts them together.
package validate
