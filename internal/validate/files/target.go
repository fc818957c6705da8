package files

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// target is a file to write at the end. Whether that is possible is known at the beginning, before hours of runs.
type target struct {
	path string
	// pending is renamed to path when it is whole; for what is no regular file it is the thing itself.
	pending *os.File
	direct  bool
}

func newTarget(path string) (*target, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return nil, fmt.Errorf("%s is a folder", path)
		}
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be written: %w", path, err)
		}
		return &target{path: path, pending: file, direct: true}, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, fmt.Errorf("%s cannot be written: %w", path, err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".notebook-validator-")
	if err != nil {
		return nil, fmt.Errorf("%s cannot be written: %w", path, err)
	}
	return &target{path: path, pending: file}, nil
}

// write puts the content in its place.
func (t *target) write(content func(io.Writer) error) error {
	err := content(t.pending)
	if err == nil && !t.direct {
		err = t.pending.Chmod(0o644)
	}
	if closeErr := t.pending.Close(); err == nil {
		err = closeErr
	}
	if err == nil && !t.direct {
		err = os.Rename(t.pending.Name(), t.path)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", t.path, err)
	}
	return nil
}

// drop removes what was not written; after write there is nothing to do.
func (t *target) drop() {
	_ = t.pending.Close()
	if !t.direct {
		_ = os.Remove(t.pending.Name())
	}
}

// writeFile writes a whole file, with the folders above it.
func writeFile(path string, content func(io.Writer) error) error {
	t, err := newTarget(path)
	if err != nil {
		return err
	}
	defer t.drop()
	return t.write(content)
}
