package environment_test

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/environment"
)

// pinned is a base image as the controller resolves it.
var pinned = "docker.io/library/python@sha256:" + strings.Repeat("a", 64)

// repository is a tree of files by path; a directory exists when a file lies under it. A content with an arrow before it
// is a link's target, from the root.
type repository map[string]string

func (r repository) Exists(path string) bool {
	if path == "." {
		return true
	}
	for name := range r {
		if name == path || strings.HasPrefix(name, path+"/") {
			return true
		}
	}
	return false
}

func (r repository) Mode(path string) filemode.FileMode {
	switch text, isFile := r[path]; {
	case strings.HasPrefix(text, "->"):
		return filemode.Symlink
	case isFile:
		return filemode.Regular
	case r.Exists(path):
		return filemode.Dir
	}
	return filemode.Empty
}

func (r repository) Read(path string) ([]byte, error) {
	text, ok := r[path]
	if len(text) >= 64<<10 {
		return nil, errors.New("the file is too large to be read here")
	}
	if !ok {
		return nil, errors.New("no such file")
	}
	if target, isLink := strings.CutPrefix(text, "->"); isLink {
		return r.Read(target)
	}
	return []byte(text), nil
}

func (r repository) ObjectID(path string) string {
	sum := sha1.New() //nolint:gosec // as git does
	for _, name := range r.Paths() {
		if path == "." || name == path || strings.HasPrefix(name, path+"/") {
			text, _ := r.Read(name)
			sum.Write([]byte(strings.TrimPrefix(name, path) + "\x00" + string(text) + "\x00"))
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func (r repository) Paths() []string { return slices.Sorted(maps.Keys(r)) }

// with is the repository with other files besides, or instead.
func (r repository) with(pairs ...string) repository {
	all := maps.Clone(r)
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}

func (r repository) without(paths ...string) repository {
	left := maps.Clone(r)
	for _, p := range paths {
		delete(left, p)
	}
	return left
}

func options(edit ...func(*environment.Options)) environment.Options {
	o := environment.Options{NotebookPath: "tier1/intro/a.ipynb", BaseImage: "python:3.12", AutoGenerateRequirements: true}
	for _, e := range edit {
		e(&o)
	}
	return o
}

func reasonOf(t *testing.T, err error) environment.Reason {
	t.Helper()
	var e *environment.Error
	require.ErrorAs(t, err, &e)
	return e.Reason
}

func TestDetectTakesTheFirstHitOfTheChain(t *testing.T) {
	everything := repository{
		"prod.txt": "a", "custom/one.txt": "a", "tier1/intro/requirements.txt": "a", "tier1/requirements.txt": "a",
		"requirements.txt": "a", "tier1/intro/Dockerfile": "FROM a", "Dockerfile": "FROM b", "docker/Own": "FROM c",
	}
	noRequirements := everything.without("tier1/intro/requirements.txt", "tier1/requirements.txt", "requirements.txt")
	named := func(o *environment.Options) { o.RequirementsFile = "./prod.txt" }
	chain := func(o *environment.Options) { o.RequirementsSources = []string{"absent.txt", "custom/one.txt"} }
	off := func(o *environment.Options) { o.AutoGenerateRequirements = false }

	tests := map[string]struct {
		files  repository
		edit   []func(*environment.Options)
		source environment.Source
		path   string
	}{
		"a named file wins over everything":    {everything, []func(*environment.Options){named, chain}, environment.RequirementsFile, "prod.txt"},
		"the user's chain comes next":          {everything, []func(*environment.Options){chain}, environment.RequirementsSources, "custom/one.txt"},
		"a chain without a hit falls through":  {everything.without("custom/one.txt"), []func(*environment.Options){chain}, environment.NotebookDirectory, "tier1/intro/requirements.txt"},
		"the notebook's directory comes next":  {everything, nil, environment.NotebookDirectory, "tier1/intro/requirements.txt"},
		"the tier directory comes next":        {everything.without("tier1/intro/requirements.txt"), nil, environment.TierDirectory, "tier1/requirements.txt"},
		"the root comes next":                  {everything.without("tier1/intro/requirements.txt", "tier1/requirements.txt"), nil, environment.RepositoryRoot, "requirements.txt"},
		"a Dockerfile beside the notebook":     {noRequirements, nil, environment.Dockerfile, "tier1/intro/Dockerfile"},
		"a Dockerfile at the root":             {repository{"Dockerfile": "FROM b"}, nil, environment.Dockerfile, "Dockerfile"},
		"a named Dockerfile wins over others":  {noRequirements, []func(*environment.Options){func(o *environment.Options) { o.Dockerfile = "docker/Own" }}, environment.Dockerfile, "docker/Own"},
		"without generation the chain is last": {everything, []func(*environment.Options){off, named, chain}, environment.Dockerfile, "tier1/intro/Dockerfile"},
		"nothing leaves the base image":        {repository{"tier1/intro/a.ipynb": "{}"}, nil, environment.BaseImage, ""},
		"nothing and no generation":            {repository{"requirements.txt": "a"}, []func(*environment.Options){off}, environment.BaseImage, ""},
		"a notebook at the root":               {everything, []func(*environment.Options){func(o *environment.Options) { o.NotebookPath = "a.ipynb" }}, environment.NotebookDirectory, "requirements.txt"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := environment.Detect(test.files, options(test.edit...))
			require.NoError(t, err)
			assert.Equal(t, test.source, got.Source)
			assert.Equal(t, test.path, got.Path)
			assert.Regexp(t, `^\S.*\.$`, got.Why)
			if got.Source == environment.Dockerfile {
				assert.Equal(t, test.files[test.path], got.Dockerfile)
				assert.Empty(t, got.BaseImage)
			} else {
				assert.Equal(t, "docker.io/library/python:3.12", got.BaseImage)
				assert.Equal(t, ".", got.ContextDir)
			}
		})
	}
}

func TestDetectRefuses(t *testing.T) {
	tests := map[string]struct {
		files  repository
		edit   func(*environment.Options)
		reason environment.Reason
		says   string
	}{
		"a missing requirementsFile":     {repository{"requirements.txt": ""}, func(o *environment.Options) { o.RequirementsFile = "prod.txt" }, environment.RequirementsNotFound, `"prod.txt"`},
		"a requirementsFile outside":     {repository{}, func(o *environment.Options) { o.RequirementsFile = "../prod.txt" }, environment.RequirementsInvalid, "relative to the root"},
		"an absolute requirementsFile":   {repository{}, func(o *environment.Options) { o.RequirementsFile = "/etc/passwd" }, environment.RequirementsInvalid, "relative to the root"},
		"a source outside":               {repository{}, func(o *environment.Options) { o.RequirementsSources = []string{"a/../../b"} }, environment.RequirementsInvalid, "requirementsSources[0]"},
		"a missing dockerfile":           {repository{"Dockerfile": "FROM a"}, func(o *environment.Options) { o.Dockerfile = "docker/Own" }, environment.DockerfileNotFound, `"docker/Own"`},
		"a dockerfile outside":           {repository{}, func(o *environment.Options) { o.Dockerfile = "/Dockerfile" }, environment.DockerfileNotFound, `"/Dockerfile"`},
		"an unreadable Dockerfile":       {repository{"Dockerfile/x": ""}, nil, environment.DockerfileInvalid, "Dockerfile cannot be read"},
		"an unreadable requirements.txt": {repository{"requirements.txt/x": ""}, nil, environment.RequirementsInvalid, "requirements.txt cannot be read"},
		"no base image":                  {repository{}, func(o *environment.Options) { o.BaseImage = "" }, environment.BaseImageInvalid, "baseImage"},
		"a base image with a line break": {repository{}, func(o *environment.Options) { o.BaseImage = "python\nRUN id" }, environment.BaseImageInvalid, "baseImage"},
		"a base image with a variable":   {repository{}, func(o *environment.Options) { o.BaseImage = "$HOME" }, environment.BaseImageInvalid, "baseImage"},
		"a file name with a line break":  {repository{"a\nb.txt": ""}, func(o *environment.Options) { o.RequirementsFile = "a\nb.txt" }, environment.RequirementsInvalid, "Rename the file"},
		"a file name that is a pattern":  {repository{"a*.txt": ""}, func(o *environment.Options) { o.RequirementsFile = "a*.txt" }, environment.RequirementsInvalid, "Rename the file"},
		"a file name that is not UTF-8":  {repository{"a\xff": ""}, func(o *environment.Options) { o.RequirementsFile = "a\xff" }, environment.RequirementsInvalid, "Rename the file"},
		"a file name with a backslash":   {repository{`a\b`: ""}, func(o *environment.Options) { o.RequirementsFile = `a\b` }, environment.RequirementsInvalid, "Rename the file"},
		"a requirements file of 64 KiB":  {repository{"requirements.txt": strings.Repeat("a", 64<<10)}, nil, environment.RequirementsInvalid, "Split a file that is too large"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			edit := func(o *environment.Options) {
				if test.edit != nil {
					test.edit(o)
				}
			}
			_, err := environment.Detect(test.files, options(edit))
			require.Error(t, err)
			assert.Equal(t, test.reason, reasonOf(t, err))
			assert.Contains(t, err.Error(), test.says)
		})
	}
}
