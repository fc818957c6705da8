// Package runner carries the program that runs a notebook.
//
// The program is Python, because a notebook is run by the Jupyter libraries of
// the image it is meant for. It travels inside this binary: the fetch container
// writes it into the workspace, the execute container runs it with the image's
// own python3. It reads one notebook and writes one run.json, which package
// report judges; its exit code is 0 whenever run.json was written.
//
// The program runs as the same user as the notebook's code, so it is no border
// between them. It ends every process of the notebook before it writes, and a
// container that ends in any other way than with exit code 0 has no record; what
// holds a forged record back is the comparison with the pristine notebook in
// package report.
package runner
