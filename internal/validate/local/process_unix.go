//go:build unix && !linux

package local

import "syscall"

// ownGroup keeps the terminal's Ctrl-C from the runner, which is told of it by this program alone.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// endRest has nothing to look at: the environment of other processes is Linux's alone. Kernels there notice by themselves
// that a runner was killed.
func endRest(string) {}
