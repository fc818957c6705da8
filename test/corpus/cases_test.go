package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/cases"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/execute"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/judge"
)

// kernels bounds those that run at the same time, whatever -parallel says.
var kernels = make(chan struct{}, 2)

// python returns the interpreter that runs notebooks in these tests. Without its libraries nothing would be tested, so
// their absence is a failure.
func python(t *testing.T) []string {
	t.Helper()
	interpreter := os.Getenv("NBV_TEST_PYTHON")
	if interpreter == "" {
		interpreter = "/usr/bin/python3"
	}
	checkLibraries.Do(func() {
		librariesOutput, librariesError = exec.Command(interpreter, "-c",
			"import nbclient, nbformat, ipykernel, numpy, pandas, matplotlib, sklearn, requests").CombinedOutput()
	})
	require.NoErrorf(t, librariesError, "%s lacks libraries that the cases need (make test-prereqs)\n%s", interpreter, librariesOutput)
	return []string{interpreter}
}

var (
	checkLibraries  sync.Once
	librariesOutput []byte
	librariesError  error
)

func TestEveryCaseGetsTheVerdictOfItsLevel(t *testing.T) {
	executor, err := execute.New(python(t), t.TempDir(), 2*time.Minute)
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, file := range []string{"cases.json", "more.json"} {
		all, err := cases.Read(filepath.Join("testdata", file))
		require.NoError(t, err)
		for _, one := range all {
			require.Falsef(t, seen[one.ID], "two cases are called %s", one.ID)
			seen[one.ID] = true
			t.Run(one.ID+" "+one.Title, func(t *testing.T) {
				t.Parallel()
				checkCase(t, executor, one)
			})
		}
	}
}

// checkCase runs the notebook of a case once and holds the judgement of all levels against the case.
func checkCase(t *testing.T, executor *execute.Executor, one cases.Case) {
	t.Helper()
	require.Len(t, one.Expected, len(v1alpha1.Levels()), "a case says what every level must say")
	notebook, err := one.Notebook()
	require.NoError(t, err)
	// A folder of the case's own: some write files.
	path := filepath.Join(t.TempDir(), one.ID+".ipynb")
	require.NoError(t, os.WriteFile(path, notebook, 0o600))

	kernels <- struct{}{}
	defer func() { <-kernels }()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	run, err := executor.Observe(ctx, path, t.TempDir())
	require.NoError(t, err)

	for _, level := range v1alpha1.Levels() {
		verdict := judge.At(level, run)
		assert.Equalf(t, one.Expected[level], verdict.Word, "at level %s, for %s:\n%s\n%s", level, one.Rule, verdict, notebook)
	}
}
