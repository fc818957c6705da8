package kit

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Trees of the git server.
const (
	Public  = "public"
	Private = "private"
)

// Tree is the content of a repository: files by their path, and symbolic links to their target.
type Tree struct {
	Files map[string][]byte
	Links map[string]string
}

// Repository makes a bare repository of one commit on branch main below a tree of the git server, in place of one that
// has its name, and returns the commit.
func (c *Cluster) Repository(ctx context.Context, tree, name string, content Tree) (commit string, err error) {
	work, err := os.MkdirTemp("", "nbv-repository-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := content.write(work); err != nil {
		return "", err
	}
	bare := c.bare(tree, name)
	if err := os.RemoveAll(bare); err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main", "."},
		{"add", "--all", "."},
		{"commit", "--quiet", "--message=Add the notebooks"},
		{"clone", "--quiet", "--bare", ".", bare},
	} {
		if _, err := git(ctx, work, args...); err != nil {
			return "", err
		}
	}
	return git(ctx, work, "rev-parse", "HEAD")
}

// RemoveRepository takes a repository away.
func (c *Cluster) RemoveRepository(tree, name string) error {
	return os.RemoveAll(c.bare(tree, name))
}

func (c *Cluster) bare(tree, name string) string {
	return filepath.Join(c.Env.Git.Repositories, tree, filepath.FromSlash(name)+".git")
}

func (t Tree) write(dir string) error {
	for _, name := range slices.Sorted(maps.Keys(t.Files)) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, t.Files[name], 0o644); err != nil {
			return err
		}
	}
	for name, target := range t.Links {
		if err := os.Symlink(target, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}

// git runs without anybody's own configuration, so that every machine makes the same repositories.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com")
	output, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, output)
	}
	return strings.TrimSpace(string(output)), nil
}
