package fetchcmd

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/podspec"
	"mlops.dev/notebook-validator-operator/internal/runner"
	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/source/internal/gittest"
	"mlops.dev/notebook-validator-operator/internal/sourceinfo"
)

// pod has the directories that the containers of a pod share.
type pod struct{ dest, meta, tools, self, log string }

func newPod(t *testing.T) pod {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	return pod{in("source"), in("meta"), in("tools"), in("bin/program"), in("termination-log")}
}

func (p pod) flags(more ...string) []string {
	return append([]string{"--dest=" + p.dest, "--meta-dir=" + p.meta, "--tools-dir=" + p.tools, "--termination-log=" + p.log}, more...)
}

func (p pod) message(t *testing.T) result {
	data, err := os.ReadFile(p.log)
	require.NoError(t, err)
	var message result
	require.NoError(t, json.Unmarshal(data, &message))
	return message
}

// execute runs the command and returns its exit code.
func execute(ctx context.Context, args []string) (int, error) {
	command := New()
	command.SetArgs(args)
	command.SetOut(io.Discard)
	command.SetErr(io.Discard)
	err := command.ExecuteContext(ctx)
	var failed *Failed
	if errors.As(err, &failed) {
		return failed.ExitCode(), err
	}
	return 0, err
}

func repository(t *testing.T) (*gittest.Repository, string) {
	r := gittest.New(t)
	commit := r.Commit("main", map[string]gittest.File{"tier/a.ipynb": {Content: `{"cells":[]}`}, "run.sh": {Content: "x", Mode: "100755"}})
	return r, commit
}

func TestFetchLeavesWhatTheOtherContainersNeed(t *testing.T) {
	r, commit := repository(t)
	server := r.ServeHTTP(t, false)
	for name, given := range map[string][]string{
		"a ref":                 {"--ref=main"},
		"nothing":               {},
		"a commit":              {"--ref=main", "--commit=" + commit},
		"a commit, moved on to": {"--ref=moved", "--commit=" + commit},
	} {
		t.Run(name, func(t *testing.T) {
			pod := newPod(t)
			args := pod.flags(append(given, "--url="+server.Repository(), "--notebook=tier/a.ipynb", "--self-dest="+pod.self)...)
			for range 2 { // the second is a second attempt in the same pod
				code, err := execute(t.Context(), args)
				require.NoError(t, err)
				assert.Zero(t, code)
			}
			assert.Equal(t, result{Version: 1, Commit: commit}, pod.message(t))
			assert.FileExists(t, filepath.Join(pod.dest, "run.sh"))
			assert.FileExists(t, filepath.Join(pod.tools, runner.EntryPoint))
			notebook, err := os.ReadFile(sourceinfo.NotebookPath(pod.meta))
			require.NoError(t, err)
			assert.Equal(t, `{"cells":[]}`, string(notebook))
			info, err := sourceinfo.Read(pod.meta)
			require.NoError(t, err)
			assert.Equal(t, commit, info.Commit)
			assert.Equal(t, "tier/a.ipynb", info.Notebook)
			program, err := os.Stat(pod.self)
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o755), program.Mode())
		})
	}
}

func TestTheNoteHasNoUserName(t *testing.T) {
	r, _ := repository(t)
	server := r.ServeHTTP(t, false)
	server.Username = "a-token-in-the-wrong-place"
	pod := newPod(t)
	_, err := execute(t.Context(), pod.flags("--url=http://"+server.Username+"@"+server.Repository()[len("http://"):], "--notebook=tier/a.ipynb"))
	require.NoError(t, err)
	info, err := sourceinfo.Read(pod.meta)
	require.NoError(t, err)
	assert.Equal(t, server.Repository(), info.URL)
}

