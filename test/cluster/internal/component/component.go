// Package component builds the programs of the test cluster from source, once, into the cache.
package component

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
)

// Component is a Go program below test/cluster/components that becomes part of the cluster. One with a go.mod is a module
// of its own, because the requirements of large programs do not agree with each other.
type Component struct {
	// Name is the folder's name.
	Name string
	// LinkerFlags are added to the ones that strip the binary.
	LinkerFlags string
	// Tags are the build tags, separated by commas.
	Tags string
	// Links are the names under which a multi-call program is called.
	Links []string
	// Tools says that the folder holds no program of its own, but a go.mod whose tool block names programs of other modules.
	// Each is built under its package's name.
	Tools bool
	// Takes says how long the first build may take, for the person who waits.
	Takes string
}

// Builder builds components from a source folder into a cache.
type Builder struct {
	// Source is the folder test/cluster/components.
	Source string
	// Cache is where the results stay.
	Cache string
}

// Ensure returns the directory that holds the built program and its links, building it only when its sources, its
// requirements or the compiler have changed.
func (b Builder) Ensure(c Component) (string, error) {
	key, err := b.key(c)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(b.Cache, c.Name, key)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	progress.Say("building %s: %s the first time, nothing later", c.Name, c.Takes)
	if err := progress.Step("build "+c.Name, func() error { return b.build(c, dir) }); err != nil {
		return "", err
	}
	return dir, nil
}

// build makes the directory beside its final place, so that an interrupted build leaves nothing that looks finished.
func (b Builder) build(c Component, dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "building-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	output, packages := filepath.Join(fresh, c.Name), "."
	if c.Tools {
		output, packages = fresh+string(filepath.Separator), "tool"
	}
	if _, err := b.run(c, "build", "-trimpath", "-buildvcs=false", "-o", output, "-tags", c.Tags, "-ldflags", "-s -w "+c.LinkerFlags, packages); err != nil {
		return err
	}
	for _, link := range c.Links {
		if err := os.Symlink(c.Name, filepath.Join(fresh, link)); err != nil {
			return err
		}
	}
	if err := os.Chmod(fresh, 0o755); err != nil {
		return err
	}
	return os.Rename(fresh, dir)
}

// run calls the go command in the component's module and returns what it printed on standard output.
func (b Builder) run(c Component, args ...string) ([]byte, error) {
	command := exec.Command("go", args...)
	command.Dir = filepath.Join(b.Source, c.Name)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s%s", args[0], err, stdout.String(), stderr.String())
	}
	return stdout.Bytes(), nil
}

// key is a hash over everything that decides what is built.
func (b Builder) key(c Component) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version(), runtime.GOARCH, c.LinkerFlags, c.Links)
	if c.Tools {
		fmt.Fprintln(sum, "tools")
	}
	if c.Tags != "" {
		fmt.Fprintln(sum, "tags", c.Tags)
	}
	files, err := sources(filepath.Join(b.Source, c.Name))
	if err != nil {
		return "", err
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(sum, filepath.Base(file), len(content))
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

func sources(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	slices.Sort(files)
	return files, err
}
