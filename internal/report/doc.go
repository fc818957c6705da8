// Package report turns the record of a run into a verdict that can be trusted
// and a report that people can read.
//
// The record (run.json) is written in the container that also ran the
// notebook, so it is a stranger's text: ParseRun reads it strictly and Check
// compares it with the pristine notebook, which that container never saw. Judge
// is the one place where a pass is decided. Summarize and Verify carry the
// verdict from the report container to the controller: the report travels in
// the container's log, its digest in the termination message.
package report
