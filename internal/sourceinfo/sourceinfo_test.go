package sourceinfo

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sample() Info {
	return Info{
		URL:      "https://git.example.com/team/notebooks.git",
		Ref:      "main",
		Commit:   strings.Repeat("0123456789", 4),
		Notebook: "tier/analysis.ipynb",
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, Write(dir, sample()))
	got, err := Read(dir)
	require.NoError(t, err)
	want := sample()
	want.Version = Version
	assert.Equal(t, want, got)
}

func TestWriteRefusesAnIncompleteNote(t *testing.T) {
	short := sample()
	short.Commit = "abc123"
	assert.ErrorContains(t, Write(t.TempDir(), short), "40 hexadecimal digits")
	nameless := sample()
	nameless.Notebook = ""
	assert.ErrorContains(t, Write(t.TempDir(), nameless), "no notebook")
}

func TestReadRefusesWhatIsNotANote(t *testing.T) {
	commit := strings.Repeat("a", 40)
	cases := map[string]struct{ text, want string }{
		"empty file":          {``, "not valid"},
		"not JSON":            {`hello`, "not valid"},
		"later version":       {`{"version":2,"commit":"` + commit + `","notebook":"a.ipynb"}`, "version 2"},
		"no version":          {`{"commit":"` + commit + `","notebook":"a.ipynb"}`, "version 0"},
		"unknown field":       {`{"version":1,"extra":true}`, "unknown field"},
		"second document":     {`{"version":1,"commit":"` + commit + `","notebook":"a.ipynb"}{}`, "text follows"},
		"upper-case commit":   {`{"version":1,"commit":"` + strings.Repeat("A", 40) + `","notebook":"a.ipynb"}`, "40 hexadecimal"},
		"far too large":       {strings.Repeat(" ", maxFileBytes+1), "larger than"},
		"commit of 41 digits": {`{"version":1,"commit":"` + commit + `a","notebook":"a.ipynb"}`, "40 hexadecimal"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(Path(dir), []byte(test.text), 0o600))
			_, err := Read(dir)
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestReadNamesAMissingNote(t *testing.T) {
	_, err := Read(t.TempDir())
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"version":1,"url":"https://h/r","ref":"main","commit":"` + strings.Repeat("a", 40) + `","notebook":"a.ipynb"}`))
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := Parse(data)
		if err == nil && (info.Version != Version || len(info.Commit) != 40 || info.Notebook == "") {
			t.Fatalf("accepted an incomplete note: %+v", info)
		}
	})
}
