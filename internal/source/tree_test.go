package source_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/source/internal/gittest"
)

// hostileTree makes a tree that git itself would not make.
type hostileTree func(*gittest.Repository) string

// raw is a tree with one file of that mode and name.
func raw(mode, name, content string) hostileTree {
	return func(r *gittest.Repository) string {
		return r.RawTree(mode + " " + name + "\x00" + binaryHash(r.Blob(content)))
	}
}

func binaryHash(hash string) string {
	var out []byte
	for i := 0; i < len(hash); i += 2 {
		var b byte
		_, _ = fmt.Sscanf(hash[i:i+2], "%02x", &b)
		out = append(out, b)
	}
	return string(out)
}

// links is a tree of files and links; a content with an arrow before it is a link's target.
func links(files map[string]string) hostileTree {
	return func(r *gittest.Repository) string {
		all := map[string]gittest.File{}
		for name, content := range files {
			all[name] = gittest.File{Content: content}
			if target, ok := strings.CutPrefix(content, "->"); ok {
				all[name] = gittest.File{Content: target, Mode: "120000"}
			}
		}
		return r.Git("", "rev-parse", r.Commit("made", all)+"^{tree}")
	}
}

var hostileTrees = map[string]struct {
	make   hostileTree
	reason source.Reason
	text   string
}{
	"a parent directory":            {raw("100644", "..", "x"), source.InvalidSource, `".."`},
	"the directory itself":          {raw("100644", ".", "x"), source.InvalidSource, `"."`},
	"a path":                        {raw("100644", "../../evil", "x"), source.InvalidSource, "slash"},
	"an absolute path":              {raw("100644", "/etc/evil", "x"), source.InvalidSource, "slash"},
	"a path of Windows":             {raw("100644", `..\evil`, "x"), source.InvalidSource, "backslash"},
	"no name":                       {raw("100644", "", "x"), source.InvalidSource, `""`},
	"a Git directory":               {raw("100644", ".git", "x"), source.InvalidSource, "Git directory"},
	"a Git directory in capitals":   {raw("100644", ".GIT", "x"), source.InvalidSource, "Git directory"},
	"a Git directory in mixed case": {raw("100644", ".gIt", "x"), source.InvalidSource, "Git directory"},
	"a Git directory with a dot":    {raw("100644", ".git.", "x"), source.InvalidSource, "Git directory"},
	"a Git directory with a space":  {raw("100644", ".git ", "x"), source.InvalidSource, "Git directory"},
	"a Git directory, short":        {raw("100644", "GIT~1", "x"), source.InvalidSource, "Git directory"},
	"a Git directory, a stream":     {raw("100644", ".git::$INDEX_ALLOCATION", "x"), source.InvalidSource, "Git directory"},
	"a Git directory, unseen":       {raw("100644", ".g\u200cit", "x"), source.InvalidSource, "Git directory"},
	"a device":                      {raw("20000", "null", "x"), source.InvalidSource, "neither a file"},
	"a set-uid file":                {raw("104755", "su", "x"), source.InvalidSource, "neither a file"},
	"a file as a directory":         {raw("40000", "dir", "x"), source.InvalidSource, "not a directory"},
	"an entry twice": {func(r *gittest.Repository) string {
		return r.RawTree("100644 a\x00" + binaryHash(r.Blob("x")) + "120000 a\x00" + binaryHash(r.Blob("/etc")))
	}, source.InvalidSource, "twice"},
	"a file behind a link": {func(r *gittest.Repository) string {
		inner := r.RawTree("100644 passwd\x00" + binaryHash(r.Blob("x")))
		return r.RawTree("120000 a\x00" + binaryHash(r.Blob("/etc")) + "40000 a\x00" + binaryHash(inner))
	}, source.InvalidSource, "twice"},
	"a directory as a file": {func(r *gittest.Repository) string {
		return r.RawTree("100644 a\x00" + binaryHash(r.RawTree("")))
	}, source.InvalidSource, "not a file"},
	"a tree cut off":            {func(r *gittest.Repository) string { return r.RawTree("100644 a\x00short") }, source.InvalidSource, ""},
	"a link to the root":        {links(map[string]string{"l": "->/etc/passwd"}), source.InvalidSource, `"l"`},
	"a link out":                {links(map[string]string{"a/l": "->../../x"}), source.InvalidSource, `"a/l"`},
	"a link to the parent":      {links(map[string]string{"l": "->.."}), source.InvalidSource, `"l"`},
	"a link out through a link": {links(map[string]string{"x/y/d": "->../..", "l": "->x/y/d/../.."}), source.InvalidSource, `"l"`},
	"a link to itself":          {links(map[string]string{"l": "->l"}), source.InvalidSource, "circle"},
	"links in a circle":         {links(map[string]string{"a": "->b", "b": "->a"}), source.InvalidSource, "circle"},
	"a link with a backslash":   {links(map[string]string{"l": `->..\x`}), source.InvalidSource, `"l"`},
	"a link without a target":   {raw("120000", "l", ""), source.InvalidSource, `"l"`},
	"a link with a NUL":         {raw("120000", "l", "a\x00b"), source.InvalidSource, `"l"`},
	"a link of a megabyte":      {raw("120000", "l", strings.Repeat("x", 1<<20)), source.InvalidSource, ""},
	"a path too long":           {raw("100644", strings.Repeat("x", 2000), "x"), source.RepositoryTooLarge, "path"},
	"a tree too deep": {func(r *gittest.Repository) string {
		tree := r.Tree("100644 blob " + r.Blob("x") + "\ta")
		for range 70 {
			tree = r.Tree("040000 tree " + tree + "\td")
		}
		return tree
	}, source.RepositoryTooLarge, "deep"},
	"a bomb of directories": {func(r *gittest.Repository) string {
		tree := r.Tree("100644 blob " + r.Blob("x") + "\ta")
		for range 10 {
			var lines []string
			for i := range 10 {
				lines = append(lines, fmt.Sprintf("040000 tree %s\td%d", tree, i))
			}
			tree = r.Tree(lines...)
		}
		return tree
	}, source.RepositoryTooLarge, "100000 files and directories"},
}

