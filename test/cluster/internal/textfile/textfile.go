// Package textfile writes the harness' configuration files.
package textfile

import (
	"bytes"
	"os"
	"path/filepath"
)

// Write makes the file hold the content. A file that already does is not touched, because some programs end when their
// configuration is written, and a changed one is replaced at once, because others read it at any time.
func Write(path string, content []byte, mode os.FileMode) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return os.Chmod(path, mode)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", content, mode); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
