package validatecmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/validate/validatecmd"
)

// asCommand makes this test program the command itself: exit codes and signals are only right in a process of their own.
const asCommand = "NBV_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) == "" {
		os.Exit(m.Run())
	}
	os.Exit(runCommand())
}

func runCommand() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cmd := validatecmd.New()
	cmd.SetArgs(os.Args[1:])
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "Error:", err)
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return 99
}

// python is the interpreter of these tests. Without its Jupyter libraries nothing would be tested, so their absence makes
// them fail.
func python() string {
	if named := os.Getenv("NBV_TEST_PYTHON"); named != "" {
		return named
	}
	return "/usr/bin/python3"
}

// world is a folder in which the command is run.
type world struct {
	t         *testing.T
	dir       string
	temporary string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), temporary: t.TempDir()}
	// No file above the folder of the tests has a say.
	require.NoError(t, os.Mkdir(filepath.Join(w.dir, ".git"), 0o755))
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.dir, filepath.FromSlash(name)) }

func (w *world) write(name, content string) *world {
	w.t.Helper()
	require.NoError(w.t, os.MkdirAll(filepath.Dir(w.path(name)), 0o755))
	require.NoError(w.t, os.WriteFile(w.path(name), []byte(content), 0o600))
	return w
}

func (w *world) read(name string) string {
	w.t.Helper()
	data, err := os.ReadFile(w.path(name))
	require.NoError(w.t, err)
	return string(data)
}

// notebook writes a notebook of these code cells; a source that begins with "#tag:" has that tag.
func (w *world) notebook(name string, sources ...string) *world {
	w.t.Helper()
	var cells []map[string]any
	for i, source := range sources {
		metadata := map[string]any{}
		if tag, rest, found := strings.Cut(strings.TrimPrefix(source, "#tag:"), "\n"); strings.HasPrefix(source, "#tag:") && found {
			metadata["tags"], source = []string{tag}, rest
		}
		cells = append(cells, map[string]any{"cell_type": "code", "id": fmt.Sprintf("cell-%c", 'a'+i), "metadata": metadata,
			"source": source, "outputs": []any{}, "execution_count": nil})
	}
	data, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "cells": cells,
		"metadata": map[string]any{"kernelspec": map[string]any{"name": "python3", "display_name": "Python 3", "language": "python"}}})
	require.NoError(w.t, err)
	return w.write(name, string(data))
}

// ended is what the command left.
type ended struct {
	code           int
	stdout, stderr string
}

// command is the command, not started yet.
func (w *world) command(arguments ...string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	w.t.Helper()
	program, err := os.Executable()
	require.NoError(w.t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	w.t.Cleanup(cancel)
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir = w.dir
	command.Env = append(os.Environ(), asCommand+"=1", "TMPDIR="+w.temporary, "VIRTUAL_ENV=")
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	return command, &stdout, &stderr
}

// run runs the command with the interpreter of the tests. Whatever comes of it, no temporary file is left.
func (w *world) run(arguments ...string) ended {
	w.t.Helper()
	command, stdout, stderr := w.command(append([]string{"--python", python()}, arguments...)...)
	err := command.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(w.t, err)
	}
	w.requireTidy()
	return ended{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func (w *world) requireTidy() {
	w.t.Helper()
	for _, pattern := range []string{"notebook-validator-*", "nbv-*"} {
		left, err := filepath.Glob(filepath.Join(w.temporary, pattern))
		require.NoError(w.t, err)
		require.Empty(w.t, left)
	}
}

func parseReport(t *testing.T, text string) *report.Report {
	t.Helper()
	var parsed report.Report
	require.NoError(t, json.Unmarshal([]byte(text), &parsed), "%s", text)
	return &parsed
}
