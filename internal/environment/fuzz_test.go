package environment_test

import (
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/environment"
)

// FuzzRequirements holds that no content of a requirements file panics, leaves the repository or adds an instruction.
func FuzzRequirements(f *testing.F) {
	for _, seed := range []string{
		"pandas==2.2.0\nnumpy", "-r b.txt\n-c ../c.txt", "-e .[x]\n./pkg;a", "-r \\\n'b.txt", "\xff\xfe-\x00r\x00", "\ufeff#\n-f wheels",
		"pkg @ file:../../x", "-r r.txt", "--requirement=/etc/passwd", "-r \"a\nRUN id\"", "-rb.txt # c", "\x00\x1c-r\tb.txt",
		"-c c.txt\na;(os_name=='nt'or'x'in sys_platform", "-i ./c.txt\n./b.whl ; python_version > '3'", "IPyKernel==1\n-r b.txt",
	} {
		f.Add(seed, "b.txt", "-c c.txt")
	}
	f.Add("-r 'a b/$X.txt'", "a/a b/$X.txt", "./pkg")
	f.Fuzz(func(t *testing.T, text, otherName, otherText string) {
		files := repository{"a/r.txt": text, "a/b.txt": otherText, "c.txt": "x", otherName: otherText}
		got, err := detectFile(files, "a/r.txt")
		if err != nil {
			require.NotEmpty(t, reasonOf(t, err))
			require.LessOrEqual(t, len(err.Error()), 1500)
			return
		}
		for _, line := range got.Unpinned {
			require.LessOrEqual(t, len(line), 500)
			require.NotContains(t, line, "\n")
		}
		for _, file := range environment.Copied(got) {
			if file != "." {
				require.Contains(t, files, file)
			}
		}
		for _, line := range strings.Split(strings.TrimSuffix(got.Pin(pinned).Dockerfile, "\n"), "\n") {
			require.Regexp(t, `^(# Generated|# The base image is docker\.io/library/python:3\.12\.$|FROM docker\.io/library/python@sha256:a{64}$|USER |ARG |RUN \["python3",|COPY \["\./|WORKDIR )`, line)
		}
	})
}

// FuzzDockerfile holds that no Dockerfile of a repository panics, and that what is taken from it stays in its context.
func FuzzDockerfile(f *testing.F) {
	for _, seed := range []string{
		"FROM python:3.12\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n", "FROM a\nADD https://x/y.tgz /\nCOPY --from=b /x /y",
		"FROM a\nCOPY <<EOF /x\nhello\nEOF\nCOPY [\"a b\", \"c/\"]", "# escape=`\nFROM a\nCOPY dir`\\x c:\\", "FROM a\nRUN --mount=type=bind,source=x cat",
		"FROM a\nCOPY ${A:-b}/c* ../../d \"e f\" .", "FROM a\nONBUILD COPY . .", "\ufeffFROM a\n\nCOPY \\\n  a \\\n\n b ./", "#\n# =\nFROM", "HEALTHCHECK NONE",
		"FROM a\nCOPY <<-\"E\" <<F /\n\tx\n\tE\nF", "// syntax=x", "#syntax=a\n#escape=\\\nFROM a",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		sources, err := environment.ContextSources(text)
		if err != nil {
			require.LessOrEqual(t, len(err.Error()), 600)
			require.NotContains(t, err.Error(), "\n")
		}
		for _, source := range sources {
			require.Equal(t, path.Clean(source), source)
			require.False(t, path.IsAbs(source) || source == "." || source == ".." || strings.HasPrefix(source, "../"), source)
		}
	})
}
