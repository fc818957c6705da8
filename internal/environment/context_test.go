package environment_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/environment"
)

func TestWhatADockerfileTakesFromItsContext(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"a file":                             {"COPY requirements.txt .", []string{"requirements.txt"}},
		"several files":                      {"COPY a b/c ./d/ /app/", []string{"a", "b/c", "d"}},
		"the JSON form":                      {`COPY ["a b", "c/", "/app/"]`, []string{"a b", "c"}},
		"ADD":                                {"ADD data.tar.gz /data", []string{"data.tar.gz"}},
		"lower case":                         {"copy a /", []string{"a"}},
		"the whole context":                  {"COPY . .\nCOPY ./ /x\nCOPY / /y", nil},
		"an absolute path is of the context": {"COPY /src/x /", []string{"src/x"}},
		"upwards stops at the context":       {"COPY ../../x /", []string{"x"}},
		"another stage":                      {"COPY --from=builder /out /out\nCOPY --chown=1:1 --from=0 x y", nil},
		"other flags":                        {"COPY --chown=1000:1000 --chmod=755 run.sh /", []string{"run.sh"}},
		"addresses":                          {"ADD https://example.com/x.tgz /\nADD git@github.com:a/b.git /b\nADD --checksum=sha256:00 http://a/b /c", nil},
		"a pattern":                          {"COPY *.txt src/*.py data/[ab]/x conf?/y /app/", []string{"src", "data"}},
		"a variable":                         {"ARG D=src\nCOPY ${D}/x $D app/${D}/y /", []string{"app"}},
		"a here-document":                    {"COPY <<EOF <<-'END' extra.txt /app/\nCOPY not.this /\nEOF\nrun\nEND", []string{"extra.txt"}},
		"a here-document of RUN":             {"RUN <<EOF\nCOPY not.this /\nEOF\nCOPY this /", []string{"this"}},
		"a bind mount":                       {"RUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt", []string{"requirements.txt"}},
		"a bind mount by default":            {"RUN --mount=src=lib,target=/lib make", []string{"lib"}},
		"mounts of other kinds":              {"RUN --mount=type=cache,source=x,target=/c --mount=type=bind,from=a,source=y,target=/y --mount=type=secret,id=z --network=none make", nil},
		"continued lines and comments":       {"COPY a \\\n# note\n  b \\\n  /x/", []string{"a", "b"}},
		"quotes":                             {`COPY "a"  'b' /`, []string{"a", "b"}},
		"the same twice":                     {"COPY a /\nCOPY ./a /x", []string{"a"}},
		"for images made from this one":      {"ONBUILD COPY a /", nil},
		"too few words":                      {"COPY a", nil},
		"a broken variable":                  {"COPY ${a /", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := environment.ContextSources([]byte("FROM a AS builder\n" + test.text + "\n"))
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}

	got, err := environment.ContextSources([]byte("\ufeff# escape=`\nFROM a\nCOPY one `\n two\\three c:\\\n"))
	require.NoError(t, err)
	assert.Equal(t, []string{"one", `two\three`}, got)

	_, err = environment.ContextSources([]byte("FROM a\nRUN " + strings.Repeat("x", 70000)))
	require.ErrorContains(t, err, "max allowed size")
}

func TestTheContextOfADockerfile(t *testing.T) {
	tests := map[string]struct {
		files repository
		edits []edit
		want  string
	}{
		"what it copies lies beside it":          {repository{"tier1/intro/Dockerfile": "FROM a\nCOPY r.txt .", "tier1/intro/r.txt": ""}, nil, "tier1/intro"},
		"what it copies lies at the root":        {repository{"tier1/intro/Dockerfile": "FROM a\nCOPY tier1/r.txt .", "tier1/r.txt": ""}, nil, "."},
		"in both places":                         {repository{"tier1/intro/Dockerfile": "FROM a\nCOPY r.txt .", "tier1/intro/r.txt": "", "r.txt": ""}, nil, "tier1/intro"},
		"one thing in each place":                {repository{"tier1/intro/Dockerfile": "FROM a\nCOPY a b .", "tier1/intro/a": "", "b": ""}, nil, "tier1/intro"},
		"nowhere":                                {repository{"tier1/intro/Dockerfile": "FROM a\nCOPY a ."}, nil, "tier1/intro"},
		"found, and it copies everything":        {repository{"tier1/intro/Dockerfile": "FROM a\nCOPY . ."}, nil, "tier1/intro"},
		"found, and it copies nothing":           {repository{"tier1/intro/Dockerfile": "FROM a"}, nil, "tier1/intro"},
		"found at the root":                      {repository{"Dockerfile": "FROM a\nCOPY x ."}, nil, "."},
		"named, and it copies everything":        {repository{"docker/Own": "FROM a\nCOPY . ."}, []edit{dockerfile("docker/Own")}, "."},
		"named, and it copies from its side":     {repository{"docker/Own": "FROM a\nCOPY x .", "docker/x": ""}, []edit{dockerfile("docker/Own")}, "docker"},
		"named, and it copies from the root":     {repository{"docker/Own": "FROM a\nCOPY docker/x src .", "docker/x": "", "src/y": ""}, []edit{dockerfile("./docker/Own")}, "."},
		"named, and what it copies is nowhere":   {repository{"docker/Own": "FROM a\nCOPY x ."}, []edit{dockerfile("docker/Own")}, "."},
		"a directory is copied":                  {repository{"tier1/intro/Dockerfile": "FROM a\nCOPY src/ .", "src/x": ""}, nil, "."},
		"the directory of a pattern is copied":   {repository{"tier1/intro/Dockerfile": "FROM a\nCOPY src/*.py .", "src/x.py": ""}, nil, "."},
		"a bind mount tells the context as well": {repository{"tier1/intro/Dockerfile": "FROM a\nRUN --mount=type=bind,source=r.txt,target=/r.txt x", "r.txt": ""}, nil, "."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := environment.Detect(test.files, options(test.edits...))
			require.NoError(t, err)
			assert.Equal(t, environment.Dockerfile, got.Source)
			assert.Equal(t, test.want, got.ContextDir)
			assert.Equal(t, test.files[got.Path], got.Dockerfile, "a Dockerfile of the repository is used as it is")
		})
	}
}

