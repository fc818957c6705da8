package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// decode refuses every field that the API does not have, as the API server does.
func decode(t *testing.T, text []byte) {
	t.Helper()
	var kind struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	require.NoError(t, yaml.Unmarshal(text, &kind))
	var object any = &v1alpha1.NotebookValidationJob{}
	if kind.Kind == "NotebookBuild" {
		object = &v1alpha1.NotebookBuild{}
	}
	assert.NoError(t, yaml.UnmarshalStrict(text, object), "in\n%s", text)
	if kind.Kind != "" {
		assert.Equal(t, v1alpha1.SchemeGroupVersion.String(), kind.APIVersion)
	}
}

func TestEverySampleIsInTheKustomization(t *testing.T) {
	text, err := os.ReadFile("../../config/samples/kustomization.yaml")
	require.NoError(t, err)
	var listed struct {
		Resources []string `json:"resources"`
	}
	require.NoError(t, yaml.Unmarshal(text, &listed))
	files, err := filepath.Glob("../../config/samples/mlops_*.yaml")
	require.NoError(t, err)
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	assert.ElementsMatch(t, files, listed.Resources)
}

func TestSamplesHaveOnlyFieldsOfTheAPI(t *testing.T) {
	files, err := filepath.Glob("../../config/samples/mlops_*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		decode(t, text)
	}
}

func TestYAMLInTheDocumentationHasOnlyFieldsOfTheAPI(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	blocks := 0
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, block := range regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllSubmatch(text, -1) {
			if bytes.HasPrefix(block[1], []byte("spec:")) || bytes.Contains(block[1], []byte("kind: Notebook")) {
				decode(t, block[1])
				blocks++
			}
		}
	}
	assert.Positive(t, blocks)
}

func TestArgumentsInTheDocumentationAreThoseOfTheManager(t *testing.T) {
	program, err := os.ReadFile("../../flags.go")
	require.NoError(t, err)
	arguments := 0
	for _, page := range []string{"../../docs/install.md", "../../docs/builds.md", "../../config/manager/deployment.yaml"} {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, argument := range regexp.MustCompile("(?:`|value: |- )--([a-z-]+)").FindAllSubmatch(text, -1) {
			arguments++
			assert.Contains(t, string(program), `"`+string(argument[1])+`"`, "%s names an argument that manager does not have", page)
		}
	}
	assert.Positive(t, arguments)
}

func TestLinksOfTheDocumentationLeadSomewhere(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, link := range regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`).FindAllSubmatch(text, -1) {
			if target := string(link[1]); !strings.Contains(target, "://") {
				_, err := os.Stat(filepath.Join(filepath.Dir(page), target))
				assert.NoError(t, err, "%s links to it", page)
			}
		}
	}
}
