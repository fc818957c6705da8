package gitserver

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/pki"
)

// git runs the real git without any configuration of the machine's.
func git(t *testing.T, env []string, args ...string) (string, error) {
	t.Helper()
	command := exec.Command("git", args...)
	command.Env = append(os.Environ(), append([]string{
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
	}, env...)...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	return output.String(), err
}

func mustGit(t *testing.T, args ...string) string {
	t.Helper()
	output, err := git(t, nil, args...)
	require.NoError(t, err, output)
	return strings.TrimSpace(output)
}

// newServer makes a server with one repository at each of the paths.
func newServer(t *testing.T, paths ...string) Server {
	t.Helper()
	root, work := t.TempDir(), t.TempDir()
	mustGit(t, "init", "-q", "-b", "main", work)
	require.NoError(t, os.WriteFile(filepath.Join(work, "hello.txt"), []byte("hello\n"), 0o644))
	mustGit(t, "-C", work, "add", "hello.txt")
	mustGit(t, "-C", work, "commit", "-q", "-m", "first")
	for _, path := range paths {
		mustGit(t, "clone", "-q", "--bare", work, filepath.Join(root, path))
	}
	return Server{Root: root, Username: "user", Password: "secret", Realm: "test"}
}

func startHTTP(t *testing.T, s Server) *httptest.Server {
	t.Helper()
	handler, err := s.Handler()
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func requireCloned(t *testing.T, dir string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "hello.txt"))
	require.NoError(t, err)
	assert.Equal(t, "hello\n", string(content))
}

func TestEverybodyClonesFromThePublicTree(t *testing.T) {
	server := startHTTP(t, newServer(t, "public/a.git"))
	target := t.TempDir()

	output, err := git(t, nil, "clone", "-q", server.URL+"/public/a.git", target)

	require.NoError(t, err, output)
	requireCloned(t, target)
}

func TestThePrivateTreeAsksForThePassword(t *testing.T) {
	server := startHTTP(t, newServer(t, "private/a.git"))
	cases := map[string]struct {
		login  string
		cloned bool
	}{
		"no password":      {login: "", cloned: false},
		"a wrong password": {login: "user:wrong@", cloned: false},
		"the password":     {login: "user:secret@", cloned: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			url := strings.Replace(server.URL, "http://", "http://"+c.login, 1) + "/private/a.git"
			output, err := git(t, nil, "clone", "-q", url, t.TempDir())
			assert.Equal(t, c.cloned, err == nil, output)
		})
	}
}

func TestPathsThatLeadAroundThePasswordAreRefused(t *testing.T) {
	s := newServer(t, "private/a.git", "public/b.git")
	outside := newServer(t, "public/c.git")
	require.NoError(t, os.Symlink(filepath.Join(outside.Root, "public/c.git"), filepath.Join(s.Root, "public/link.git")))
	handler, err := s.Handler()
	require.NoError(t, err)
	for _, path := range []string{"/public/../private/a.git/info/refs", "/public/link.git/info/refs", "/public/none.git/info/refs", "/"} {
		request := httptest.NewRequest(http.MethodGet, "http://host/", nil)
		request.URL.Path, request.URL.RawQuery = path, "service=git-upload-pack"
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, request)
		assert.NotEqual(t, http.StatusOK, response.Code, path)
	}
}

func TestNobodyPushes(t *testing.T) {
	s := newServer(t, "public/a.git")
	server := startHTTP(t, s)
	target := t.TempDir()
	mustGit(t, "clone", "-q", server.URL+"/public/a.git", target)
	before := mustGit(t, "-C", filepath.Join(s.Root, "public/a.git"), "rev-parse", "main")
	mustGit(t, "-C", target, "commit", "-q", "--allow-empty", "-m", "second")

	_, err := git(t, nil, "-C", target, "push", "-q")

	require.Error(t, err)
	assert.Equal(t, before, mustGit(t, "-C", filepath.Join(s.Root, "public/a.git"), "rev-parse", "main"))
}

