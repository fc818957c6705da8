package local

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"mlops.dev/notebook-validator-operator/internal/runner"
)

const (
	// graceTime is for the runner to end its kernel after it was asked to.
	graceTime = 10 * time.Second
	// spareTime is what a run may take longer than its notebook: the runner ends by itself long before, and one that does
	// not will never.
	spareTime = 2 * time.Minute
	// runVariable marks every process of a run, so that none is overlooked when it ends.
	runVariable = "NOTEBOOK_VALIDATOR_RUN"
	// maxLogBytes of what a runner said last are told where it failed.
	maxLogBytes = 2 << 10
)

//go:embed launch.py
var launcher string

// execute runs the runner until it ends or the context does. A nil error means that it wrote its record.
func (m *Machine) execute(ctx context.Context, p place, options runner.Options) error {
	ctx, cancel := context.WithTimeout(ctx, options.Timeout+spareTime)
	defer cancel()
	log, err := os.Create(p.log)
	if err != nil {
		return fmt.Errorf("make a temporary file: %w", err)
	}
	defer log.Close()
	command := exec.CommandContext(ctx, m.python.Path, append([]string{"-c", launcher, p.temporary}, options.Arguments()...)...)
	command.Stdout, command.Stderr = log, log
	command.Env = environment(p)
	command.SysProcAttr = ownGroup()
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGINT) }
	command.WaitDelay = graceTime
	// The parent-death signal of Linux is bound to the thread that started the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err = command.Run()
	endRest(p.root)
	if err == nil {
		return nil
	}
	return explain(ctx, err, p)
}

func explain(ctx context.Context, err error, p place) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = errors.New("it did not end long after the notebook's time was used up")
	}
	text := "the program that runs notebooks failed: " + err.Error()
	if said := tail(p.log); said != "" {
		text += ": " + said
	}
	return errors.New(text)
}

// environment is that of the user, with as little of the user's own set-up of IPython as a pod has: a start-up file there
// would be of one machine alone, and parallel kernels would share its database.
func environment(p place) []string {
	variables := append(os.Environ(), runVariable+"="+p.root)
	if os.Getenv("IPYTHONDIR") == "" {
		variables = append(variables, "IPYTHONDIR="+p.ipython)
	}
	return variables
}

// tail is the last line of a log, which says why a Python program failed.
func tail(path string) string {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return ""
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > maxLogBytes {
		_, _ = file.Seek(-maxLogBytes, io.SeekEnd)
	}
	data, _ := io.ReadAll(io.LimitReader(file, maxLogBytes))
	text := strings.TrimSpace(strings.ToValidUTF8(string(data), "?"))
	return text[strings.LastIndex(text, "\n")+1:]
}
