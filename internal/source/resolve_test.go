package source_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/source/internal/gittest"
)

// server is one way to reach a repository.
type server func(testing.TB, *gittest.Repository) source.Repository

func overHTTP(t testing.TB, r *gittest.Repository) source.Repository {
	return source.Repository{URL: r.ServeHTTP(t, false).Repository()}
}

func overDaemon(t testing.TB, r *gittest.Repository) source.Repository {
	return source.Repository{URL: r.ServeDaemon(t)}
}

func overSSH(t testing.TB, r *gittest.Repository) source.Repository {
	server := r.ServeSSH(t)
	return source.Repository{URL: server.URL(r.Dir), Credentials: source.Credentials{
		SSHPrivateKey: server.PrivateKey, KnownHosts: server.KnownHosts(server.HostKeys[0].PublicKey())}}
}

var servers = map[string]server{"http": overHTTP, "git": overDaemon, "ssh": overSSH}

// features are what servers are configured to offer.
var features = map[string][]string{
	"plain":                 {},
	"with filter":           {"uploadpack.allowFilter=true"},
	"with filter and SHA":   {"uploadpack.allowFilter=true", "uploadpack.allowReachableSHA1InWant=true"},
	"with any SHA, no more": {"uploadpack.allowAnySHA1InWant=true"},
}

func text(content string) gittest.File { return gittest.File{Content: content} }

// history is main: first <- second <- third; tag light on second, annotated tag v1 on first, branch side on first.
type history struct{ first, second, third, side, tag string }

func newHistory(r *gittest.Repository) history {
	var h history
	h.first = r.Commit("main", map[string]gittest.File{"a.ipynb": text("one"), "requirements.txt": text("numpy\n")})
	h.second = r.Commit("main", map[string]gittest.File{"a.ipynb": text("two")}, h.first)
	h.third = r.Commit("main", map[string]gittest.File{"a.ipynb": text("three")}, h.second)
	h.side = r.Commit("feature/side", map[string]gittest.File{"a.ipynb": text("side")}, h.first)
	r.Git("", "tag", "light", h.second)
	r.Git("", "tag", "-a", "-m", "first release", "v1", h.first)
	r.Git("", "tag", "-a", "-m", "a tag of a tag", "v1-again", "v1")
	h.tag = r.Git("", "rev-parse", "v1")
	return h
}

func resolve(t testing.TB, repository source.Repository, ref string) (*source.Snapshot, error) {
	t.Helper()
	repository.Ref = ref
	return (&source.Resolver{}).Resolve(t.Context(), repository)
}

func requireReason(t testing.TB, err error, reason source.Reason, texts ...string) *source.Error {
	t.Helper()
	var e *source.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, reason, e.Reason, e.Message)
	for _, text := range texts {
		assert.Contains(t, e.Message, text)
	}
	return e
}

func TestEveryKindOfRefIsResolvedOverEveryTransport(t *testing.T) {
	for transport, serve := range servers {
		for feature, options := range features {
			t.Run(transport+" "+feature, func(t *testing.T) {
				r := gittest.New(t).Configure(options...)
				h := newHistory(r)
				repository := serve(t, r)
				for name, test := range map[string]struct{ ref, commit, content string }{
					"no ref":                    {"", h.third, "three"},
					"HEAD":                      {"HEAD", h.third, "three"},
					"a branch":                  {"main", h.third, "three"},
					"a branch with a slash":     {"feature/side", h.side, "side"},
					"a full ref name":           {"refs/heads/feature/side", h.side, "side"},
					"a name below refs":         {"heads/feature/side", h.side, "side"},
					"a tag":                     {"light", h.second, "two"},
					"an annotated tag":          {"v1", h.first, "one"},
					"a tag of a tag":            {"v1-again", h.first, "one"},
					"the SHA of a tag":          {h.tag, h.first, "one"},
					"the SHA of a tip":          {h.third, h.third, "three"},
					"the SHA in capitals":       {strings.ToUpper(h.third), h.third, "three"},
					"the SHA of a tagged one":   {h.first, h.first, "one"},
					"the short SHA of a tip":    {h.side[:7], h.side, "side"},
					"the short SHA of no tip":   {h.second[:9], h.second, "two"},
					"a SHA of a tip, 39 digits": {h.third[:39], h.third, "three"},
				} {
					snapshot, err := resolve(t, repository, test.ref)
					require.NoError(t, err, name)
					assert.Equal(t, test.commit, snapshot.Commit, name)
					content, err := snapshot.Read("a.ipynb")
					require.NoError(t, err, name)
					assert.Equal(t, test.content, string(content), name)
				}
			})
		}
	}
}

