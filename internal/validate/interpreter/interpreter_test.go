package interpreter_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/validate/interpreter"
)

// python writes a program that answers as a Python would.
func python(t *testing.T, dir, name, answer string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho 'said at every start'\necho '"+answer+"'\n"), 0o600))
	require.NoError(t, os.Chmod(path, 0o755))
	return path
}

const good = `{"version": "3.12.4", "tooOld": false, "missing": [], "kernels": ["ir", "python3"]}`

func TestWhichPythonIsTaken(t *testing.T) {
	elsewhere, environment, path := t.TempDir(), t.TempDir(), t.TempDir()
	named := python(t, elsewhere, "own", good)
	ofEnvironment := python(t, environment, "bin/python", good)
	onPath := python(t, path, "python3", good)
	t.Setenv("PATH", path+":/bin")
	cases := map[string]struct{ wanted, environment, want string }{
		"the one that is named":       {named, environment, named},
		"a name is looked for":        {"python3", environment, onPath},
		"that of the environment":     {"", environment, ofEnvironment},
		"without an environment":      {"", "", onPath},
		"an environment that is gone": {"", filepath.Join(environment, "gone"), onPath},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Setenv("VIRTUAL_ENV", test.environment)
			found, err := interpreter.Find(t.Context(), test.wanted)
			require.NoError(t, err)
			assert.Equal(t, test.want, found.Path)
			assert.Equal(t, "3.12.4", found.Version)
			assert.Equal(t, []string{"ir", "python3"}, found.Kernels)
		})
	}
	t.Setenv("PATH", t.TempDir())
	_, err := interpreter.Find(t.Context(), "")
	require.ErrorContains(t, err, "there is no python3 on PATH")
}

func TestAPythonThatCannotRunNotebooksIsRefusedInASentence(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ answer, want string }{
		"too old":   {`{"version": "3.8.1", "tooOld": true}`, "is Python 3.8.1, at least Python 3.9 is needed: name another one with --python"},
		"libraries": {`{"version": "3.9.1", "missing": ["nbclient cannot be imported (E: x)"]}`, "cannot run notebooks: nbclient cannot be imported (E: x): run "},
		"no kernel": {`{"version": "3.9.1", "missing": [], "kernels": []}`, "has no Jupyter kernel: run "},
		"no answer": {"hello", "it does not behave like Python"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			// All are written before the first is started: a program that is open for writing in a process just forked cannot be.
			program := python(t, t.TempDir(), "python3", test.answer)
			t.Parallel()
			_, err := interpreter.Find(t.Context(), program)
			require.ErrorContains(t, err, test.want)
		})
	}
}
