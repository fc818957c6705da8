package source_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/source/internal/gittest"
)

func TestObjectIDsAreThoseOfGit(t *testing.T) {
	r := gittest.New(t)
	r.Commit("main", map[string]gittest.File{
		"a.ipynb": {Content: "{}"}, "tier/requirements.txt": {Content: "numpy"}, "tier/deep/x": {Content: "x"},
		"link.txt": {Content: "tier/requirements.txt", Mode: "120000"}, "dir": {Content: "tier", Mode: "120000"},
		"here": {Content: ".", Mode: "120000"}, "broken": {Content: "gone", Mode: "120000"},
	})
	id := func(path string) string { return r.Git("", "rev-parse", "main:"+path) }
	snapshot, err := resolve(t, source.Repository{URL: r.ServeDaemon(t)}, "main")
	require.NoError(t, err)
	for name, test := range map[string]struct{ path, want string }{
		"a file":                     {"tier/requirements.txt", id("tier/requirements.txt")},
		"a path that is not clean":   {"./tier//deep/../requirements.txt", id("tier/requirements.txt")},
		"a directory":                {"tier", id("tier")},
		"a directory in another":     {"tier/deep", id("tier/deep")},
		"the root":                   {".", id("")},
		"a link is what it leads to": {"link.txt", id("tier/requirements.txt")},
		"a link to a directory":      {"dir", id("tier")},
		"a file behind a link":       {"dir/deep/x", id("tier/deep/x")},
		"a link to the root":         {"here", id("")},
		"a broken link":              {"broken", ""},
		"absent":                     {"none.txt", ""},
		"absolute":                   {"/a.ipynb", ""},
		"outside":                    {"../a.ipynb", ""},
		"empty":                      {"", ""},
	} {
		assert.Equal(t, test.want, snapshot.ObjectID(test.path), name)
	}
	assert.Equal(t, []string{"a.ipynb", "broken", "dir", "here", "link.txt", "tier/deep/x", "tier/requirements.txt"}, snapshot.Paths())
}

func TestTheObjectIDOfADirectoryFollowsItsContent(t *testing.T) {
	ids := map[string]bool{}
	for name, files := range map[string]map[string]gittest.File{
		"plain":      {"a.ipynb": {Content: "{}"}, "d/x": {Content: "x"}},
		"changed":    {"a.ipynb": {Content: "{}"}, "d/x": {Content: "y"}},
		"renamed":    {"a.ipynb": {Content: "{}"}, "d/y": {Content: "x"}},
		"executable": {"a.ipynb": {Content: "{}"}, "d/x": {Content: "x", Mode: "100755"}},
	} {
		r := gittest.New(t)
		r.Commit("main", files)
		snapshot, err := resolve(t, source.Repository{URL: r.ServeDaemon(t)}, "main")
		require.NoError(t, err, name)
		assert.Len(t, snapshot.ObjectID("d"), 40, name)
		ids[snapshot.ObjectID("d")] = true
	}
	assert.Len(t, ids, 4)
}
