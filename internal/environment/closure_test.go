package environment_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/environment"
)

func detectFile(files repository, file string) (environment.Environment, error) {
	return environment.Detect(files, options(func(o *environment.Options) { o.RequirementsFile = file }))
}

func TestIncludesAreFoundAsPipFindsThem(t *testing.T) {
	others := repository{"a/other.txt": "", "a/con.txt": "", "a/my file.txt": "", "top.txt": "", "a/#hash.txt": "", "a/x.txt": ""}
	tests := map[string]struct {
		text string
		want []string
	}{
		"short option":                         {"-r other.txt", []string{"a/other.txt"}},
		"short option without a space":         {"-rother.txt", []string{"a/other.txt"}},
		"long option with equals":              {"--requirement=other.txt", []string{"a/other.txt"}},
		"long option with a space":             {"--requirement other.txt", []string{"a/other.txt"}},
		"shortened long option":                {"--requirem other.txt", []string{"a/other.txt"}},
		"require-hashes is not an include":     {"--require-hashes\nother.txt==1", nil},
		"constraint":                           {"-c con.txt\n--constraint=other.txt", []string{"a/con.txt", "a/other.txt"}},
		"upwards inside the repository":        {"-r ../top.txt", []string{"top.txt"}},
		"indented, with a comment":             {"   -r other.txt   # the rest", []string{"a/other.txt"}},
		"a hash inside a word is no comment":   {"-r #hash.txt\n-r './#hash.txt'", []string{"a/#hash.txt"}},
		"commented out":                        {"# -r gone.txt", nil},
		"quoted with a space":                  {"-r 'my file.txt'", []string{"a/my file.txt"}},
		"escaped space":                        {`-r my\ file.txt`, []string{"a/my file.txt"}},
		"continued line":                       {"-r \\\nother.txt", []string{"a/other.txt"}},
		"continued into a comment":             {"-r other.txt \\\n# note\n-r x.txt", []string{"a/other.txt", "a/x.txt"}},
		"continued at the end of the file":     {"-r other.txt\\", []string{"a/other.txt"}},
		"byte order mark and CRLF":             {"\ufeff-r other.txt\r\n-c con.txt\r\n", []string{"a/other.txt", "a/con.txt"}},
		"UTF-16 as PowerShell writes it":       {"\xff\xfe-\x00r\x00 \x00x\x00.\x00t\x00x\x00t\x00\r\x00\n\x00", []string{"a/x.txt"}},
		"UTF-16, big end first":                {"\xfe\xff\x00-\x00r\x00x\x00.\x00t\x00x\x00t", []string{"a/x.txt"}},
		"the same file twice":                  {"-r other.txt\n-r ./other.txt", []string{"a/other.txt"}},
		"URLs are left to pip":                 {"-r https://example.com/r.txt\n-c HTTP://example.com/c.txt", nil},
		"a requirement's own options":          {"pandas==1 --hash=sha256:0 -r gone.txt", nil},
		"an open quote is left to pip":         {"-r 'gone.txt", nil},
		"an option without value":              {"-r", nil},
		"other options":                        {"--index-url https://example.com/simple\n-i x\n--pre", nil},
		"a version control address":            {"-e git+https://example.com/a/b@main#egg=b\ngit+ssh://git@example.com/a.git", nil},
		"a package at an address":              {"pkg @ https://example.com/pkg-1.whl", nil},
		"an absolute path of the image":        {"/opt/wheels/a.whl\n-f /opt/wheels\n-e /srv/pkg", nil},
		"a marker with a slash":                {`pkg; platform_version == "a/b"`, nil},
		"extras are not a path":                {"pkg[a,b]>=1", nil},
		"a find-links address":                 {"-f https://example.com/wheels\n--find-links=https://example.com", nil},
		"form feeds and other line separators": {"x\f-r other.txt\u2028-r x.txt", []string{"a/other.txt", "a/x.txt"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := repository{"a/r.txt": test.text}
			for path, text := range others {
				files[path] = text
			}
			got, err := detectFile(files, "a/r.txt")
			require.NoError(t, err)
			assert.Equal(t, append([]string{"a/r.txt"}, test.want...), environment.Copied(got))
		})
	}
}

