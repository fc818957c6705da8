package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func requiring(lines ...string) func(*Run) {
	return func(run *Run) { run.Requirements = lines }
}

// repeated is a list of so many lines, each of so many bytes.
func repeated(lines, bytes int) []string {
	list := make([]string, lines)
	for i := range list {
		name := fmt.Sprintf("package-%d==", i)
		list[i] = name + strings.Repeat("1", bytes-len(name))
	}
	return list
}

func TestWhatPipFreezePrintsIsTaken(t *testing.T) {
	cases := map[string]string{
		"a version":                    "numpy==2.3.4",
		"a name in many letters":       "zope.interface_x-y2==7.1b1.post2.dev3+local.1",
		"a version of the old kind":    "python-debian===0.1.49+ubuntu2",
		"an address":                   "torch @ https://download.example.com/torch-2.9.0%2Bcpu-cp313-linux_x86_64.whl#sha256=0123abcd",
		"a file of conda":              "certifi @ file:///home/conda/feedstock_root/build_artifacts/certifi_1/source/certifi",
		"a repository":                 "tool @ git+ssh://git@git.example.com/team/tool.git@0123456789012345678901234567890123456789",
		"a clone":                      "-e git+https://git.example.com/team/tool.git@0123456#egg=tool&subdirectory=src",
		"a folder":                     "-e /srv/the team/größe",
		"a comment":                    "# Editable Git install with no remote (tool==1.0)",
		"credentials that are no ones": "a @ https://${USER}:${TOKEN}@host.example.com/a.whl",
		"no package":                   "",
	}
	for name, line := range cases {
		t.Run(name, func(t *testing.T) {
			want := with(makeRun(OutcomeCompleted, CellOK), requiring(strings.Split(line, "\n")...))
			if line == "" {
				want.Requirements = []string{}
			}
			got, err := ParseRun(encodeRun(t, want))
			require.NoError(t, err)
			assert.Equal(t, want, got)
			assert.Equal(t, want.Requirements, append([]string{}, New(subject, got, Judge(got)).Requirements...))
		})
	}
}

func TestAListThatPipFreezeCannotHavePrintedIsLeftOut(t *testing.T) {
	cases := map[string]struct {
		lines []string
		says  string
	}{
		"an index":               {[]string{"a==1", "--index-url https://evil.example.com"}, "line 2 of the list of packages is nothing that pip freeze prints"},
		"a short option":         {[]string{"-r /etc/passwd"}, "is nothing that pip freeze prints"},
		"an editable option":     {[]string{"-e"}, "is nothing that pip freeze prints"},
		"a name alone":           {[]string{"numpy"}, "is nothing that pip freeze prints"},
		"a range":                {[]string{"numpy>=1"}, "is nothing that pip freeze prints"},
		"an option behind":       {[]string{"numpy==1 --hash=sha256:0"}, "is nothing that pip freeze prints"},
		"an empty line":          {[]string{"a==1", ""}, "line 2"},
		"a space before":         {[]string{" a==1"}, "is nothing that pip freeze prints"},
		"two lines in one":       {[]string{"a==1\nb==1"}, "characters that cannot be printed"},
		"a carriage return":      {[]string{"# a\r--index-url x"}, "characters that cannot be printed"},
		"a line separator":       {[]string{"# a\u2028b"}, "characters that cannot be printed"},
		"a zero":                 {[]string{"a==1\x00"}, "characters that cannot be printed"},
		"a terminal sequence":    {[]string{"# \x1b[2J"}, "characters that cannot be printed"},
		"a control of 8 bits":    {[]string{"# \u009b2J"}, "characters that cannot be printed"},
		"a turned direction":     {[]string{"# \u202e"}, "characters that cannot be printed"},
		"an invisible letter":    {[]string{"a==1\u200b"}, "characters that cannot be printed"},
		"broken text":            {[]string{"# \xff"}, "characters that cannot be printed"},
		"an endless line":        {[]string{"# " + strings.Repeat("x", maxFieldBytes)}, "line 1 of the list of packages has more than 4096 bytes"},
		"endless lines":          {repeated(maxRequirements+1, 20), "has 10001 lines"},
		"more than is kept":      {repeated(129, 2<<10), "larger than 256 KiB"},
		"a flood of empty lines": {make([]string, 1<<16), "has 65536 lines"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			run, err := ParseRun(encodeRun(t, with(makeRun(OutcomeCompleted, CellOK), requiring(test.lines...))))
			require.NoError(t, err, "the record of the cells is none the worse for it")
			assert.Empty(t, run.Requirements, "all or nothing")
			report := New(subject, run, Judge(run))
			assert.True(t, Judge(run).Passed)
			assert.Empty(t, report.Lock())
			assert.Empty(t, report.LockHash())
			require.Len(t, report.Notes, 1)
			assert.Contains(t, report.Notes[0], "requirements.lock was left out: ")
			assert.Contains(t, report.Notes[0], test.says)
		})
	}
}

func TestTheLockSaysWhatItWasTakenFrom(t *testing.T) {
	report := passedReport()
	const lines = "numpy==2.3.4\npandas==2.3.3\n"
	assert.Equal(t, "# pip freeze of image "+subject.Image+" before the first cell of "+subject.Notebook+
		" at commit "+subject.Commit+"\n"+lines, report.Lock())
	sum := sha256.Sum256([]byte(lines))
	assert.Equal(t, hex.EncodeToString(sum[:]), report.LockHash())
}

