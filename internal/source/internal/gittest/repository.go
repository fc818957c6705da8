package gittest

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Name is the repository's name below the root of every server.
const Name = "team/notebooks.git"

// Repository is a bare repository below a directory that servers can serve.
type Repository struct {
	t testing.TB
	// Root is the directory that servers serve.
	Root string
	// Dir is the repository.
	Dir string
}

// New makes an empty repository whose default branch is main.
func New(t testing.TB) *Repository {
	t.Helper()
	root := t.TempDir()
	r := &Repository{t: t, Root: root, Dir: filepath.Join(root, filepath.FromSlash(Name))}
	require.NoError(t, os.MkdirAll(r.Dir, 0o755))
	r.Git("", "init", "--quiet", "--bare", "--initial-branch=main", ".")
	return r
}

// Git runs git in the repository with that standard input and returns its output.
func (r *Repository) Git(input string, args ...string) string {
	r.t.Helper()
	command := exec.Command("git", args...)
	command.Dir, command.Env = r.Dir, environment()
	command.Stdin = strings.NewReader(input)
	var out, complaints bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaints
	require.NoError(r.t, command.Run(), "git %v: %s", args, &complaints)
	return strings.TrimSpace(out.String())
}

func environment() []string {
	return append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_AUTHOR_DATE=1700000000 +0000",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com", "GIT_COMMITTER_DATE=1700000000 +0000")
}

// Configure sets options of the repository: "key=value".
func (r *Repository) Configure(options ...string) *Repository {
	r.t.Helper()
	for _, option := range options {
		key, value, _ := strings.Cut(option, "=")
		r.Git("", "config", key, value)
	}
	return r
}

// Blob stores a file's content and returns its hash.
func (r *Repository) Blob(content string) string {
	return r.Git(content, "hash-object", "-w", "--stdin")
}

// Tree stores a tree made of lines as git ls-tree prints them, with names ended
// by NUL; nothing about them is checked.
func (r *Repository) Tree(lines ...string) string {
	input := ""
	for _, line := range lines {
		input += line + "\x00"
	}
	return r.Git(input, "mktree", "-z", "--missing")
}

// RawTree stores a tree of these very bytes.
func (r *Repository) RawTree(raw string) string {
	return r.Git(raw, "hash-object", "-w", "--literally", "-t", "tree", "--stdin")
}

// CommitTree makes a commit of a tree and points the branch to it.
func (r *Repository) CommitTree(branch, tree, message string, parents ...string) string {
	args := []string{"commit-tree", tree, "-m", message}
	for _, parent := range parents {
		args = append(args, "-p", parent)
	}
	commit := r.Git("", args...)
	r.Git("", "update-ref", "refs/heads/"+branch, commit)
	return commit
}

// File is the content and mode of one file of a commit.
type File struct {
	Content string
	// Mode as git writes it; empty for 100644.
	Mode string
}

// Commit makes a commit with exactly these files on top of the parents.
func (r *Repository) Commit(branch string, files map[string]File, parents ...string) string {
	r.t.Helper()
	index := filepath.Join(r.t.TempDir(), "index")
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		mode := files[name].Mode
		if mode == "" {
			mode = "100644"
		}
		lines.WriteString(mode + " " + r.Blob(files[name].Content) + "\t" + name + "\x00")
	}
	run := func(input string, args ...string) string {
		command := exec.Command("git", args...)
		command.Dir, command.Env = r.Dir, append(environment(), "GIT_INDEX_FILE="+index)
		command.Stdin = strings.NewReader(input)
		out, err := command.Output()
		require.NoError(r.t, err)
		return strings.TrimSpace(string(out))
	}
	run(lines.String(), "update-index", "-z", "--index-info")
	return r.CommitTree(branch, run("", "write-tree"), "Change "+branch, parents...)
}
