package environment

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	scheme  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)
	extras  = regexp.MustCompile(`\s*\[[^\]]*\]$`)
	archive = regexp.MustCompile(`(?i)\.(whl|zip|tar|tgz|tbz|txz|tlz|tar\.(gz|bz2|xz|lz|lzma))$`)
)

// localPath is a path of the repository that pip will install from.
type localPath struct{ value, where string }

// localPathOf finds the relative path in a requirement such as "./pkg[extra] ; python_version > '3.8'".
func localPathOf(s statement) (string, bool) {
	if s.editable {
		return relativePath(s.value, true)
	}
	name, _, _ := strings.Cut(s.value, ";")
	name = strings.TrimSpace(name)
	if before, address, ok := strings.Cut(name, "@"); ok && !looksLikePath(before) {
		name = strings.TrimSpace(address)
	}
	return relativePath(name, false)
}

// local brings what a requirement names by its path. Where a marker does not hold, pip passes over the line even if its
// archive is missing, and only pip knows whether it holds.
func (r *resolver) local(s statement, where string) {
	value, ok := localPathOf(s)
	_, marker := withoutMarker(s.value)
	switch {
	case !ok:
	case marker == "" || !archive.MatchString(value):
		r.locals = append(r.locals, localPath{value, where})
	case r.found(value):
		r.links = append(r.links, value)
	}
}

// relativePath tells whether value is a relative path. An option's bare word is a path, a requirement's is a package.
func relativePath(value string, bareIsPath bool) (string, bool) {
	value = extras.ReplaceAllString(value, "")
	if rest, ok := strings.CutPrefix(value, "file:"); ok {
		value, _, _ = strings.Cut(rest, "#")
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		bareIsPath = true
	}
	isPath := bareIsPath || looksLikePath(value) || archive.MatchString(value)
	return value, value != "" && !strings.HasPrefix(value, "/") && !scheme.MatchString(value) && isPath
}

func looksLikePath(name string) bool {
	return strings.HasPrefix(name, ".") || strings.Contains(name, "/")
}

// workDir is the directory that pip is started in. pip reads local paths relative to it, and people start pip either
// beside the requirements file or at the root: the root is taken only where the paths are there and not beside the file.
func (r *resolver) workDir(dir string) (string, error) {
	for _, candidate := range []string{dir, "."} {
		if r.missing(candidate) == nil && r.linked(candidate) {
			return candidate, nil
		}
	}
	first := r.missing(dir)
	if first == nil {
		return dir, nil
	}
	if r.missing(".") == nil {
		return ".", nil
	}
	return "", r.notInstallable(path.Join(dir, first.value), *first)
}

// missing is the first local path that pip cannot install when it is started in dir.
func (r *resolver) missing(dir string) *localPath {
	i := slices.IndexFunc(r.locals, func(l localPath) bool { return !r.installable(path.Join(dir, l.value)) })
	if i < 0 {
		return nil
	}
	return &r.locals[i]
}

// linked tells whether pip, started in dir, finds all that it does not insist on and that is found only from there.
func (r *resolver) linked(dir string) bool {
	return !slices.ContainsFunc(r.links, func(name string) bool { return !r.exists(path.Join(dir, name)) })
}

// found tells whether pip can be started in a directory that it finds name from.
func (r *resolver) found(name string) bool {
	return r.exists(path.Join(path.Dir(r.files[0]), name)) || r.exists(path.Clean(name))
}

func (r *resolver) exists(name string) bool { return !escapes(name) && r.repository.Exists(name) }

func (r *resolver) notInstallable(name string, l localPath) *Error {
	switch {
	case escapes(name):
		return invalid("%s: the local path %s leads out of the repository. Only files of the repository can be part of the "+
			"environment; move it into the repository.", l.where, quoted(l.value))
	case strings.Contains(l.value, "${"):
		return invalid("%s: the local path %s has a variable, and the files to copy have to be known before the build. Write the "+
			"path out.", l.where, quoted(l.value))
	case r.repository.Exists(name):
		return invalid("%s: %s has neither pyproject.toml nor setup.py, so pip cannot install it. Correct the path or commit the file.",
			l.where, shown(name))
	}
	return &Error{RequirementsNotFound, fmt.Sprintf("%s: the repository has no %s, which is to be installed. Local paths are relative to "+
		"the requirements file, or all of them to the root of the repository; submodules are not fetched. Correct the path or commit "+
		"what it names.", l.where, shown(name))}
}

// installable tells whether pip can install from a path of the repository: an archive, or a directory of a package.
func (r *resolver) installable(name string) bool {
	if archive.MatchString(name) && r.exists(name) {
		return true
	}
	return r.exists(path.Join(name, "pyproject.toml")) || r.exists(path.Join(name, "setup.py"))
}
