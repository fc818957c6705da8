// Package runner carries the program that runs a notebook.
//
// The program is Python, because a notebook is run by the Jupyter libraries of
// the image it is meant for. It travels inside this binary: the fetch container
// writes it into the workspace, the execute container runs it with the image's
// own python3. It reads one notebook and writes one run.json, which package
// report judges; its exit code is 0 whenever run.json was written.
package runner
