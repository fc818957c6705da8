// Package reportcmd is the report subcommand, which runs in the last container
// of the run pod.
package reportcmd
