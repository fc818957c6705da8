// Package nbformat reads notebooks of formats 3 and 4 as forgivingly as Jupyter does: what decides which cells there are
// and what they say must be right, everything else may be missing, of the wrong kind or from another age. A notebook of
// format 3 comes out in the words of format 4.
package nbformat
