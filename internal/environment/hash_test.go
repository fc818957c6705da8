package environment_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/environment"
)

func hashOf(t *testing.T, files repository, base string, edits ...edit) string {
	t.Helper()
	got, err := environment.Detect(files, options(edits...))
	require.NoError(t, err)
	if got.BaseImage != "" {
		got = got.Pin(base)
	}
	return got.Hash()
}

func TestWhatChangesTheHash(t *testing.T) {
	repo := repository{
		"tier1/intro/a.ipynb": "{}", "tier1/requirements.txt": "-r ../base.txt\n-c ../pins.txt\nnumpy==1\n", "base.txt": "six==1", "pins.txt": "x==1",
		"README.md": "# x",
	}
	local := repository{"tier1/intro/a.ipynb": "{}", "requirements.txt": "-e .", "setup.py": "setup()"}
	linked := repository{"tier1/intro/a.ipynb": "{}", "requirements.txt": "->shared/all.txt", "shared/all.txt": "numpy==1", "shared/other.txt": ""}
	own := repository{
		"tier1/intro/a.ipynb": "{}", "tier1/intro/Dockerfile": "FROM a\nCOPY r.txt .\n", "tier1/intro/r.txt": "numpy", "README.md": "",
	}
	rooted := own.with("tier1/intro/Dockerfile", "FROM a\nCOPY tier1/intro/r.txt .\n")
	tests := map[string]struct {
		before, after repository
		changes       bool
	}{
		"nothing":                                    {repo, repo, false},
		"a notebook":                                 {repo, repo.with("tier1/intro/a.ipynb", "{ }"), false},
		"a comment in an unrelated file":             {repo, repo.with("README.md", "# y"), false},
		"a new unrelated file":                       {repo, repo.with("src/x.py", ""), false},
		"a requirement":                              {repo, repo.with("tier1/requirements.txt", "-r ../base.txt\n-c ../pins.txt\nnumpy==2\n"), true},
		"a requirement of an include":                {repo, repo.with("base.txt", "six==2"), true},
		"a constraint":                               {repo, repo.with("pins.txt", "x==2"), true},
		"the same include under another name":        {repo, repo.without("base.txt").with("tier1/requirements.txt", "-r ../b.txt\n-c ../pins.txt\nnumpy==1\n", "b.txt", "six==1"), true},
		"a requirements file nearer to the notebook": {repo, repo.with("tier1/intro/requirements.txt", "numpy==1"), true},
		"a Dockerfile that is not used":              {repo, repo.with("Dockerfile", "FROM a"), false},
		"any file beside local paths":                {local, local.with("src/x.py", ""), true},
		"a notebook beside local paths":              {local, local.with("tier1/intro/a.ipynb", "{ }"), true},
		"what a link leads to":                       {linked, linked.with("shared/all.txt", "numpy==2"), true},
		"a neighbour of what a link leads to":        {linked, linked.with("shared/other.txt", "x"), false},
		"a link that becomes the file":               {linked, linked.with("requirements.txt", "numpy==1"), false},
		"an own Dockerfile":                          {own, own.with("tier1/intro/Dockerfile", "FROM a\nCOPY r.txt /x\n"), true},
		"a file of an own Dockerfile's context":      {own, own.with("tier1/intro/r.txt", "pandas"), true},
		"a notebook of an own Dockerfile's context":  {own, own.with("tier1/intro/a.ipynb", "{ }"), true},
		"any file where the root is the context":     {rooted, rooted.with("README.md", "x"), true},
		"a file outside an own Dockerfile's context": {own, own.with("README.md", "x"), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before, after := hashOf(t, test.before, pinned), hashOf(t, test.after, pinned)
			assert.Regexp(t, `^[0-9a-f]{64}$`, before)
			assert.Equal(t, test.changes, before != after)
		})
	}
}

func TestTheHashIsOfTheImageAndNotOfItsName(t *testing.T) {
	files := repository{"requirements.txt": "numpy==1"}
	named := func(name string) edit { return func(o *environment.Options) { o.BaseImage = name } }
	first := hashOf(t, files, pinned)
	assert.Equal(t, first, hashOf(t, files, pinned, named("python:3")), "two names of one image")
	assert.Equal(t, first, hashOf(t, files, pinned, named(pinned)), "the image by its digest")
	assert.NotEqual(t, first, hashOf(t, files, strings.Replace(pinned, "aa", "bb", 1)), "another image of the same name")
	assert.NotEqual(t, first, hashOf(t, files.with("requirements.txt", ""), pinned))
}

func TestThePartsOfTheCallerCountEachByItself(t *testing.T) {
	got, err := environment.Detect(repository{"requirements.txt": "numpy==1"}, options())
	require.NoError(t, err)
	got = got.Pin(pinned)
	hashes := map[string]bool{}
	for _, parts := range [][]string{nil, {""}, {"a"}, {"a", "b"}, {"b", "a"}, {"ab"}, {"a", "b", ""}, {"requirements.txt"}} {
		hashes[got.Hash(parts...)] = true
	}
	assert.Len(t, hashes, 8)
	assert.Equal(t, got.Hash("a", "b"), got.Hash("a", "b"))
}