func TestFetchReadsTheMountedSecret(t *testing.T) {
	r, _ := repository(t)
	server := r.ServeHTTP(t, true)
	server.Username, server.Password = "ada", "correct horse"
	mount := func(files map[string]string) string {
		dir := t.TempDir()
		data := filepath.Join(dir, "..data") // as the kubelet does it
		require.NoError(t, os.Mkdir(data, 0o755))
		for name, content := range files {
			require.NoError(t, os.WriteFile(filepath.Join(data, name), []byte(content), 0o600))
			require.NoError(t, os.Symlink(filepath.Join("..data", name), filepath.Join(dir, name)))
		}
		return dir
	}
	for name, test := range map[string]struct {
		files  map[string]string
		reason source.Reason
	}{
		"right":             {map[string]string{"username": "ada\n", "password": "correct horse\n", "ca.crt": string(server.CA())}, ""},
		"wrong":             {map[string]string{"username": "ada", "password": "x", "ca.crt": string(server.CA())}, source.AuthenticationFailed},
		"not there":         {nil, source.CredentialsInvalid},
		"of no use":         {map[string]string{"tls.key": "x"}, source.CredentialsInvalid},
		"without authority": {map[string]string{"username": "ada", "password": "correct horse"}, source.CertificateUntrusted},
	} {
		t.Run(name, func(t *testing.T) {
			pod := newPod(t)
			code, err := execute(t.Context(), pod.flags("--url="+server.Repository(), "--notebook=tier/a.ipynb", "--credentials-dir="+mount(test.files)))
			assert.Equal(t, string(test.reason), pod.message(t).Reason)
			if test.reason == "" {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, podspec.ExitPermanent, code)
		})
	}
}

func TestFailuresHaveAReasonAndAnExitCode(t *testing.T) {
	r, commit := repository(t)
	url := "--url=" + r.ServeHTTP(t, false).Repository()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := "--url=http://" + listener.Addr().String() + "/x"
	require.NoError(t, listener.Close())
	host, port := gittest.Listen(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	silent := "--url=git://" + net.JoinHostPort(host, strconv.Itoa(port)) + "/x"
	for name, test := range map[string]struct {
		args   []string
		code   int
		reason source.Reason
		text   string
	}{
		"no such notebook":              {[]string{url, "--notebook=none.ipynb"}, podspec.ExitPermanent, source.NotebookNotFound, "none.ipynb"},
		"another case":                  {[]string{url, "--notebook=tier/A.ipynb", "--commit=" + commit}, podspec.ExitPermanent, source.NotebookNotFound, `Did you mean "tier/a.ipynb"`},
		"a directory":                   {[]string{url, "--notebook=tier"}, podspec.ExitPermanent, source.NotebookNotFound, "tier"},
		"a notebook outside":            {[]string{url, "--notebook=../../etc/passwd", "--commit=" + commit}, podspec.ExitPermanent, source.NotebookNotFound, "passwd"},
		"an absolute notebook":          {[]string{url, "--notebook=/etc/passwd", "--commit=" + commit}, podspec.ExitPermanent, source.NotebookNotFound, "passwd"},
		"no such ref":                   {[]string{url, "--notebook=a.ipynb", "--ref=none"}, podspec.ExitPermanent, source.RefNotFound, "none"},
		"a ref like an option":          {[]string{url, "--notebook=a.ipynb", "--ref=--upload-pack=x"}, podspec.ExitPermanent, source.InvalidSource, "'-'"},
		"a commit that is no SHA":       {[]string{url, "--notebook=a.ipynb", "--commit=main"}, podspec.ExitPermanent, source.InvalidSource, "40 digits"},
		"a program for a URL":           {[]string{"--url=ext::sh -c id", "--notebook=a.ipynb"}, podspec.ExitPermanent, source.InvalidSource, "space"},
		"a file for a URL":              {[]string{"--url=file:///etc", "--notebook=a.ipynb"}, podspec.ExitPermanent, source.InvalidSource, "not supported"},
		"more bytes than are accepted":  {[]string{url, "--notebook=tier/a.ipynb", "--max-bytes=10", "--commit=" + commit}, podspec.ExitPermanent, source.RepositoryTooLarge, "10 bytes"},
		"a closed port":                 {[]string{closed, "--notebook=a.ipynb"}, podspec.ExitTemporary, source.SourceUnreachable, "refuses the connection"},
		"a server that does not answer": {[]string{silent, "--notebook=a.ipynb", "--timeout=50ms"}, podspec.ExitTemporary, source.SourceUnreachable, "did not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			pod := newPod(t)
			reason, text := filepath.Join(t.TempDir(), "reason"), filepath.Join(t.TempDir(), "message")
			code, err := execute(t.Context(), pod.flags(append(test.args, "--error-reason-file="+reason, "--error-message-file="+text)...))
			require.Error(t, err)
			assert.Equal(t, test.code, code)
			message := pod.message(t)
			assertFile(t, reason, buildstrategy.Word(buildstrategy.Reason(test.reason), code == podspec.ExitTemporary))
			assertFile(t, text, message.Message)
			assert.Equal(t, string(test.reason), message.Reason, message.Message)
			assert.Contains(t, message.Message, test.text)
			assert.NoFileExists(t, sourceinfo.Path(pod.meta))
		})
	}
}

