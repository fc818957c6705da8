package local

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// sweepTime bounds the search for processes that fork faster than they are ended.
const sweepTime = 5 * time.Second

// ownGroup keeps the terminal's Ctrl-C from the runner, which is told of it by this program alone, and ends the runner
// where this program is killed.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

// endRest kills what the runner has not: it ends all by itself unless it was killed, and then nobody else would.
func endRest(run string) {
	mark := []byte(runVariable + "=" + run + "\x00")
	for end := time.Now().Add(sweepTime); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if !killMarked(mark) {
			return
		}
	}
}

// killMarked kills all processes whose environment has the mark, and tells whether there were any.
func killMarked(mark []byte) bool {
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return false
	}
	any := false
	for _, path := range environments {
		// Of a process that is gone, of another user or dead already, there is nothing to read.
		data, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(append(data, 0), mark) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && pid != os.Getpid() {
			any = syscall.Kill(pid, syscall.SIGKILL) == nil || any
		}
	}
	return any
}
