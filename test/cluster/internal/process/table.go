package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
)

// Table is the set of background programs whose records and logs are in one state directory.
type Table struct {
	Records string
	Logs    string
}

// Ensure makes the program run as the spec says and waits until it is ready. A running one with the same fingerprint is
// left alone; one that runs but never becomes ready is restarted once.
func (t Table) Ensure(spec Spec) error {
	return progress.Step("start "+spec.Name, func() error {
		print, err := spec.fingerprint()
		if err != nil {
			return err
		}
		old, known, err := readRecord(t.path(spec.Name))
		if err != nil {
			return err
		}
		if known && old.alive() && old.Fingerprint == print && t.await(spec, old, 10*time.Second) == nil {
			return nil
		}
		if err := t.Stop(spec.Name); err != nil {
			return err
		}
		started, err := t.start(spec, print)
		if err != nil {
			return err
		}
		return t.await(spec, started, spec.patience())
	})
}

func (t Table) start(spec Spec, print string) (record, error) {
	for _, dir := range []string{t.Records, t.Logs} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return record{}, err
		}
	}
	log, err := os.OpenFile(t.log(spec.Name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return record{}, err
	}
	defer log.Close()
	command := exec.Command(spec.Args[0], spec.Args[1:]...)
	command.Env = append(os.Environ(), spec.Env...)
	command.Dir, command.Stdout, command.Stderr = "/", log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return record{}, err
	}
	r := record{PID: command.Process.Pid, Args: spec.Args, Fingerprint: print}
	r.StartTime = startTime(r.PID)
	go func() { _ = command.Wait() }() // or it would stay as a zombie as long as this command runs
	return r, r.write(t.path(spec.Name))
}

// await polls until the program is ready; a program that ends, or takes too long, is an error that shows its last words.
func (t Table) await(spec Spec, r record, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for {
		err := spec.Ready()
		if err == nil {
			return nil
		}
		if now := startTime(r.PID); now == "" || now != r.StartTime {
			return fmt.Errorf("%s ended at once; the end of %s:\n%s", spec.Name, t.log(spec.Name), tail(t.log(spec.Name)))
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not ready after %s: %w; the end of %s:\n%s", spec.Name, patience, err, t.log(spec.Name), tail(t.log(spec.Name)))
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// Stop ends the program if it still runs and forgets it: first politely, then for certain.
func (t Table) Stop(name string) error {
	r, known, err := readRecord(t.path(name))
	if err != nil || !known {
		return err
	}
	for _, attempt := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGTERM, 2 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		if !r.alive() {
			break
		}
		if err := r.signal(attempt.signal); err != nil {
			return fmt.Errorf("stop %s: %w", name, err)
		}
		for end := time.Now().Add(attempt.wait); r.alive() && time.Now().Before(end); {
			time.Sleep(20 * time.Millisecond)
		}
	}
	if r.alive() {
		return fmt.Errorf("%s (process %d) cannot be stopped", name, r.PID)
	}
	return os.Remove(t.path(name))
}

// Running reports whether the program runs.
func (t Table) Running(name string) bool {
	r, known, err := readRecord(t.path(name))
	return err == nil && known && r.alive()
}

// Names returns the names of all recorded programs.
func (t Table) Names() []string {
	files, _ := filepath.Glob(filepath.Join(t.Records, "*.json"))
	names := make([]string, 0, len(files))
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".json"))
	}
	return names
}

func (t Table) path(name string) string { return filepath.Join(t.Records, name+".json") }
func (t Table) log(name string) string  { return filepath.Join(t.Logs, name+".log") }

// tail returns the last lines of a log, which usually say why a program has ended.
func tail(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if len(lines) > 12 {
		lines = lines[len(lines)-12:]
	}
	return strings.Join(lines, "\n")
}
