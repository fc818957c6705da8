package source

import (
	"path"
	"slices"
	"strings"
)

const maxSuggestions = 3

// NotebookMissing is the error for a notebook that the commit does not have. It
// names the files that were probably meant.
func NotebookMissing(name, commit string, paths []string) error {
	near := nearNames(name, paths)
	if len(near) == 0 {
		return problem(NotebookNotFound, "The commit %.12s has no file %s. Check notebook.path, and that the notebook was pushed.", commit, quoted(name))
	}
	return problem(NotebookNotFound, "The commit %.12s has no file %s. Did you mean %s? Correct notebook.path.", commit, quoted(name), strings.Join(near, " or "))
}

// nearNames are, best first, paths that differ in case only, and files of the same name elsewhere.
func nearNames(name string, paths []string) []string {
	var same, base []string
	for _, candidate := range paths {
		switch {
		case strings.EqualFold(candidate, name):
			same = append(same, quoted(candidate))
		case strings.EqualFold(path.Base(candidate), path.Base(name)):
			base = append(base, quoted(candidate))
		}
	}
	slices.Sort(same)
	slices.Sort(base)
	near := slices.Concat(same, base)
	return near[:min(len(near), maxSuggestions)]
}
