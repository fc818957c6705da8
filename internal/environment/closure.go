package environment

import (
	"fmt"
	"path"
	"slices"
)

const (
	maxFileBytes = 1 << 20
	maxFiles     = 64
	maxDepth     = 16
)

// closure is a requirements file with everything that it includes.
type closure struct {
	// files are the file itself and its includes, in the order they are first named.
	files []string
	// usesLocalPaths is set when a requirement is a directory or an archive of the repository.
	usesLocalPaths bool
	// workDir is the directory, relative to the root, that local paths are relative to.
	workDir string
}

// localPath is a path of the repository that pip will install from.
type localPath struct{ value, where string }

// resolver follows includes through the repository.
type resolver struct {
	repository Files
	files      []string
	locals     []localPath
}

// resolve reads a requirements file and everything it includes.
func resolve(files Files, file string) (closure, error) {
	r := &resolver{repository: files}
	if err := r.follow(file, nil); err != nil {
		return closure{}, err
	}
	found := closure{files: r.files, usesLocalPaths: len(r.locals) > 0, workDir: r.workDir(path.Dir(file))}
	for _, l := range r.locals {
		if escapes(path.Join(found.workDir, l.value)) {
			return closure{}, invalid("%s: the local path %q leads out of the repository. Only files of the repository can "+
				"be part of the environment; move it into the repository.", l.where, l.value)
		}
	}
	return found, nil
}

// follow reads one file; trail is the chain of includes that led to it.
func (r *resolver) follow(file string, trail []string) error {
	if err := r.admit(file, trail); err != nil {
		return err
	}
	content, err := r.repository.Read(file)
	if err != nil {
		return invalid("%s cannot be read: %v.", file, err)
	}
	if len(content) > maxFileBytes {
		return invalid("%s has %d bytes; a requirements file may have at most %d. Split it.", file, len(content), maxFileBytes)
	}
	r.files = append(r.files, file)
	trail = append(slices.Clone(trail), file)
	for _, n := range needs(content) {
		where := fmt.Sprintf("%s:%d", file, n.line)
		if n.kind == local {
			r.locals = append(r.locals, localPath{n.value, where})
			continue
		}
		if err := r.include(n.value, where, trail); err != nil {
			return err
		}
	}
	return nil
}

// admit holds the bounds and refuses names that cannot be written into a Dockerfile.
func (r *resolver) admit(file string, trail []string) error {
	if len(r.files) >= maxFiles {
		return invalid("%s includes more than %d files. Join some of them.", r.files[0], maxFiles)
	}
	if len(trail) >= maxDepth {
		return invalid("%s is included through more than %d files. Include it more directly.", file, maxDepth)
	}
	return writable(file)
}

// include follows the file that the line at where names, once.
func (r *resolver) include(value, where string, trail []string) error {
	if path.IsAbs(value) {
		return invalid("%s: includes %q by its absolute path, which the image does not have. Write it relative to the file "+
			"that includes it.", where, value)
	}
	file := path.Join(path.Dir(trail[len(trail)-1]), value)
	if escapes(file) {
		return invalid("%s: includes %q, which lies outside the repository. Move the file into the repository.", where, value)
	}
	if slices.Contains(trail, file) {
		return invalid("%s: includes %q, which includes itself in the end. Remove one of the includes.", where, value)
	}
	if slices.Contains(r.files, file) {
		return nil
	}
	if !r.repository.Exists(file) {
		return &Error{RequirementsNotFound, fmt.Sprintf("%s: includes %q, but the repository has no file %s. Correct the path or "+
			"commit the file.", where, value, file)}
	}
	return r.follow(file, trail)
}

// workDir is the directory that pip is started in. pip reads local paths relative to it, and people start pip either
// beside the requirements file or at the root: the root is taken only when the paths exist there and not beside the file.
func (r *resolver) workDir(dir string) string {
	if r.allIn(dir) || !r.allIn(".") {
		return dir
	}
	return "."
}

func (r *resolver) allIn(dir string) bool {
	return !slices.ContainsFunc(r.locals, func(l localPath) bool { return !r.has(path.Join(dir, l.value)) })
}

// has looks for a local path by its usual files too, since not every repository knows its directories by name.
func (r *resolver) has(name string) bool {
	candidates := []string{name, path.Join(name, "pyproject.toml"), path.Join(name, "setup.py"), path.Join(name, "setup.cfg")}
	return slices.ContainsFunc(candidates, func(file string) bool { return !escapes(file) && r.repository.Exists(file) })
}
