// Package interpreter finds the Python that runs notebooks on this machine.
package interpreter

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// probeTime is enough for the slowest disk.
const probeTime = 2 * time.Minute

// Python is an interpreter that can run notebooks.
type Python struct {
	// Path is absolute.
	Path string
	// Version is its version, for example 3.12.4.
	Version string
	// Kernels are the names of the installed Jupyter kernels.
	Kernels []string
}

// Find returns the interpreter of that name or path if there is one, else that of the active virtual environment, else the
// first python3 of PATH. It has to have the Jupyter libraries.
func Find(ctx context.Context, wanted string) (*Python, error) {
	path, err := locate(wanted)
	if err != nil {
		return nil, err
	}
	return probe(ctx, path)
}

func locate(wanted string) (string, error) {
	if wanted != "" {
		path, err := absolute(wanted)
		if err != nil {
			return "", fmt.Errorf("--python %s cannot be started: %w", wanted, err)
		}
		return path, nil
	}
	// An environment can be active without being the first on PATH, as in an editor that sets only the variable.
	if environment := os.Getenv("VIRTUAL_ENV"); environment != "" {
		for _, name := range []string{"python3", "python"} {
			if path, err := absolute(filepath.Join(environment, "bin", name)); err == nil {
				return path, nil
			}
		}
	}
	for _, name := range []string{"python3", "python"} {
		if path, err := absolute(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no python3 on PATH: install Python with nbclient and ipykernel, or name one with --python")
}

// absolute is the path of a program; it stays right wherever the program is started.
func absolute(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

//go:embed probe.py
var program string

// found is what the program says.
type found struct {
	Version string   `json:"version"`
	TooOld  bool     `json:"tooOld"`
	Missing []string `json:"missing"`
	Kernels []string `json:"kernels"`
}

func probe(ctx context.Context, path string) (*Python, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	command := exec.CommandContext(ctx, path, "-c", program)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr, command.WaitDelay = &stdout, &stderr, time.Second
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("%s cannot be used: %w%s", path, err, lastLine(stderr.String()))
	}
	// What a site customisation prints comes before.
	said := strings.TrimSpace(stdout.String())
	var facts found
	if err := json.Unmarshal([]byte(said[strings.LastIndex(said, "\n")+1:]), &facts); err != nil {
		return nil, fmt.Errorf("%s cannot be used: it does not behave like Python%s", path, lastLine(stderr.String()))
	}
	switch {
	case facts.TooOld:
		return nil, fmt.Errorf("%s is Python %s, at least Python 3.9 is needed: name another one with --python", path, facts.Version)
	case len(facts.Missing) > 0:
		return nil, fmt.Errorf("%s cannot run notebooks: %s: run %s -m pip install nbclient ipykernel, or name another Python with --python",
			path, strings.Join(facts.Missing, "; "), path)
	case len(facts.Kernels) == 0:
		return nil, fmt.Errorf("%s has no Jupyter kernel: run %s -m pip install ipykernel, or name another Python with --python", path, path)
	}
	return &Python{Path: path, Version: facts.Version, Kernels: facts.Kernels}, nil
}

// lastLine is what a program said last, to be put after a sentence.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	return ": " + text[strings.LastIndex(text, "\n")+1:]
}