func TestTheHashIsOfThePackagesOnly(t *testing.T) {
	elsewhere := subject
	elsewhere.Image, elsewhere.Commit, elsewhere.Notebook = "other\n-r x", "", "other.ipynb"
	run := makeRun(OutcomeError, CellError)
	same := New(elsewhere, run, Judge(run))
	assert.Equal(t, passedReport().LockHash(), same.LockHash())
	assert.True(t, strings.HasPrefix(same.Lock(), "# pip freeze of image other -r x before the first cell of other.ipynb at commit unknown\nnumpy=="))

	run.Requirements[1] = "pandas==2.3.4"
	assert.NotEqual(t, same.LockHash(), New(elsewhere, run, Judge(run)).LockHash())
}

func TestWithoutARecordThereIsNoLock(t *testing.T) {
	report := New(subject, nil, Unreadable(assert.AnError))
	assert.Empty(t, report.Lock())
	assert.Empty(t, report.LockHash())
}

func TestCredentialsLeaveTheLock(t *testing.T) {
	cases := map[string]struct{ line, want string }{
		"user and password": {
			"-e git+https://me:secret@host/r.git@012#egg=a", "-e git+https://****@host/r.git@012#egg=a"},
		"a token":                 {"a @ https://ghp_secret@host/a.whl#sha256=0", "a @ https://****@host/a.whl#sha256=0"},
		"a password with an at":   {"a @ https://me:sec@ret@host/a.whl", "a @ https://****@host/a.whl"},
		"a password of git":       {"a @ git+ssh://git:secret@host/r", "a @ git+ssh://****@host/r"},
		"a variable and a secret": {"a @ https://${USER}:secret@host/a", "a @ https://****@host/a"},
		"a signed address":        {"a @ https://host/a.whl?X-Signature=secret#sha256=0", "a @ https://host/a.whl?****#sha256=0"},
		"two addresses":           {"# https://a:secret@b https://c:secret@d", "# https://****@b https://****@d"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			run, err := ParseRun(encodeRun(t, with(makeRun(OutcomeCompleted, CellOK), requiring("a==1", test.line))))
			require.NoError(t, err)
			report := New(subject, run, Judge(run))
			assert.Equal(t, []string{"a==1", test.want}, report.Requirements)
			assert.Len(t, report.Notes, 1)
			encoded, err := Encode(report)
			require.NoError(t, err)
			assert.NotContains(t, string(encoded)+report.Lock(), "secret")
		})
	}
}

func TestTheLockAndTheReportShareTheirRoom(t *testing.T) {
	cases := map[string]struct {
		lines []string
		cells int
		kept  bool
	}{
		"a usual list and few cells":         {repeated(400, 30), 10, true},
		"a usual list and a flood of text":   {repeated(400, 30), 3000, true},
		"the largest list":                   {repeated(127, 2<<10), 100, true},
		"the largest list and many cells":    {repeated(127, 2<<10), 4000, true},
		"a list that JSON makes much larger": {[]string{"# " + strings.Repeat(`"`, 4000)}, 10, true},
		"a list that leaves no room":         {slices.Repeat([]string{"# " + strings.Repeat(`"`, 4000)}, 65), 10, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			run, err := ParseRun(encodeRun(t, with(largeRun(test.cells, 2000), requiring(test.lines...))))
			require.NoError(t, err)
			require.NotEmpty(t, run.Requirements)
			bounded, err := Bound(New(subject, run, Judge(run)), MaxReportBytes)
			require.NoError(t, err)
			encoded, err := Encode(bounded)
			require.NoError(t, err)
			assert.LessOrEqual(t, len(encoded)+len(bounded.Lock()), MaxReportBytes)
			requireFailedCell(t, bounded)
			if test.kept {
				assert.Equal(t, test.lines, bounded.Requirements, "the list is never shortened")
				assert.Empty(t, bounded.Notes)
				return
			}
			assert.Empty(t, bounded.Requirements)
			assert.Equal(t, []string{"requirements.lock was left out: the list of packages leaves no room for the report"}, bounded.Notes)
		})
	}
}

// FuzzRequirements looks for lines that would be more than one line of
// requirements.lock, an option of pip, or credentials.
func FuzzRequirements(f *testing.F) {
	for _, seed := range []string{
		"numpy==2.3.4", "-e git+https://me:secret@host/r.git@012#egg=a", "# a\u2028b", "--index-url x", "a==1\n-r x",
		"a @ file:///x?y", "a===1", "\xff", "a @ https://${A}:${B}@c", " a==1", "-e /a -r x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		run := with(makeRun(OutcomeCompleted, CellOK), requiring(line))
		dropStrangeRequirements(run)
		report := New(subject, run, Judge(run))
		lock := report.Lock()
		if lock == "" {
			return
		}
		lines := strings.Split(lock, "\n")
		if len(lines) != 3 || !requirementForm.MatchString(lines[1]) || lines[2] != "" {
			t.Fatalf("%q gave the lock %q", line, lock)
		}
		if again := redactRequirement(lines[1]); again != lines[1] {
			t.Fatalf("%q was redacted to %q, then to %q", line, lines[1], again)
		}
	})
}
