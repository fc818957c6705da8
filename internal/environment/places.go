package environment

import (
	"path"
	"strings"
)

// place is a directory that is searched for a notebook.
type place struct {
	source Source
	dir    string
	// told is the place in words.
	told string
}

// places are the directories that are searched, the nearest to the notebook first. A directory can be several of them.
func places(notebook string) []place {
	notebook = path.Clean(notebook)
	tier, _, nested := strings.Cut(notebook, "/")
	if !nested {
		tier = "."
	}
	return []place{
		{NotebookDirectory, path.Dir(notebook), "in the notebook's directory"},
		{TierDirectory, tier, "in the notebook's tier directory, the first of its path"},
		{RepositoryRoot, ".", "at the root of the repository"},
	}
}

// distance counts how far from the notebook a directory is searched; a directory that is not searched is the farthest.
func distance(places []place, dir string) int {
	for i, p := range places {
		if p.dir == dir {
			return i
		}
	}
	return len(places)
}

// inRepository cleans a user's path; ok is false when it is absolute, empty or leads out of the repository.
func inRepository(name string) (clean string, ok bool) {
	clean = path.Clean(name)
	outside := clean == "." || path.IsAbs(clean) || escapes(clean)
	return clean, !outside
}

// escapes tells whether a clean relative path leads out of the directory it starts from.
func escapes(clean string) bool {
	return clean == ".." || strings.HasPrefix(clean, "../")
}
