package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing/filemode"

	"mlops.dev/notebook-validator-operator/internal/source/pack"
)

// ErrNotSmall is what reading a file of 64 KiB or more gives: its content was not brought.
var ErrNotSmall = errors.New("the file is too large to be read here")

// Snapshot is the tree of one commit, with the content of its small files.
type Snapshot struct {
	// Commit is the full SHA.
	Commit string
	// Submodules are the paths of submodules, which are not followed.
	Submodules []string

	tree        *tree
	directories map[string]bool

	mu   sync.Mutex
	pack *pack.Pack
}

func newSnapshot(commit string, t *tree, p *pack.Pack) *Snapshot {
	s := &Snapshot{Commit: commit, Submodules: t.submodules, tree: t, directories: map[string]bool{"": true}, pack: p}
	for _, name := range t.directories {
		s.directories[name] = true
	}
	p.Renew(context.Background()) // what is read later is small, and in memory
	return s
}

// at is where a path leads; "" is the root.
func (s *Snapshot) at(name string) (string, bool) {
	clean := path.Clean("/" + name)[1:]
	if name == "" || strings.HasPrefix(name, "/") || path.Clean(name) == ".." || strings.HasPrefix(path.Clean(name), "../") {
		return "", false
	}
	return s.tree.follow(clean)
}

// Exists tells whether the commit has a file or a directory at path. Links are followed.
func (s *Snapshot) Exists(path string) bool {
	name, ok := s.at(path)
	_, isFile := s.tree.files[name]
	return ok && (isFile || s.directories[name])
}

// Mode returns the kind of a path without following a link at its end; it is
// filemode.Empty for a path that the commit does not have.
func (s *Snapshot) Mode(name string) filemode.FileMode {
	if file, ok := s.tree.files[name]; ok {
		return file.mode
	}
	if s.directories[name] {
		return filemode.Dir
	}
	return filemode.Empty
}

// ObjectID is the git object id of a file or directory, "." for the root; empty for what the commit does not have. Links
// are followed.
func (s *Snapshot) ObjectID(path string) string {
	name, ok := s.at(path)
	if !ok {
		return ""
	}
	if file, isFile := s.tree.files[name]; isFile {
		return file.hash.String()
	}
	return s.tree.ids[name]
}

// Paths returns the paths of all files and links, sorted.
func (s *Snapshot) Paths() []string { return slices.Sorted(maps.Keys(s.tree.files)) }

// Read returns the content of a file smaller than SmallFile. Links are followed.
// The error is fs.ErrNotExist or ErrNotSmall where that is the cause.
func (s *Snapshot) Read(path string) ([]byte, error) {
	name, ok := s.at(path)
	file, isFile := s.tree.files[name]
	switch {
	case ok && s.directories[name]:
		return nil, fmt.Errorf("%s is a directory", quoted(path))
	case !ok || !isFile:
		return nil, fmt.Errorf("the commit has no file %s: %w", quoted(path), fs.ErrNotExist)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	data, err := s.pack.Read(file.hash, SmallFile-1)
	switch {
	case errors.Is(err, pack.ErrTooLarge), errors.Is(err, pack.ErrMissing):
		return nil, fmt.Errorf("%s has %d bytes or more: %w", quoted(path), SmallFile, ErrNotSmall)
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %w", quoted(path), err)
	}
	return data, nil
}

// CheckNotebook says whether the notebook is a file of the commit, or a link to one.
func (s *Snapshot) CheckNotebook(name string) error {
	at, ok := s.at(name)
	if !ok {
		return NotebookMissing(name, s.Commit, s.Paths())
	}
	switch s.Mode(at) {
	case filemode.Regular, filemode.Deprecated, filemode.Executable:
		return nil
	case filemode.Dir:
		return problem(NotebookNotFound, "The notebook %s of commit %.12s is a directory. Give the path of a file in notebook.path.", quoted(name), s.Commit)
	}
	return NotebookMissing(name, s.Commit, s.Paths())
}
