package scorecard

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/labels"

	"mlops.dev/notebook-validator-operator/scorecard/checks"
)

const sound = `apiVersion: scorecard.operatorframework.io/v1alpha3
kind: Configuration
metadata:
  name: config
stages:
- parallel: true
  tests:
  - image: registry.example.com/one:1
    entrypoint: [one, first]
    labels: {suite: own, test: first}
    storage: {spec: {mountPath: {}}}
  - image: registry.example.com/one:1
    entrypoint: [one, second]
    labels: {suite: own, test: second}
- tests:
  - image: registry.example.com/two:1
    entrypoint: [two, third]
    labels: {suite: other, test: third}
`

// bundleWith makes a bundle that has a configuration and no more.
func bundleWith(t *testing.T, annotations, path, config string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"metadata/annotations.yaml": annotations, path: config} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o750))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return dir
}

func TestLoadConfig(t *testing.T) {
	const usual = "tests/scorecard/config.yaml"
	tests := map[string]struct {
		annotations, path, config string
		problem                   string
	}{
		"the usual place":                       {"annotations: {}", usual, sound, ""},
		"the place that the annotations name":   {"annotations: {operators.operatorframework.io.test.config.v1: elsewhere/}", "elsewhere/config.yaml", sound, ""},
		"the spelling of scorecard's scaffolds": {"annotations: {}", usual, strings.Replace(sound, "apiVersion", "apiversion", 1), ""},
		"not where the annotations say":         {"annotations: {operators.operatorframework.io.test.config.v1: elsewhere/}", usual, sound, "elsewhere"},
		"annotations that are not YAML":         {"annotations: [", usual, sound, "annotations.yaml"},
		"a field that is mistyped":              {"annotations: {}", usual, strings.Replace(sound, "parallel", "paralel", 1), "paralel"},
		"another kind":                          {"annotations: {}", usual, strings.Replace(sound, "Configuration", "Config", 1), "instead of a Configuration"},
		"another version":                       {"annotations: {}", usual, strings.Replace(sound, "v1alpha3", "v1alpha2", 1), "instead of a Configuration"},
		"no stages":                             {"annotations: {}", usual, before(sound, "stages:"), "no stages"},
		"a test without an image":               {"annotations: {}", usual, strings.Replace(sound, "image: registry.example.com/two:1", "image: ''", 1), "stage 1, test 0"},
		"a test without an entrypoint":          {"annotations: {}", usual, strings.Replace(sound, "[one, second]", "[]", 1), "stage 0, test 1"},
		"a test that wants its files gathered":  {"annotations: {}", usual, strings.Replace(sound, "mountPath: {}", "mountPath: {path: /output}", 1), "storage"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config, err := LoadConfig(bundleWith(t, test.annotations, test.path, test.config))
			if test.problem != "" {
				require.ErrorContains(t, err, test.problem)
				return
			}
			require.NoError(t, err)
			require.Len(t, config.Stages, 2)
			assert.True(t, config.Stages[0].Parallel)
			assert.Len(t, config.Stages[0].Tests, 2)
		})
	}
}

func TestSelected(t *testing.T) {
	config, err := LoadConfig(bundleWith(t, "annotations: {}", "tests/scorecard/config.yaml", sound))
	require.NoError(t, err)
	tests := map[string]struct {
		selector string
		want     []string
	}{
		"everything":       {"", []string{"first", "second", "third"}},
		"a suite":          {"suite=own", []string{"first", "second"}},
		"one test":         {"test=third", []string{"third"}},
		"all but one test": {"test notin (second)", []string{"first", "third"}},
		"nothing":          {"suite=none", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			selector, err := labels.Parse(test.selector)
			require.NoError(t, err)
			assert.Equal(t, test.want, names(config, selector))
		})
	}
	assert.Len(t, names(config, nil), 3)
}

func names(config v1alpha3.Configuration, selector labels.Selector) []string {
	var names []string
	for _, stage := range config.Stages {
		for _, test := range selected(stage, selector) {
			names = append(names, test.Labels["test"])
		}
	}
	return names
}

func before(text, word string) string {
	start, _, _ := strings.Cut(text, word)
	return start
}

// TestTheReleasedConfiguration holds that the bundle of this repository has every test run, in stages.
func TestTheReleasedConfiguration(t *testing.T) {
	config, err := LoadConfig("../../bundle")
	require.NoError(t, err)
	var stock, own []string
	for _, stage := range config.Stages {
		for _, test := range stage.Tests {
			require.Len(t, test.Entrypoint, 2)
			switch test.Entrypoint[0] {
			case "scorecard-test":
				stock = append(stock, test.Entrypoint[1])
			case "notebook-validator-scorecard":
				own = append(own, test.Entrypoint[1])
			}
		}
	}
	assert.Equal(t, checks.Names(), own)
	assert.ElementsMatch(t, []string{"basic-check-spec", "olm-bundle-validation", "olm-crds-have-validation",
		"olm-crds-have-resources", "olm-spec-descriptors", "olm-status-descriptors"}, stock)
	last := config.Stages[len(config.Stages)-1]
	require.Len(t, last.Tests, 1, "the test that creates objects runs alone")
	assert.Equal(t, checks.NameExamplesSucceed, last.Tests[0].Entrypoint[1])
}