func TestPartialClonesWorkExceptBelowNofilter(t *testing.T) {
	server := startHTTP(t, newServer(t, "public/a.git", "public/nofilter/a.git"))
	for path, filtered := range map[string]bool{"public/a.git": true, "public/nofilter/a.git": false} {
		output, err := git(t, nil, "clone", "-q", "--bare", "--filter=blob:none", server.URL+"/"+path, filepath.Join(t.TempDir(), "x"))
		require.NoError(t, err, output)
		assert.Equal(t, !filtered, strings.Contains(output, "filtering not recognized"), output)
	}
}

func startSSH(t *testing.T, s Server, dir string) string {
	t.Helper()
	host, err := pki.EnsureSSHKey(filepath.Join(dir, "host"), "host")
	require.NoError(t, err)
	client, err := pki.EnsureSSHKey(filepath.Join(dir, "client"), "client")
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- s.ServeSSH(listener, host, client.PublicKey()) }()
	t.Cleanup(func() {
		_ = listener.Close()
		assert.NoError(t, <-done)
	})
	return listener.Addr().String()
}

func sshCommand(key string) []string {
	return []string{fmt.Sprintf("GIT_SSH_COMMAND=ssh -F none -i %s -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no", key)}
}

func TestTheAuthorizedKeyClonesBothTreesOverSSH(t *testing.T) {
	dir := t.TempDir()
	address := startSSH(t, newServer(t, "public/a.git", "private/b.git"), dir)
	for _, path := range []string{"public/a.git", "private/b.git"} {
		target := t.TempDir()
		output, err := git(t, sshCommand(filepath.Join(dir, "client")), "clone", "-q", "ssh://git@"+address+"/"+path, target)
		require.NoError(t, err, output)
		requireCloned(t, target)
	}
}

func TestAnotherKeyAndAnotherPathAreRefusedOverSSH(t *testing.T) {
	dir := t.TempDir()
	address := startSSH(t, newServer(t, "public/a.git"), dir)
	_, err := pki.EnsureSSHKey(filepath.Join(dir, "stranger"), "stranger")
	require.NoError(t, err)

	output, err := git(t, sshCommand(filepath.Join(dir, "stranger")), "clone", "-q", "ssh://git@"+address+"/public/a.git", t.TempDir())
	require.Error(t, err)
	assert.Contains(t, output, "Permission denied")

	output, err = git(t, sshCommand(filepath.Join(dir, "client")), "clone", "-q", "ssh://git@"+address+"/../../etc", t.TempDir())
	require.Error(t, err)
	assert.Contains(t, output, "repository not found")
}

func TestTheGitProtocolServesThePublicTreeOnly(t *testing.T) {
	s := newServer(t, "public/a.git", "private/b.git")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- s.ServeDaemon(listener) }()
	t.Cleanup(func() {
		_ = listener.Close()
		assert.NoError(t, <-done)
	})
	target := t.TempDir()

	output, err := git(t, nil, "clone", "-q", "git://"+listener.Addr().String()+"/a.git", target)
	require.NoError(t, err, output)
	requireCloned(t, target)

	output, err = git(t, nil, "clone", "-q", "git://"+listener.Addr().String()+"/../private/b.git", t.TempDir())
	require.Error(t, err)
	assert.Contains(t, output, "repository not found")
}

func FuzzReadRequest(f *testing.F) {
	f.Add([]byte("0033git-upload-pack /a.git\x00host=h\x00\x00version=2\x00"))
	f.Add([]byte("0004"))
	f.Add([]byte("ffffgit-upload-pack"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		path, _, err := readRequest(bytes.NewReader(packet))
		if err == nil && (!strings.HasPrefix(path, "/") || strings.Contains(path, "/../")) {
			t.Fatalf("path %q leads out of the tree", path)
		}
	})
}