func TestLocalPathsBringTheWholeRepository(t *testing.T) {
	tests := map[string]struct {
		text    string
		files   []string
		workDir string
	}{
		"editable of the file's directory":                 {"-e .", []string{"a/setup.py"}, "a"},
		"editable with extras":                             {"-e .[test]", []string{"a/setup.py"}, "a"},
		"editable of a bare name":                          {"--editable=pkg", []string{"a/pkg/pyproject.toml"}, "a"},
		"a directory":                                      {"./pkg ; python_version > '3'", []string{"a/pkg/setup.py"}, "a"},
		"a wheel":                                          {"wheels/x-1.0-py3-none-any.whl", []string{"a/wheels/x-1.0-py3-none-any.whl"}, "a"},
		"an archive beside the file":                       {"x-1.0.tar.gz", []string{"a/x-1.0.tar.gz"}, "a"},
		"a relative file address":                          {"pkg @ file:./pkg#egg=pkg", []string{"a/pkg/setup.py"}, "a"},
		"a directory of wheels":                            {"-f ./wheels\nx", []string{"a/wheels/x.whl"}, "a"},
		"paths that exist only from the root":              {"-e ./lib\n./other", []string{"lib/setup.py", "other/setup.py"}, "."},
		"upwards inside the repository":                    {"-e ../lib", []string{"lib/setup.py"}, "a"},
		"wheels at the root":                               {"--find-links wheels\nx", []string{"wheels/x.whl"}, "."},
		"wheels beside the file and a package at the root": {"-f wheels\n-e ./lib", []string{"a/wheels/x.whl", "lib/setup.py"}, "."},
		"an escaped file address":                          {"pkg @ file:./my%20pkg", []string{"a/my pkg/setup.py"}, "a"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := repository{"a/r.txt": test.text}
			for _, file := range test.files {
				files[file] = ""
			}
			got, err := detectFile(files, "a/r.txt")
			require.NoError(t, err)
			assert.Equal(t, []string{"."}, environment.Copied(got))
			workDir := strings.TrimSuffix("/opt/notebook-validator/environment/"+test.workDir, "/.")
			assert.Contains(t, got.Pin(pinned).Dockerfile, "\nWORKDIR \""+workDir+"\"\n")
		})
	}
}

func TestIncludesThatCannotBeBuilt(t *testing.T) {
	deep, wide := repository{}, repository{"many.txt": ""}
	for i := range 100 {
		deep[fmt.Sprintf("deep%d.txt", i)] = fmt.Sprintf("-r deep%d.txt", i+1)
		wide[fmt.Sprintf("wide%d.txt", i)] = ""
		wide["many.txt"] += fmt.Sprintf("-r wide%d.txt\n", i)
	}
	tests := map[string]struct {
		files repository
		file  string
		says  string
	}{
		"missing":                {repository{"a/r.txt": "x\n\n-r gone.txt"}, "a/r.txt", `a/r.txt:3: includes "gone.txt", but the repository has no file a/gone.txt.`},
		"missing, one level in":  {repository{"r.txt": "-r b.txt", "b.txt": "-c gone.txt"}, "r.txt", `b.txt:1: includes "gone.txt"`},
		"outside":                {repository{"a/r.txt": "-r ../../x.txt"}, "a/r.txt", "outside the repository"},
		"absolute":               {repository{"r.txt": "-r /etc/passwd"}, "r.txt", "absolute path"},
		"itself":                 {repository{"r.txt": "-r ./r.txt"}, "r.txt", `r.txt:1: includes "./r.txt", which includes itself`},
		"a circle":               {repository{"r.txt": "-r b.txt", "b.txt": "\n-c r.txt"}, "r.txt", `b.txt:2: includes "r.txt", which includes itself`},
		"too deep":               {deep, "deep0.txt", "more than 16 files"},
		"too many":               {wide, "many.txt", "more than 64 files"},
		"a pattern":              {repository{"r.txt": "-r a?.txt", "a?.txt": ""}, "r.txt", "Rename the file"},
		"a local path outside":   {repository{"a/r.txt": "x\n-e ../../lib"}, "a/r.txt", `a/r.txt:2: the local path "../../lib" leads out`},
		"missing local path":     {repository{"a/r.txt": "./gone"}, "a/r.txt", "a/r.txt:1: the repository has no a/gone"},
		"missing wheel":          {repository{"a/r.txt": "./gone-1.0-py3-none-any.whl"}, "a/r.txt", "a/r.txt:1: the repository has no a/gone-1.0-py3-none-any.whl"},
		"missing, with a marker": {repository{"a/r.txt": "./gone ; sys_platform == 'win32'"}, "a/r.txt", "a/r.txt:1: the repository has no a/gone"},
		"an uninstallable path":  {repository{"r.txt": "./lib", "lib/x.py": ""}, "r.txt", "r.txt:1: lib has neither pyproject.toml nor setup.py"},
		"paths of two places":    {repository{"a/r.txt": "./one\n./two", "a/one/setup.py": "", "two/setup.py": ""}, "a/r.txt", ""},
		"a variable":             {repository{"r.txt": "-r ${DIR}/r.txt"}, "r.txt", "has a variable"},
		"a variable in a path":   {repository{"r.txt": "-e ./${DIR}"}, "r.txt", "has a variable"},
		"another encoding":       {repository{"r.txt": "a\nb # caf\xe9\n"}, "r.txt", "r.txt:2: the line is not UTF-8"},
		"too many lines":         {repository{"r.txt": "-r b.txt", "b.txt": strings.Repeat("a\n", 10001)}, "r.txt", "b.txt:10000: r.txt and what it includes have more than 10000 lines"},
		"a directory as include": {repository{"r.txt": "-r b", "b/x": ""}, "r.txt", "b cannot be read"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := detectFile(test.files, test.file)
			require.Error(t, err)
			reason := environment.RequirementsInvalid
			if strings.HasPrefix(name, "missing") || name == "paths of two places" {
				reason = environment.RequirementsNotFound
			}
			assert.Equal(t, reason, reasonOf(t, err))
			assert.Contains(t, err.Error(), test.says)
		})
	}
}
