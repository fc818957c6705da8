// Package notebooks holds the repositories that the end-to-end tests and the demonstration validate, one in each folder.
package notebooks

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed colours unknown-package endings podconfig hostile lab validation
var folders embed.FS

// Repository returns the files of one folder by their path in it.
func Repository(name string) (map[string][]byte, error) {
	tree, err := fs.Sub(folders, name)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	err = fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[path], err = fs.ReadFile(tree, path)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the repository %s: %w", name, err)
	}
	return files, nil
}