func TestHostileTreesAreRefusedBeforeAnythingIsWritten(t *testing.T) {
	for name, test := range hostileTrees {
		t.Run(name, func(t *testing.T) {
			r := gittest.New(t)
			commit := r.CommitTree("main", test.make(r), "hostile")
			// git refuses to serve some of these; a stranger's server does not.
			repository := source.Repository{URL: gittest.ServePack(t, commit, r.Pack())}
			_, err := resolve(t, repository, "main")
			requireReason(t, err, test.reason, test.text)
			parent := t.TempDir()
			dest := filepath.Join(parent, "dest")
			err = source.Checkout(t.Context(), repository, commit, dest, source.Limits{})
			requireReason(t, err, test.reason, test.text)
			for _, dir := range []string{dest, parent} {
				entries, err := os.ReadDir(dir)
				require.NoError(t, err)
				if dir == parent {
					require.Len(t, entries, 1)
				} else {
					require.Empty(t, entries)
				}
			}
		})
	}
}

func TestCheckoutWritesTheWholeTree(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 1<<17)
	r := gittest.New(t)
	first := r.Commit("main", map[string]gittest.File{"a.ipynb": text("old"), "large.bin": text(large)})
	commit := r.Commit("main", map[string]gittest.File{
		"a.ipynb": text("new"), "tier/run.sh": {Content: "#!/bin/sh\n", Mode: "100755"}, "large.bin": text(large + "end"),
		"copy.bin": text(large), "tier/link": {Content: "../a.ipynb", Mode: "120000"}, "up": {Content: "tier", Mode: "120000"},
		".gitignore": text("*.pyc"), "empty": text(""), "Icon\r": text("odd but harmless"), "-rf": text("a name like an option"),
	}, first)
	r.Commit("main", map[string]gittest.File{"later": text("the branch has moved on")}, commit)
	for transport, serve := range servers {
		for feature, options := range features {
			t.Run(transport+" "+feature, func(t *testing.T) {
				repository := serve(t, r.Configure("uploadpack.allowFilter=false", "uploadpack.allowReachableSHA1InWant=false", "uploadpack.allowAnySHA1InWant=false").Configure(options...))
				dest := filepath.Join(t.TempDir(), "new", "dest")
				require.NoError(t, source.Checkout(t.Context(), repository, commit, dest, source.Limits{}))
				for name, content := range map[string]string{"a.ipynb": "new", "large.bin": large + "end", "copy.bin": large,
					"tier/link": "new", "up/run.sh": "#!/bin/sh\n", "empty": "", "-rf": "a name like an option", ".gitignore": "*.pyc"} {
					data, err := os.ReadFile(filepath.Join(dest, name))
					require.NoError(t, err)
					assert.True(t, content == string(data), name)
				}
				for name, mode := range map[string]os.FileMode{"a.ipynb": 0o666, "tier/run.sh": 0o777, "tier": os.ModeDir | 0o777} {
					info, err := os.Stat(filepath.Join(dest, name))
					require.NoError(t, err)
					assert.Equal(t, mode, info.Mode(), name)
				}
				entries, err := os.ReadDir(dest)
				require.NoError(t, err)
				assert.Len(t, entries, 9, "nothing but the tree: %v", entries)
			})
		}
	}
}

