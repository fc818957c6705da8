package runner_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/runner"
)

func TestEveryUserCanReadTheProgram(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tools")
	require.NoError(t, runner.WriteTo(dir))
	entry, err := os.Stat(filepath.Join(dir, runner.EntryPoint))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o644), entry.Mode().Perm())
	parts, err := os.Stat(filepath.Join(dir, "nbv"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o755), parts.Mode().Perm())
	require.NoError(t, runner.WriteTo(dir), "a container that is started again writes again")
}

func TestWriteToSaysWhatItCannotWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	assert.ErrorContains(t, runner.WriteTo(filepath.Join(file, "tools")), "write the notebook runner")
}

func TestNoValueCanBecomeAFlag(t *testing.T) {
	arguments := runner.Options{
		ToolsDir:       "/tools",
		Notebook:       "--output-dir=/etc",
		OutputDir:      "/out",
		Timeout:        90 * time.Second,
		StartupTimeout: 1500 * time.Millisecond,
		ProgressFile:   "-p",
	}.Arguments()
	assert.Equal(t, []string{
		"/tools/nbv_runner.py",
		"--notebook=--output-dir=/etc",
		"--output-dir=/out",
		"--timeout-seconds=90",
		"--startup-timeout-seconds=1.5",
		"--progress-file=-p",
	}, arguments)
}

func TestProgressThatIsNoneIsRefused(t *testing.T) {
	cases := map[string]string{
		"empty":         ``,
		"other JSON":    `{"version":1}`,
		"a negative":    `{"cell":-1,"id":"a","done":0,"total":1,"seconds":0}`,
		"more than all": `{"cell":1,"id":"a","done":2,"total":1,"seconds":0}`,
		"far too large": string(make([]byte, runner.MaxProgressBytes+1)),
	}
	for name, message := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := runner.ParseProgress([]byte(message))
			assert.ErrorContains(t, err, "progress note")
		})
	}
}

func FuzzParseProgress(f *testing.F) {
	f.Add([]byte(`{"cell":1,"id":"a","done":1,"total":3,"seconds":0.5}`))
	f.Add([]byte(`{"cell":1e99}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		progress, err := runner.ParseProgress(message)
		if err == nil && (progress.Total < 1 || progress.Done > progress.Total) {
			t.Fatalf("accepted %+v", progress)
		}
	})
}
