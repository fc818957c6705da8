// Package process runs the harness' background programs: started once, found again by later commands, restarted when what
// they run with has changed, and stopped only after it is certain that the process is still the one that was started.
package process
