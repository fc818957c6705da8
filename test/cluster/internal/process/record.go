package process

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/textfile"
)

// record is what is remembered about a started program. The start time tells it apart from a later process that was
// given the same number.
type record struct {
	PID         int      `json:"pid"`
	StartTime   string   `json:"startTime"`
	Args        []string `json:"args"`
	Fingerprint string   `json:"fingerprint"`
}

// alive reports whether the very process of the record still runs.
func (r record) alive() bool {
	if r.PID <= 0 {
		return false
	}
	line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(r.PID), "cmdline"))
	if err != nil {
		return false
	}
	began := startTime(r.PID)
	if began == "" || began != r.StartTime {
		return false
	}
	// A process that has only just been started has no arguments yet.
	args := strings.Split(strings.TrimSuffix(string(line), "\x00"), "\x00")
	return len(line) == 0 || slices.Equal(args, r.Args)
}

// startTime is the kernel's note of when the process began; empty when there is none or it is only a zombie.
func startTime(pid int) string {
	line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return ""
	}
	// The second field is the name in parentheses and may hold spaces; fields are counted after it.
	fields := bytes.Fields(line[bytes.LastIndexByte(line, ')')+1:])
	const state, start = 0, 19
	if len(fields) <= start || string(fields[state]) == "Z" {
		return ""
	}
	return string(fields[start])
}

func (r record) signal(signal syscall.Signal) error {
	err := syscall.Kill(r.PID, signal)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

func readRecord(path string) (record, bool, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, false, nil
	}
	if err != nil {
		return record{}, false, err
	}
	var r record
	if err := json.Unmarshal(content, &r); err != nil {
		// A record torn by a crash names no process: the program is started anew.
		return record{}, false, nil
	}
	return r, true, nil
}

func (r record) write(path string) error {
	content, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return textfile.Write(path, content, 0o600)
}
