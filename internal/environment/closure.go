package environment

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

const (
	maxFiles = 64
	maxLines = 10000 // of all files together
	maxDepth = 16
)

var (
	urlInclude = regexp.MustCompile(`^(?i:http|https|file):`)
	variable   = regexp.MustCompile(`\$\{[A-Z0-9_]+\}`)
)

// closure is a requirements file with everything that it includes.
type closure struct {
	// files are the file itself and its includes, in the order they are first named.
	files []string
	// usesLocalPaths is set when a requirement is a directory or an archive of the repository.
	usesLocalPaths bool
	// workDir is the directory, relative to the root, that local paths are relative to.
	workDir string
	// hashed is set where pip checks the hash of everything that it installs.
	hashed bool
	// needs are those of the runner's needs that no line names by itself.
	needs []string
	// unpinned are the requirement lines that do not name one version.
	unpinned []string
	// variables is the first line that uses an environment variable, and the variable.
	variables string
	// packages are the directories that are installed as packages.
	packages []string
}

// told is what the user is to know of the files besides that they are installed.
func (c closure) told() string {
	if c.variables == "" {
		return ""
	}
	return c.variables + ", and a build has the environment variables of its base image only: pip takes one that is not set literally."
}

// visit is a file in one of its two roles, which it can have both of.
type visit struct {
	file       string
	constraint bool
}

// resolver follows includes through the repository.
type resolver struct {
	repository Files
	files      []string
	visited    map[visit]bool
	locals     []localPath
	// links are what pip finds only from where it is started, and does not insist on: directories of archives, indexes, and
	// archives of lines that may not count. linksBeside is set where such a directory lies beside the file that names it.
	links       []string
	linksBeside bool
	pins        pins
	lines       int
	hashed      bool
	variables   string
}

// resolve reads a requirements file and everything it includes.
func resolve(files Files, file string) (closure, error) {
	r := &resolver{repository: files, visited: map[visit]bool{}, pins: pins{versions: map[string]bool{}, named: map[string]bool{}}}
	if err := r.follow(visit{file: file}, nil); err != nil {
		return closure{}, err
	}
	dir, err := r.workDir(path.Dir(file))
	if err != nil {
		return closure{}, err
	}
	found := closure{
		files: r.files, usesLocalPaths: len(r.locals) > 0 || len(r.links) > 0 || r.linksBeside, workDir: dir, hashed: r.hashed,
		needs: r.pins.without(runnerNeeds), unpinned: r.pins.unpinned(), variables: r.variables,
	}
	for _, l := range r.locals {
		found.packages = append(found.packages, path.Join(dir, l.value))
	}
	return found, nil
}

// follow reads one file; trail is the chain of includes that led to it.
func (r *resolver) follow(v visit, trail []string) error {
	if err := r.admit(v.file, trail); err != nil {
		return err
	}
	content, err := r.repository.Read(v.file)
	if err != nil {
		return invalid("%s cannot be read: %v. Split a file that is too large into parts that it includes with -r.", shown(v.file), err)
	}
	if line := notText(content); line > 0 {
		return invalid("%s:%d: the line is not UTF-8, and pip cannot read it. Save the file as UTF-8.", shown(v.file), line)
	}
	r.visited[v] = true
	if !slices.Contains(r.files, v.file) {
		r.files = append(r.files, v.file)
	}
	trail = append(slices.Clone(trail), v.file)
	for _, s := range statements(content) {
		if err := r.statement(s, v, trail); err != nil {
			return err
		}
	}
	return nil
}

// admit holds the bounds and refuses names that cannot be written into a Dockerfile.
func (r *resolver) admit(file string, trail []string) error {
	if len(r.visited) >= maxFiles {
		return invalid("%s includes more than %d files. Join some of them.", shown(r.files[0]), maxFiles)
	}
	if len(trail) >= maxDepth {
		return invalid("%s is included through more than %d files. Include it more directly.", shown(file), maxDepth)
	}
	return writable(file)
}

func (r *resolver) statement(s statement, v visit, trail []string) error {
	where := fmt.Sprintf("%s:%d", shown(v.file), s.line)
	if r.lines++; r.lines > maxLines {
		return invalid("%s: %s and what it includes have more than %d lines. Leave out what the notebook does not need.", where,
			shown(r.files[0]), maxLines)
	}
	if name := variable.FindString(s.text); name != "" && r.variables == "" {
		r.variables = where + " uses " + shortened(name)
	}
	r.hashed = r.hashed || s.hashed
	switch s.kind {
	case include, constrain:
		return r.include(s, where, trail)
	case option:
		r.findLinks(s.value, path.Dir(v.file))
		r.indexes(s.indexes)
	case requirement:
		r.local(s, where)
		r.pins.add(s, where, v.constraint)
	}
	return nil
}

// findLinks brings a directory of archives. pip looks for it beside the file that names it and then where pip was
// started, and warns of one that it does not find.
func (r *resolver) findLinks(value, dir string) {
	name, ok := relativePath(value, true)
	switch {
	case !ok:
	case r.exists(path.Join(dir, name)):
		r.linksBeside = true
	case r.found(name):
		r.links = append(r.links, name)
	}
}

// indexes brings the indexes that are directories of the repository.
func (r *resolver) indexes(values []string) {
	for _, value := range values {
		if name, ok := relativePath(value, true); ok && r.found(name) {
			r.links = append(r.links, name)
		}
	}
}

// include follows the file that the line at where names, once in each role.
func (r *resolver) include(s statement, where string, trail []string) error {
	if urlInclude.MatchString(s.value) {
		if s.kind == include { // nobody knows what it says tomorrow
			r.pins.lines = append(r.pins.lines, pinLine{where: where, text: s.text})
		}
		return nil
	}
	file, err := includedFile(s.value, where, trail)
	if err != nil {
		return err
	}
	v := visit{file, s.kind == constrain}
	if r.visited[v] {
		return nil
	}
	if !r.repository.Exists(file) {
		return &Error{RequirementsNotFound, fmt.Sprintf("%s: includes %s, but the repository has no file %s. Correct the path or "+
			"commit the file.", where, quoted(s.value), shown(file))}
	}
	return r.follow(v, trail)
}

// includedFile is the path in the repository of what an include names.
func includedFile(value, where string, trail []string) (string, error) {
	if path.IsAbs(value) {
		return "", invalid("%s: includes %s by its absolute path, which the image does not have. Write it relative to the file "+
			"that includes it.", where, quoted(value))
	}
	if strings.Contains(value, "${") {
		return "", invalid("%s: includes %s, which has a variable, and the files to copy have to be known before the build. Write "+
			"the path out.", where, quoted(value))
	}
	file := path.Join(path.Dir(trail[len(trail)-1]), value)
	if escapes(file) {
		return "", invalid("%s: includes %s, which lies outside the repository. Move the file into the repository.", where, quoted(value))
	}
	if slices.Contains(trail, file) {
		return "", invalid("%s: includes %s, which includes itself in the end. Remove one of the includes.", where, quoted(value))
	}
	return file, nil
}
