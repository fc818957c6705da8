// Package find makes notebooks of what people write on a command line: files, folders and patterns.
package find

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// extension of the files that are notebooks.
const extension = ".ipynb"

// Notebook is one notebook to validate.
type Notebook struct {
	// Path is absolute.
	Path string
	// Name is what people see: the path from the working directory, or Path where the notebook is not below it.
	Name string
	// Place is where files about the notebook belong inside a folder of outputs, with slashes: Name, or, for a notebook that
	// is not below the working directory, its path inside the folder that was named.
	Place string
}

// Notebooks finds what the arguments mean, seen from the absolute folder dir: notebooks, folders with all notebooks in
// them, and patterns where the shell left them alone. Each notebook is there once. An argument that means no notebook at
// all is an error: nobody asks for nothing.
func Notebooks(arguments []string, dir string) ([]Notebook, error) {
	finder := finder{dir: dir, seen: map[string]bool{}}
	for _, argument := range arguments {
		if err := finder.add(argument); err != nil {
			return nil, err
		}
	}
	return finder.found, nil
}

// Places checks that no two notebooks have the same place in a folder of outputs.
func Places(notebooks []Notebook) error {
	taken := map[string]string{}
	for _, notebook := range notebooks {
		if other, ok := taken[notebook.Place]; ok {
			return fmt.Errorf("%s and %s would both be %s in a folder of outputs: validate them one after the other, "+
				"or from a folder that both are in", other, notebook.Name, notebook.Place)
		}
		taken[notebook.Place] = notebook.Name
	}
	return nil
}

type finder struct {
	dir   string
	seen  map[string]bool
	found []Notebook
}

func (f *finder) add(argument string) error {
	path := f.absolute(argument)
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return f.walk(argument, path)
	case err == nil && filepath.Ext(path) != extension:
		return fmt.Errorf("%s is not a notebook: its name does not end in %s", argument, extension)
	case err == nil:
		f.keep(path, filepath.Dir(path))
		return nil
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(argument, "*?[{"):
		return f.match(argument, path)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s does not exist", argument)
	}
	return fmt.Errorf("%s cannot be read: %w", argument, err)
}

func (f *finder) absolute(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(f.dir, path)
}

// walk keeps the notebooks of a folder, without what is hidden: there Jupyter and other tools keep copies.
func (f *finder) walk(argument, root string) error {
	any := false
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("%s cannot be read: %w", argument, err)
		case path != root && hidden(entry.Name()) && entry.IsDir():
			return fs.SkipDir
		case !entry.IsDir() && isNotebook(entry.Name()):
			any = true
			f.keep(path, root)
		}
		return nil
	})
	if err == nil && !any {
		return fmt.Errorf("there is no notebook (*%s) in %s", extension, argument)
	}
	return err
}

// match keeps the notebooks that a pattern means; what its stars find is not hidden.
func (f *finder) match(argument, pattern string) error {
	base, rest := doublestar.SplitPattern(filepath.ToSlash(pattern))
	if !doublestar.ValidatePattern(rest) {
		return fmt.Errorf("%s is not a pattern that can be understood", argument)
	}
	matches, err := doublestar.Glob(os.DirFS(base), rest, doublestar.WithFilesOnly(), doublestar.WithFailOnIOErrors(), doublestar.WithNoHidden())
	if err != nil {
		return fmt.Errorf("%s cannot be looked for: %w", argument, err)
	}
	slices.Sort(matches)
	any := false
	for _, match := range matches {
		if isNotebook(filepath.Base(match)) {
			any = true
			f.keep(filepath.Join(base, filepath.FromSlash(match)), base)
		}
	}
	if !any {
		return fmt.Errorf("no notebook matches %s", argument)
	}
	return nil
}

func (f *finder) keep(path, root string) {
	if f.seen[path] {
		return
	}
	f.seen[path] = true
	notebook := Notebook{Path: path, Name: path}
	if inside, ok := below(f.dir, path); ok {
		notebook.Name, notebook.Place = inside, filepath.ToSlash(inside)
	} else {
		inside, _ := below(root, path)
		notebook.Place = filepath.ToSlash(inside)
	}
	f.found = append(f.found, notebook)
}

// below is the path seen from dir, if it lies there.
func below(dir, path string) (string, bool) {
	inside, err := filepath.Rel(dir, path)
	if err != nil || !filepath.IsLocal(inside) {
		return "", false
	}
	return inside, true
}

func isNotebook(name string) bool { return filepath.Ext(name) == extension && !hidden(name) }

func hidden(name string) bool { return strings.HasPrefix(name, ".") }