func TestASuccessLeavesNoReason(t *testing.T) {
	r, _ := repository(t)
	reason := filepath.Join(t.TempDir(), "reason")
	_, err := execute(t.Context(), newPod(t).flags("--url="+r.ServeHTTP(t, false).Repository(), "--notebook=tier/a.ipynb", "--error-reason-file="+reason))
	require.NoError(t, err)
	assert.NoFileExists(t, reason)
}

func assertFile(t *testing.T, name, want string) {
	t.Helper()
	got, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, want, string(got))
}

func TestAPodThatIsStoppedSaysSo(t *testing.T) {
	started := make(chan struct{}, 1)
	host, port := gittest.Listen(t, func(conn net.Conn) {
		started <- struct{}{}
		_, _ = io.Copy(io.Discard, conn)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-started
		cancel()
	}()
	pod := newPod(t)
	code, err := execute(ctx, pod.flags("--url=git://"+net.JoinHostPort(host, strconv.Itoa(port))+"/x", "--notebook=a.ipynb"))
	require.Error(t, err)
	assert.Equal(t, podspec.ExitTerminated, code)
	assert.Contains(t, pod.message(t).Message, "asked to stop")
}

func TestFetchKeepsTheGoldenNotebookOfTheSameCommit(t *testing.T) {
	r := gittest.New(t)
	commit := r.Commit("main", map[string]gittest.File{"a.ipynb": {Content: `{"cells":[]}`}, "golden/a.ipynb": {Content: `{"golden":1}`}})
	server := r.ServeHTTP(t, false)
	for name, test := range map[string]struct{ golden, want string }{
		"there":     {"golden/a.ipynb", `{"golden":1}`},
		"not there": {"golden/b.ipynb", ""},
		"a folder":  {"golden", ""},
	} {
		t.Run(name, func(t *testing.T) {
			pod := newPod(t)
			code, err := execute(t.Context(), pod.flags("--url="+server.Repository(), "--ref=main", "--notebook=a.ipynb", "--golden="+test.golden))
			require.NoError(t, err, "the run itself can be had")
			assert.Zero(t, code)
			dir := sourceinfo.GoldenDir(pod.meta)
			if test.want == "" {
				assert.NoFileExists(t, sourceinfo.NotebookPath(dir))
				assert.NoFileExists(t, sourceinfo.Path(dir))
				return
			}
			kept, err := os.ReadFile(sourceinfo.NotebookPath(dir))
			require.NoError(t, err)
			assert.Equal(t, test.want, string(kept))
			info, err := sourceinfo.Read(dir)
			require.NoError(t, err)
			assert.Equal(t, commit, info.Commit)
			assert.Equal(t, test.golden, info.Notebook)
		})
	}
}

func TestFetchOfAGoldenNotebookLeavesNoRunner(t *testing.T) {
	r, commit := repository(t)
	server := r.ServeHTTP(t, false)
	pod := newPod(t)
	_, err := execute(t.Context(), []string{"--url=" + server.Repository(), "--notebook=tier/a.ipynb", "--dest=" + pod.dest, "--meta-dir=" + pod.meta})
	require.NoError(t, err)
	info, err := sourceinfo.Read(pod.meta)
	require.NoError(t, err)
	assert.Equal(t, commit, info.Commit)
	assert.NoDirExists(t, pod.tools)
}
