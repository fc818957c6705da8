// Package facts holds what is known about a notebook beside whether its cells raised: what its source says (Analysis,
// made by the runner before the run) and what its cells left behind (Cell, written by the observer in the kernel). Facts
// carry no judgement: internal/policy makes findings of them, and can do so again at another level without another run.
package facts