func TestACommitThatIsNoTipIsFoundOverEveryTransport(t *testing.T) {
	for transport, serve := range servers {
		for feature, options := range features {
			t.Run(transport+" "+feature, func(t *testing.T) {
				r := gittest.New(t).Configure(options...)
				var commits []string
				for i := range 5 {
					files := map[string]gittest.File{"a.ipynb": text(fmt.Sprint(i))}
					commits = append(commits, r.Commit("main", files, commits[max(0, i-1):i]...))
				}
				repository := serve(t, r)
				for _, ref := range []string{commits[1], commits[1][:8]} {
					snapshot, err := resolve(t, repository, ref)
					require.NoError(t, err)
					assert.Equal(t, commits[1], snapshot.Commit)
					content, err := snapshot.Read("a.ipynb")
					require.NoError(t, err)
					assert.Equal(t, "1", string(content))
				}
				_, err := resolve(t, repository, strings.Repeat("ab", 20))
				requireReason(t, err, source.RefNotFound, "abababab")
				_, err = resolve(t, repository, "abababab")
				requireReason(t, err, source.RefNotFound, "abababab")
			})
		}
	}
}

func TestAShortSHAOfTwoCommitsIsAmbiguous(t *testing.T) {
	for feature, options := range features {
		t.Run(feature, func(t *testing.T) {
			r := gittest.New(t).Configure(options...)
			one, other := r.Collision(7)
			for _, tips := range []bool{true, false} {
				r.Git("", "update-ref", "refs/heads/main", one)
				r.Git("", "update-ref", "refs/heads/other", other)
				if !tips {
					for branch, commit := range map[string]string{"main": one, "other": other} {
						r.CommitTree(branch, r.Tree(), "on top of "+branch, commit)
					}
				}
				_, err := resolve(t, overHTTP(t, r), one[:7])
				requireReason(t, err, source.RefNotFound, "ambiguous", "more digits")
				snapshot, err := resolve(t, overHTTP(t, r), one[:16])
				require.NoError(t, err)
				assert.Equal(t, one, snapshot.Commit)
			}
		})
	}
}

func TestABranchWinsOverTheShortSHAThatItLooksLike(t *testing.T) {
	r := gittest.New(t)
	h := newHistory(r)
	r.Git("", "update-ref", "refs/heads/"+h.third[:7], h.side)
	snapshot, err := resolve(t, overHTTP(t, r), h.third[:7])
	require.NoError(t, err)
	assert.Equal(t, h.side, snapshot.Commit)
}

func TestARefThatIsNotThereIsNamed(t *testing.T) {
	r := gittest.New(t)
	h := newHistory(r)
	blob := r.Blob("a file")
	r.Git("", "tag", "of-a-file", blob)
	for transport, serve := range servers {
		repository := serve(t, r)
		_, err := resolve(t, repository, "no-such-branch")
		e := requireReason(t, err, source.RefNotFound, `"no-such-branch"`, "Check git.ref")
		assert.False(t, e.Temporary, transport)
		_, err = resolve(t, repository, "of-a-file")
		requireReason(t, err, source.RefNotFound, "a blob and not a commit")
	}
	r.Git("", "symbolic-ref", "HEAD", "refs/heads/gone")
	_, err := resolve(t, overHTTP(t, r), "")
	requireReason(t, err, source.RefNotFound, "no default branch")
	_, err = resolve(t, overHTTP(t, r), h.first)
	require.NoError(t, err)
}

func TestAnEmptyRepositoryIsSaidToBe(t *testing.T) {
	r := gittest.New(t)
	for _, serve := range servers {
		_, err := resolve(t, serve(t, r), "")
		requireReason(t, err, source.RefNotFound, "is empty")
	}
}

