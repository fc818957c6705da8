package settings

import (
	"fmt"
	"path/filepath"

	"mlops.dev/notebook-validator-operator/internal/validate/schema"
)

// Reader gives each notebook its settings and reads every file once.
type Reader struct {
	dir, file string
	flags     tree
	files     map[string]*Settings
	above     map[string]string
}

// NewReader reads the flags; dir is the absolute working directory, and file, if it is not empty, holds for all notebooks
// whatever is above them.
func NewReader(dir, file string, flags Flags) (*Reader, error) {
	said, err := flags.tree(dir)
	if err != nil {
		return nil, err
	}
	if file != "" && !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	return &Reader{dir: dir, file: file, flags: said, files: map[string]*Settings{}, above: map[string]string{}}, nil
}

// For are the settings of the notebook with that absolute path.
func (r *Reader) For(notebook string) (*Settings, error) {
	file, err := r.fileFor(filepath.Dir(notebook))
	if err != nil {
		return nil, err
	}
	if known, ok := r.files[file]; ok {
		return known, nil
	}
	content := tree{}
	if file != "" {
		if content, err = readFile(file, nameOf(file, r.dir)); err != nil {
			return nil, err
		}
	}
	merged := overlay(content, r.flags)
	if err := r.checkWhole(file, merged); err != nil {
		return nil, err
	}
	found, err := decode(file, merged)
	if err != nil {
		return nil, err
	}
	r.files[file] = found
	return found, nil
}

func (r *Reader) fileFor(dir string) (string, error) {
	if r.file != "" {
		return r.file, nil
	}
	if file, ok := r.above[dir]; ok {
		return file, nil
	}
	file, err := nearestFile(dir)
	if err == nil {
		r.above[dir] = file
	}
	return file, err
}

// checkWhole holds the flags and a file together against the rules: each may be right and both together too much.
func (r *Reader) checkWhole(file string, content tree) error {
	violations, err := schema.Check(content)
	if err != nil || len(violations) == 0 {
		return err
	}
	sources := "the flags"
	if file != "" {
		sources = fmt.Sprintf("the flags and %s together", nameOf(file, r.dir))
	}
	return located(sources, nil, violations)
}

// nameOf is what people know a file by.
func nameOf(path, dir string) string {
	if inside, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(inside) {
		return inside
	}
	return path
}
