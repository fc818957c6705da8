package integration

import (
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// repository is a Git repository that a real git serves over http.
type repository struct {
	url string
	dir string
}

// newRepository serves a repository with one commit: a notebook and its requirements.
func newRepository(t testing.TB) *repository {
	t.Helper()
	root := t.TempDir()
	r := &repository{dir: filepath.Join(root, "notebooks.git")}
	r.git(t, "init", "--quiet", "--initial-branch=main", r.dir)
	r.git(t, "-C", r.dir, "config", "uploadpack.allowFilter", "true")
	r.git(t, "-C", r.dir, "config", "uploadpack.allowAnySHA1InWant", "true")
	r.commit(t, map[string]string{
		"notebooks/one.ipynb": `{"cells":[{"cell_type":"code","execution_count":null,"id":"a","metadata":{},"outputs":[],"source":["1 + 1"]}],"metadata":{},"nbformat":4,"nbformat_minor":5}`,
		"requirements.txt":    "tiny==1.0\n",
	})
	programs, err := exec.Command("git", "--exec-path").Output()
	require.NoError(t, err)
	server := httptest.NewServer(&cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(programs)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1"},
	})
	t.Cleanup(server.Close)
	r.url = server.URL + "/notebooks.git"
	return r
}

// commit writes files and commits them.
func (r *repository) commit(t testing.TB, files map[string]string) (commit string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(r.dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	r.git(t, "-C", r.dir, "add", "--all")
	r.git(t, "-C", r.dir, "commit", "--quiet", "--message=A step")
	return r.head(t)
}

// head is the commit that the branch points to.
func (r *repository) head(t testing.TB) string {
	return strings.TrimSpace(r.git(t, "-C", r.dir, "rev-parse", "HEAD"))
}

func (r *repository) git(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "git %v: %s", args, out)
	return string(out)
}

// link commits a symbolic link.
func (r *repository) link(t testing.TB, name, target string) {
	t.Helper()
	require.NoError(t, os.Symlink(target, filepath.Join(r.dir, name)))
	r.commit(t, nil)
}
