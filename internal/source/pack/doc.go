// Package pack reads a Git pack that a stranger sent, within bounds.
//
// A pack is compressed and its objects may be deltas against one another, so a
// few kilobytes can claim to be terabytes. Open checks every size before it
// inflates, never holds more than Limits.Memory, and stops when the sum of
// what was inflated passes Limits.Inflated.
package pack
