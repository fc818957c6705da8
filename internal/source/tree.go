package source

import (
	"bytes"
	"context"
	"path"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"

	"mlops.dev/notebook-validator-operator/internal/source/pack"
)

// maxTreeObject is one directory with 100,000 files of long names.
const maxTreeObject = 32 << 20

// file is one entry of a tree that is no directory.
type file struct {
	mode filemode.FileMode
	hash plumbing.Hash
}

// tree is the whole tree of a commit: its paths are checked, nothing in it
// leads out of it.
type tree struct {
	files       map[string]file
	directories []string          // parents before children, without the root
	ids         map[string]string // object ids of directories, the root's under ""
	submodules  []string
	links       map[string]string // targets of symbolic links
}

// treeWalk reads a tree within bounds.
type treeWalk struct {
	ctx     context.Context
	pack    *pack.Pack
	limits  Limits
	entries int
	tree    *tree
}

func readTree(ctx context.Context, p *pack.Pack, commit plumbing.Hash, limits Limits) (*tree, error) {
	object, err := readCommit(p, commit)
	if err != nil {
		return nil, err
	}
	t := &tree{files: map[string]file{}, links: map[string]string{}, ids: map[string]string{}}
	w := &treeWalk{ctx: ctx, pack: p, limits: limits, tree: t}
	if err := w.directory("", object.tree, 0); err != nil {
		return nil, err
	}
	return t, t.checkLinks()
}

func (w *treeWalk) directory(name string, hash plumbing.Hash, depth int) error {
	if depth > w.limits.Depth {
		return problem(RepositoryTooLarge, "The repository has directories more than %d deep: %s. Make its tree flatter.", w.limits.Depth, quoted(name))
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if object, ok := w.pack.Lookup(hash); ok && object.Kind != plumbing.TreeObject {
		return w.damaged(name, "is not a directory in it")
	}
	data, err := w.pack.Read(hash, maxTreeObject)
	if err != nil {
		return err
	}
	w.tree.ids[name] = hash.String()
	seen := map[string]bool{}
	for len(data) > 0 {
		mode, entry, child, rest, ok := nextEntry(data)
		if !ok {
			return w.damaged(name, "cannot be read")
		}
		if seen[entry] {
			return w.damaged(path.Join(name, entry), "is in it twice")
		}
		seen[entry], data = true, rest
		if err := w.entry(name, entry, mode, child, depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *treeWalk) damaged(name, what string) error {
	return problem(InvalidSource, "The repository's tree is damaged: %s %s. Check the repository with git fsck.", quoted(name), what)
}

// nextEntry reads "mode SP name NUL hash".
func nextEntry(data []byte) (mode filemode.FileMode, name string, hash plumbing.Hash, rest []byte, ok bool) {
	head, rest, found := bytes.Cut(data, []byte{0})
	text, name, spaced := strings.Cut(string(head), " ")
	mode, err := filemode.New(text)
	if !found || !spaced || err != nil || len(rest) < len(hash) {
		return 0, "", hash, nil, false
	}
	copy(hash[:], rest)
	return mode, name, hash, rest[len(hash):], true
}

func (w *treeWalk) entry(directory, name string, mode filemode.FileMode, hash plumbing.Hash, depth int) error {
	if w.entries++; w.entries > w.limits.Entries {
		return problem(RepositoryTooLarge, "The repository has more than %d files and directories. Use a repository with the notebooks and what they need only.", w.limits.Entries)
	}
	full := path.Join(directory, name)
	if err := checkName(name, full); err != nil {
		return err
	}
	if len(full) > w.limits.PathBytes {
		return problem(RepositoryTooLarge, "The repository has a path of more than %d bytes: %s. Rename it.", w.limits.PathBytes, quoted(full))
	}
	switch mode {
	case filemode.Dir:
		w.tree.directories = append(w.tree.directories, full)
		return w.directory(full, hash, depth+1)
	case filemode.Submodule:
		w.tree.submodules = append(w.tree.submodules, full)
		return nil
	case filemode.Symlink:
		target, err := w.target(full, hash)
		if err != nil {
			return err
		}
		w.tree.links[full] = target
	case filemode.Regular, filemode.Deprecated, filemode.Executable:
		if object, ok := w.pack.Lookup(hash); ok && object.Kind != plumbing.BlobObject {
			return w.damaged(full, "is not a file in it")
		}
	default:
		return problem(InvalidSource, "The repository's tree has %s with mode %s, which is neither a file, a directory nor a link. Remove it.", quoted(full), mode)
	}
	w.tree.files[full] = file{mode, hash}
	return nil
}

func (w *treeWalk) target(full string, hash plumbing.Hash) (string, error) {
	if object, ok := w.pack.Lookup(hash); ok && (object.Kind != plumbing.BlobObject || object.Size > int64(w.limits.PathBytes)) {
		return "", problem(InvalidSource, "The symbolic link %s of the repository has no usable target. Remove it.", quoted(full))
	}
	data, err := w.pack.Read(hash, int64(w.limits.PathBytes))
	return string(data), err
}

// checkName refuses names that could lead a program out of the tree or be
// taken for a repository of their own.
func checkName(name, full string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return problem(InvalidSource, "The repository's tree has an entry named %q. Remove it; it could lead out of the repository.", name)
	case strings.ContainsAny(name, "/\\"):
		return problem(InvalidSource, "The repository's tree has an entry with a slash or backslash in its name: %s. Rename it.", quoted(full))
	case isGitDirectory(name):
		return problem(InvalidSource, "The repository's tree has an entry that could be taken for a Git directory: %s. Remove it.", quoted(full))
	}
	return nil
}

// isGitDirectory knows what file systems make of a name: they ignore case,
// spaces and dots at its end, characters that cannot be seen, or what follows a
// colon, and have short names.
func isGitDirectory(name string) bool {
	visible := strings.Map(func(r rune) rune {
		switch {
		case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff:
			return -1
		}
		return r
	}, name)
	visible, _, _ = strings.Cut(visible, ":")
	visible = strings.ToLower(strings.TrimRight(visible, ". "))
	return visible == ".git" || visible == "git~1"
}

func quoted(name string) string { return "\"" + printable(name) + "\"" }