func TestADockerfileThatIsALink(t *testing.T) {
	const own = "FROM a\nCOPY x .\n"
	intro := repository{"tier1/intro/Dockerfile": "->docker/Dockerfile", "docker/Dockerfile": own, "tier1/intro/x": ""}
	tests := map[string]struct {
		files repository
		edits []edit
		says  string // empty where it is built
	}{
		"out of its directory": {intro, nil, "tier1/intro/Dockerfile is a link that leads out of tier1/intro, the directory that it would be built in. " +
			"Name docker/Dockerfile in buildConfig.dockerfile, or commit the file itself in place of the link."},
		"and it is named":                  {intro, []edit{dockerfile("tier1/intro/Dockerfile")}, "Name docker/Dockerfile in buildConfig.dockerfile"},
		"through another link":             {intro.with("tier1/intro/Dockerfile", "->tier1/link", "tier1/link", "->docker/Dockerfile"), nil, "Name docker/Dockerfile in"},
		"to one of two files":              {intro.with("tier2/Dockerfile", own), nil, "Name the file that it leads to in"},
		"to a file beside it":              {intro.with("tier1/intro/Dockerfile", "->tier1/intro/Dockerfile.gpu", "tier1/intro/Dockerfile.gpu", own+"# gpu\n"), nil, ""},
		"to a directory that begins alike": {intro.without("docker/Dockerfile").with("tier1/intro/Dockerfile", "->tier1/intro2/D", "tier1/intro2/D", own), nil, "Name tier1/intro2/D in"},
		"built at the root":                {intro.without("tier1/intro/x").with("x", ""), nil, ""},
		"its target is named":              {intro, []edit{dockerfile("docker/Dockerfile")}, ""},
		"it is not read":                   {intro.with("requirements.txt", ""), nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := environment.Detect(test.files, options(test.edits...))
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Equal(t, environment.DockerfileInvalid, reasonOf(t, err))
			assert.Contains(t, err.Error(), test.says)
		})
	}
}

func TestDockerfilesThatCannotBeBuilt(t *testing.T) {
	tests := map[string]struct{ text, says string }{
		"empty":                  {"", "file with no instructions"},
		"comments only":          {"# syntax=docker/dockerfile:1\n", "file with no instructions"},
		"an unknown instruction": {"FROM a\n\nCOPPY x y\n", "line 3 has an instruction that no builder knows: COPPY"},
		"a merge conflict":       {"FROM a\n<<<<<<< HEAD\nRUN x\n", "line 2 has an instruction that no builder knows"},
		"a pointer of Git LFS":   {"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "line 1 has an instruction"},
		"no FROM":                {"ARG A=1\nRUN x\n", "it has no FROM"},
		"an open here-document":  {"FROM a\nRUN <<EOF\nx\n", "line 2: unterminated heredoc"},
		"a broken ENV":           {"FROM a\nRUN x\nENV A\n", "line 3: "},
		"a bad escape":           {"# escape=x\nFROM a\n", "line 1: invalid escape token"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := environment.Detect(repository{"Dockerfile": test.text}, options())
			require.Error(t, err)
			assert.Equal(t, environment.DockerfileInvalid, reasonOf(t, err))
			assert.Contains(t, err.Error(), "Dockerfile is not a Dockerfile that can be built: ")
			assert.Contains(t, err.Error(), test.says)
		})
	}
}
