package environment_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/testing/golden"
)

func TestGeneratedDockerfiles(t *testing.T) {
	named := func(name string) func(*environment.Options) {
		return func(o *environment.Options) { o.RequirementsFile = name }
	}
	const odd = "it's $HOME/\"q\" <<EOF.txt"
	tests := map[string]struct {
		files  repository
		edit   func(*environment.Options)
		copied []string
	}{
		"base-image":   {repository{}, nil, nil},
		"requirements": {repository{"requirements.txt": "pandas==2.2.0\n"}, nil, []string{"requirements.txt"}},
		"includes": {repository{
			"tier1/requirements.txt": "-r ../common/base.txt\n-c constraints.txt\npandas\n",
			"common/base.txt":        "numpy\n", "tier1/constraints.txt": "numpy<2\n",
		}, func(o *environment.Options) { o.BaseImage = "10.88.0.1:5000/team/base:7" },
			[]string{"tier1/requirements.txt", "common/base.txt", "tier1/constraints.txt"}},
		"local-paths":      {repository{"tier1/requirements.txt": "-e .\npandas\n", "tier1/setup.py": ""}, nil, []string{"."}},
		"hashes":           {repository{"requirements.txt": "pandas==2.2.0 \\\n    --hash=sha256:00\n"}, nil, []string{"requirements.txt"}},
		"odd-names":        {repository{odd: "a\n"}, named(odd), []string{odd}},
		"instruction-name": {repository{"RUN id #.txt": "-e './USER 0'"}.with("USER 0/setup.py", ""), named("RUN id #.txt"), []string{"."}},
		"asked-by-digest":  {repository{}, func(o *environment.Options) { o.BaseImage = pinned }, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			edit := test.edit
			if edit == nil {
				edit = func(*environment.Options) {}
			}
			got, err := environment.Detect(test.files, options(edit))
			require.NoError(t, err)
			assert.Empty(t, got.Dockerfile)
			assert.Equal(t, test.copied, environment.Copied(got))
			golden.Text(t, name+".Dockerfile", got.Pin(pinned).Dockerfile)
		})
	}
}

// TestTheNeedsAreResolvedWithTheFile holds that pip makes the runner's needs and the file fit together.
func TestTheNeedsAreResolvedWithTheFile(t *testing.T) {
	tests := map[string]struct {
		files repository
		want  string
	}{
		"a pin of what they bring along":   {repository{"requirements.txt": "traitlets==4.3\n"}, `","nbclient","nbformat","ipykernel"]`},
		"constraints":                      {repository{"requirements.txt": "-c c.txt\npandas\n", "c.txt": "ipykernel==6.29\n"}, `","nbclient","nbformat","ipykernel"]`},
		"a package of the repository":      {repository{"requirements.txt": "-e .\n", "setup.py": ""}, `","nbclient","nbformat","ipykernel"]`},
		"the file names one of them":       {repository{"requirements.txt": "IPyKernel==6.29\n"}, `","nbclient","nbformat"]`},
		"an include names one by address":  {repository{"requirements.txt": "-r b.txt\n", "b.txt": "nbclient @ git+https://example.com/a@main\n"}, `","nbformat","ipykernel"]`},
		"the file names all of them":       {repository{"requirements.txt": "ipykernel\nnbclient\nnbformat\n"}, `"]`},
		"named where a marker holds":       {repository{"requirements.txt": "ipykernel==6.29 ; python_version < '3.9'\n"}, `","nbclient","nbformat","ipykernel"]`},
		"hashes, which the needs have not": {repository{"requirements.txt": "pandas==2 --hash=sha256:00\n"}, `"]`},
		"hashes of an include":             {repository{"requirements.txt": "-r b.txt\n", "b.txt": "pandas==2 --hash=sha256:00\n"}, `"]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := environment.Detect(test.files, options())
			require.NoError(t, err)
			assert.Contains(t, got.Pin(pinned).Dockerfile, `"--requirement=/opt/notebook-validator/environment/requirements.txt`+test.want+"\n")
		})
	}
}

// TestAChangedRequirementReusesTheLayersAbove holds that what seldom changes comes first.
func TestAChangedRequirementReusesTheLayersAbove(t *testing.T) {
	built := func(files repository) []string {
		got, err := environment.Detect(files, options())
		require.NoError(t, err)
		return strings.Split(got.Pin(pinned).Dockerfile, "\n")
	}
	bare, plain := built(repository{}), built(repository{"requirements.txt": "a"})
	needs := 0
	for i, line := range bare {
		if strings.Contains(line, "nbclient") {
			needs = i
		}
	}
	require.Positive(t, needs)
	assert.Equal(t, bare[:needs+1], plain[:needs+1], "the runner's needs are a layer that all environments share")
	assert.Equal(t, plain, built(repository{"requirements.txt": "b"}), "the text of the file is not part of the Dockerfile")
}

func TestPinKeepsWhatItWasCalledOn(t *testing.T) {
	got, err := environment.Detect(repository{}, options())
	require.NoError(t, err)
	done := got.Pin(pinned)
	assert.Equal(t, pinned, done.BaseImage)
	assert.Equal(t, "docker.io/library/python:3.12", got.BaseImage)
	assert.Equal(t, done.Dockerfile, done.Pin(pinned).Dockerfile, "pinning twice changes nothing")
}
