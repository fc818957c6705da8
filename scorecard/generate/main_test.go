package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

func TestWhatIsGeneratedIsCurrent(t *testing.T) {
	files, err := generate(root)
	require.NoError(t, err)
	require.Len(t, files, 2)
	for path, want := range files {
		is, err := os.ReadFile(filepath.Join(root, path))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(is), "%s is not what its source gives: run go generate ./scorecard/...", path)
	}
}

func TestReasons(t *testing.T) {
	list, err := reasons([]byte("package p\nconst ReasonA = \"A\"\nvar ReasonV = 1\nconst (\nConditionB = \"B\"\nReasonB, ReasonC = \"B\", \"C\"\n)\n"))
	require.NoError(t, err)
	assert.Contains(t, string(list), "{\n\tv1alpha1.ReasonA,\n\tv1alpha1.ReasonB,\n\tv1alpha1.ReasonC,\n}")
	_, err = reasons([]byte("package p\n"))
	require.ErrorContains(t, err, "no reasons")
	_, err = reasons([]byte("const"))
	require.Error(t, err)
}
