package find_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/validate/find"
)

// folder makes empty files.
func folder(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range files {
		path := filepath.Join(dir, filepath.FromSlash(file))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
	}
	return dir
}

func names(notebooks []find.Notebook) []string {
	var names []string
	for _, notebook := range notebooks {
		names = append(names, notebook.Name)
	}
	return names
}

func TestArgumentsMeanNotebooks(t *testing.T) {
	t.Parallel()
	dir := folder(t, "a.ipynb", "nb/b.ipynb", "nb/deep/c.ipynb", "nb/notes.md", "nb/.ipynb_checkpoints/b-checkpoint.ipynb",
		"nb/.hidden.ipynb", "odd [1].ipynb", "empty/x.py", ".hidden/d.ipynb")
	require.NoError(t, os.Symlink("b.ipynb", filepath.Join(dir, "nb", "link.ipynb")))
	cases := map[string]struct {
		arguments, want []string
		err             string
	}{
		"a notebook":                              {[]string{"a.ipynb"}, []string{"a.ipynb"}, ""},
		"a folder, hidden things left out":        {[]string{"nb"}, []string{"nb/b.ipynb", "nb/deep/c.ipynb", "nb/link.ipynb"}, ""},
		"this folder":                             {[]string{"."}, []string{"a.ipynb", "nb/b.ipynb", "nb/deep/c.ipynb", "nb/link.ipynb", "odd [1].ipynb"}, ""},
		"each notebook once":                      {[]string{"nb/deep", "nb/deep/c.ipynb", "./nb/deep/../deep/c.ipynb"}, []string{"nb/deep/c.ipynb"}, ""},
		"a pattern that the shell left alone":     {[]string{"nb/*.ipynb"}, []string{"nb/b.ipynb", "nb/link.ipynb"}, ""},
		"a pattern over folders":                  {[]string{"**/*.ipynb"}, []string{"a.ipynb", "nb/b.ipynb", "nb/deep/c.ipynb", "nb/link.ipynb", "odd [1].ipynb"}, ""},
		"a pattern takes notebooks alone":         {[]string{"nb/*"}, []string{"nb/b.ipynb", "nb/link.ipynb"}, ""},
		"a pattern of alternatives":               {[]string{"nb/{b,deep/c}.ipynb"}, []string{"nb/b.ipynb", "nb/deep/c.ipynb"}, ""},
		"a name that looks like a pattern":        {[]string{"odd [1].ipynb"}, []string{"odd [1].ipynb"}, ""},
		"a hidden folder that is named":           {[]string{".hidden"}, []string{".hidden/d.ipynb"}, ""},
		"a hidden folder that a pattern names":    {[]string{".hidden/*"}, []string{".hidden/d.ipynb"}, ""},
		"an absolute path is shown from here":     {[]string{filepath.Join(dir, "a.ipynb")}, []string{"a.ipynb"}, ""},
		"a file that is none":                     {[]string{"nb/notes.md"}, nil, "nb/notes.md is not a notebook: its name does not end in .ipynb"},
		"a file that is not there":                {[]string{"b.ipynb"}, nil, "b.ipynb does not exist"},
		"a folder without notebooks":              {[]string{"empty"}, nil, "there is no notebook (*.ipynb) in empty"},
		"a pattern without notebooks":             {[]string{"nb/*.py"}, nil, "no notebook matches nb/*.py"},
		"a pattern that is none":                  {[]string{"nb/[.ipynb"}, nil, "nb/[.ipynb is not a pattern that can be understood"},
		"one bad argument spoils them all":        {[]string{"a.ipynb", "none"}, nil, "none does not exist"},
		"a path through a file":                   {[]string{"a.ipynb/b.ipynb"}, nil, "a.ipynb/b.ipynb cannot be read"},
		"a pattern in a folder that is not there": {[]string{"none/*.ipynb"}, nil, "none/*.ipynb"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := find.Notebooks(test.arguments, dir)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, names(found))
			for _, notebook := range found {
				assert.True(t, filepath.IsAbs(notebook.Path))
				assert.Equal(t, filepath.ToSlash(notebook.Name), notebook.Place)
			}
		})
	}
}

func TestNotebooksOfElsewhereKeepTheirPathInsideTheFolder(t *testing.T) {
	t.Parallel()
	dir, elsewhere := folder(t), folder(t, "a.ipynb", "deep/b.ipynb")
	found, err := find.Notebooks([]string{elsewhere}, dir)
	require.NoError(t, err)
	require.Len(t, found, 2)
	assert.Equal(t, filepath.Join(elsewhere, "deep", "b.ipynb"), found[1].Name)
	assert.Equal(t, "deep/b.ipynb", found[1].Place)
}

func TestNoTwoNotebooksHaveTheSamePlace(t *testing.T) {
	t.Parallel()
	dir, one, other := folder(t, "b.ipynb"), folder(t, "a.ipynb"), folder(t, "a.ipynb")
	found, err := find.Notebooks([]string{"b.ipynb", one}, dir)
	require.NoError(t, err)
	require.NoError(t, find.Places(found))
	found, err = find.Notebooks([]string{one, other}, dir)
	require.NoError(t, err)
	require.ErrorContains(t, find.Places(found), "would both be a.ipynb")
}