func TestCheckoutNeedsAnEmptyDirectoryAndAFullSHA(t *testing.T) {
	r := gittest.New(t)
	h := newHistory(r)
	repository := overHTTP(t, r)
	dest := t.TempDir()
	requireReason(t, source.Checkout(t.Context(), repository, "main", dest, source.Limits{}), source.InvalidSource, "40 digits")
	require.NoError(t, os.WriteFile(filepath.Join(dest, "mine"), nil, 0o600))
	requireReason(t, source.Checkout(t.Context(), repository, h.third, dest, source.Limits{}), source.SourceUnavailable, "not empty")
	assert.FileExists(t, filepath.Join(dest, "mine"))
}

func TestBoundsHaveOneReason(t *testing.T) {
	noise := incompressible
	for name, test := range map[string]struct {
		files    map[string]gittest.File
		filter   bool
		limits   source.Limits
		resolves bool
		checkout bool
	}{
		"a large file, and a filter":      {map[string]gittest.File{"l": text(noise(1 << 20)), "s": text("x")}, true, source.Limits{Bytes: 256 << 10}, true, false},
		"a large file, and no filter":     {map[string]gittest.File{"l": text(noise(1 << 20)), "s": text("x")}, false, source.Limits{Bytes: 256 << 10}, false, false},
		"many files":                      {manyFiles(50), true, source.Limits{Entries: 49}, false, false},
		"as many files as are accepted":   {manyFiles(50), true, source.Limits{Entries: 50}, true, true},
		"a file that inflates enormously": {map[string]gittest.File{"l": text(strings.Repeat("\x00", 32<<20))}, false, source.Limits{Bytes: 1 << 20}, false, false},
		"one file in a thousand places":   {samePlaces(100, noise(60<<10)), true, source.Limits{Bytes: 1 << 20}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := gittest.New(t).Configure(fmt.Sprintf("uploadpack.allowFilter=%t", test.filter))
			commit := r.Commit("main", test.files)
			repository := overHTTP(t, r)
			_, err := (&source.Resolver{Limits: test.limits}).Resolve(t.Context(), repository)
			if test.resolves {
				require.NoError(t, err)
			} else {
				requireReason(t, err, source.RepositoryTooLarge)
			}
			err = source.Checkout(t.Context(), repository, commit, filepath.Join(t.TempDir(), "dest"), test.limits)
			if test.checkout {
				require.NoError(t, err)
			} else {
				requireReason(t, err, source.RepositoryTooLarge)
			}
		})
	}
}

func TestAHistoryTooLongToLookThroughAsksForABranch(t *testing.T) {
	r := gittest.New(t).Configure("uploadpack.allowFilter=true")
	var last []string
	var first string
	for i := range 30 {
		last = []string{r.CommitTree("main", r.Tree(), fmt.Sprint(i), last...)}
		if i == 0 {
			first = last[0]
		}
	}
	_, err := (&source.Resolver{Limits: source.Limits{Commits: 20}}).Resolve(t.Context(), source.Repository{URL: overDaemon(t, r).URL, Ref: first[:10]})
	requireReason(t, err, source.RefNotFound, "Give a branch or tag")
}

func TestTheTimeoutAlsoEndsTheReadingOfAPack(t *testing.T) {
	r := filled(t)
	_, err := (&source.Resolver{Limits: source.Limits{Timeout: time.Nanosecond}}).Resolve(t.Context(), overHTTP(t, r))
	requireReason(t, err, source.SourceUnreachable, "within 1ns")
}
