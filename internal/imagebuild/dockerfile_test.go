package imagebuild_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

func TestTheDockerfileMayComeInTheEnvironment(t *testing.T) {
	const text = "FROM python:3.12\nRUN echo \"$HOME\" $(id) 'é'\n"
	tests := map[string]struct {
		env, base string
		code      int
		left      string
	}{
		"a generated one":           {text, "python:3.12", 0, text},
		"none, so that the file is": {"", "python:3.12", 0, "FROM python:3.12\n"},
		"none, and an own one":      {"", "", 0, "FROM python:3.12\n"},
		"an own one is never lost":  {text, "", 65, "FROM python:3.12\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			t.Setenv("A_DOCKERFILE", test.env)
			code, _, _ := f.run(t.Context(), "--dockerfile-env=A_DOCKERFILE", "--base-image="+test.base)
			assert.Equal(t, test.code, code)
			got, err := os.ReadFile(filepath.Join(f.context, "Dockerfile"))
			require.NoError(t, err)
			assert.Equal(t, test.left, string(got))
		})
	}
}

func TestAPassingTroubleIsToldInTheReasonToo(t *testing.T) {
	f, dir := newFixture(t), t.TempDir()
	f.says("push.out", "Error: pushing image: dial tcp: connection refused\n")
	f.says("push.code", "125")
	code, _, _ := f.run(t.Context(), resultFiles(dir)...)
	assert.Equal(t, 75, code)
	reason, temporary := buildstrategy.ParseWord(contents(t, dir)["reason"])
	assert.Equal(t, buildstrategy.PushFailed, reason)
	assert.True(t, temporary)
}