func TestASnapshotHasTheTreeAndTheSmallFiles(t *testing.T) {
	large := strings.Repeat("x", source.SmallFile)
	r := gittest.New(t).Configure("uploadpack.allowFilter=true")
	r.Commit("main", map[string]gittest.File{
		"README.md":               text("hello"),
		"tier/nb/a.ipynb":         text("{}"),
		"tier/run.sh":             {Content: "#!/bin/sh\n", Mode: "100755"},
		"tier/link.txt":           {Content: "../README.md", Mode: "120000"},
		"tier/here":               {Content: "nb", Mode: "120000"},
		"large.bin":               text(large),
		"nearly.bin":              text(large[1:]),
		"Name with spaces ü.txt":  text("ok"),
		"tier/requirements.txt":   text("-r ../base.txt\n"),
		"empty.txt":               text(""),
		"dangling-but-inside.txt": {Content: "tier/none", Mode: "120000"},
	})
	for _, options := range features {
		snapshot, err := resolve(t, overHTTP(t, r.Configure("uploadpack.allowFilter=false").Configure(options...)), "main")
		require.NoError(t, err)
		for path, exists := range map[string]bool{
			"README.md": true, "tier": true, "tier/nb": true, "tier/nb/a.ipynb": true, "tier/link.txt": true,
			"tier/here/a.ipynb": true, "./README.md": true, "large.bin": true, "readme.md": false, "tier/none": false,
			"": false, "/README.md": false, "..": false, "../README.md": false, "tier/../../x": false, ".": true,
			"dangling-but-inside.txt": false, "README.md/x": false,
		} {
			assert.Equal(t, exists, snapshot.Exists(path), path)
		}
		for path, content := range map[string]string{
			"README.md": "hello", "tier/link.txt": "hello", "tier/here/a.ipynb": "{}", "nearly.bin": large[1:],
			"Name with spaces ü.txt": "ok", "empty.txt": "",
		} {
			data, err := snapshot.Read(path)
			require.NoError(t, err, path)
			assert.Equal(t, content, string(data), path)
		}
		_, err = snapshot.Read("none.txt")
		require.ErrorIs(t, err, fs.ErrNotExist)
		_, err = snapshot.Read("large.bin")
		require.ErrorIs(t, err, source.ErrNotSmall)
		_, err = snapshot.Read("tier")
		require.ErrorContains(t, err, "is a directory")
		assert.Equal(t, filemode.Executable, snapshot.Mode("tier/run.sh"))
		assert.Equal(t, filemode.Symlink, snapshot.Mode("tier/link.txt"))
		assert.Equal(t, filemode.Dir, snapshot.Mode("tier"))
		assert.Len(t, snapshot.Paths(), 11)
		require.NoError(t, snapshot.CheckNotebook("tier/nb/a.ipynb"))
		requireReason(t, snapshot.CheckNotebook("tier/nb/A.ipynb"), source.NotebookNotFound, `Did you mean "tier/nb/a.ipynb"?`)
		requireReason(t, snapshot.CheckNotebook("a.ipynb"), source.NotebookNotFound, `Did you mean "tier/nb/a.ipynb"?`)
		requireReason(t, snapshot.CheckNotebook("b.ipynb"), source.NotebookNotFound, "was pushed")
		require.NoError(t, snapshot.CheckNotebook("tier/link.txt"))
		requireReason(t, snapshot.CheckNotebook("tier"), source.NotebookNotFound, "is a directory")
		requireReason(t, snapshot.CheckNotebook("dangling-but-inside.txt"), source.NotebookNotFound, "has no file")
		requireReason(t, snapshot.CheckNotebook("../a.ipynb"), source.NotebookNotFound, "has no file")
	}
}

func TestSubmodulesAreNamedAndNotFollowed(t *testing.T) {
	r := gittest.New(t)
	tree := r.Tree("100644 blob "+r.Blob("x")+"\ta.txt", "160000 commit "+strings.Repeat("1", 40)+"\tvendor")
	r.CommitTree("main", tree, "with a submodule")
	snapshot, err := resolve(t, overHTTP(t, r), "main")
	require.NoError(t, err)
	assert.Equal(t, []string{"vendor"}, snapshot.Submodules)
	assert.False(t, snapshot.Exists("vendor"))
}

func TestManyResolveAtOnceWithOneResolver(t *testing.T) {
	r := gittest.New(t)
	h := newHistory(r)
	repository := overHTTP(t, r)
	resolver := &source.Resolver{}
	results := make(chan string, 20)
	for range cap(results) {
		go func() {
			snapshot, err := resolver.Resolve(context.Background(), repository)
			if err != nil {
				results <- err.Error()
				return
			}
			results <- snapshot.Commit
		}()
	}
	for range cap(results) {
		assert.Equal(t, h.third, <-results)
	}
}
