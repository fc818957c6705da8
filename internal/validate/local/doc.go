// Package local runs notebooks on this machine with the runner of the cluster, several at a time, and judges them as the
// cluster does. Nothing that a notebook started outlives it, and nothing but what notebooks themselves write is written
// outside of a temporary folder.
package local
