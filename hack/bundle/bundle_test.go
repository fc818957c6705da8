package main

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/hack/bundle/graph"

	"mlops.dev/notebook-validator-operator/hack/objects"
)

var update = flag.Bool("update", false, "write the golden files")

// small is everything that a bundle is made from, as little of each as there can be.
func small(t *testing.T, edit ...string) source {
	t.Helper()
	text, err := os.ReadFile("testdata/manifests.yaml")
	require.NoError(t, err)
	base, err := os.ReadFile("testdata/base.yaml")
	require.NoError(t, err)
	manifests := strings.NewReplacer(edit...)
	rendered, err := objects.Read(strings.NewReader(manifests.Replace(string(text))))
	require.NoError(t, err)
	bases, err := objects.Read(strings.NewReader(manifests.Replace(string(base))))
	require.NoError(t, err)
	examples, err := objects.Read(strings.NewReader("{apiVersion: example.com/v1, kind: Thing, metadata: {name: one}}"))
	require.NoError(t, err)
	return source{
		version: "0.2.0", imageBase: "registry.example.com/thing", objects: rendered, base: bases[0], icon: []byte("<svg/>"), examples: examples,
		pkg: graph.Package{Name: "thing-operator", DefaultChannel: "stable"},
		release: graph.Release{
			Channels: []string{"candidate", "stable"},
			Entry:    graph.Entry{Name: "thing-operator.v0.2.0", Replaces: "thing-operator.v0.1.0", Skips: []string{"thing-operator.v0.1.1"}},
		},
		scorecard: []byte("kind: Configuration\napiVersion: scorecard.operatorframework.io/v1alpha3\nstages:\n- tests:\n  - image: notebook-validator-scorecard:latest\n"),
	}
}

func TestTheBundleIsTheGoldenOne(t *testing.T) {
	s := small(t)
	files, err := generate(s)
	require.NoError(t, err)
	files["bundle.Dockerfile"] = imageFile("bundle", annotations(s))
	if *update {
		require.NoError(t, write("testdata/golden", files))
	}
	var golden []string
	require.NoError(t, filepath.WalkDir("testdata/golden", func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			golden = append(golden, strings.TrimPrefix(filepath.ToSlash(path), "testdata/golden/"))
		}
		return err
	}))
	var names []string
	for name, text := range files {
		names = append(names, name)
		want, err := os.ReadFile(filepath.Join("testdata/golden", name))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(text), name)
	}
	slices.Sort(names)
	slices.Sort(golden)
	assert.Equal(t, golden, names)
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	first, err := generate(small(t))
	require.NoError(t, err)
	for range 20 {
		again, err := generate(small(t))
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
}

func TestABundleOfTheFirstRelease(t *testing.T) {
	s := small(t)
	s.release.Entry = graph.Entry{Name: "thing-operator.v0.2.0"}
	s.scorecard = nil
	files, err := generate(s)
	require.NoError(t, err)
	csv := string(files["manifests/thing-operator.clusterserviceversion.yaml"])
	assert.NotContains(t, csv, "replaces")
	assert.NotContains(t, csv, "skips")
	assert.NotContains(t, files, "tests/scorecard/config.yaml")
	assert.NotContains(t, string(files["metadata/annotations.yaml"]), "operators.operatorframework.io.test")
	assert.NotContains(t, string(imageFile("bundle", annotations(s))), "tests/scorecard")
}

func TestWhatCannotBecomeABundle(t *testing.T) {
	tests := map[string]struct{ old, new, problem string }{
		"a kind that OLM does not install":   {"kind: PodDisruptionBudget", "kind: StatefulSet", "not known"},
		"no Deployment":                      {"kind: Deployment", "kind: Service", "no Deployment"},
		"a role for an account of others":    {"name: manager-account\n  namespace: system # subject", "name: other", "binds no"},
		"a role for a user":                  {"- kind: ServiceAccount", "- kind: User", "binds no"},
		"a binding to a role that is not in": {"name: worker # ref", "name: nobody", "there is no"},
		"a right that nobody has sorted":     {"resources: [pods]", "resources: [nodes]", "say in"},
		"another image than the operator's":  {"image: notebook-validator:latest", "image: other", "does not run"},
		"a field that is none":               {"replicas: 1", "replica: 1", "unknown field"},
		"an account that is not named":       {"serviceAccountName: manager-account", "serviceAccountName: ''", ""},
		"a base that says what is generated": {"  displayName: Thing", "  displayName: Thing\n  version: 0.0.1", "generated"},
		"a base with a field that is none":   {"  displayName: Thing", "  displayname: Thing", "unknown field"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := generate(small(t, test.old, test.new))
			require.Error(t, err)
			assert.ErrorContains(t, err, test.problem)
		})
	}
}

func TestScorecardsConfigurationIsChecked(t *testing.T) {
	tests := map[string]string{
		"a field that is none":              "stages: []\nstage: []",
		"nothing that runs our own program": "stages: []",
	}
	for name, config := range tests {
		t.Run(name, func(t *testing.T) {
			s := small(t)
			s.scorecard = []byte(config)
			_, err := generate(s)
			assert.Error(t, err)
		})
	}
}

func TestWritingReplacesWhatWasThere(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "bundle")
	require.NoError(t, write(folder, map[string][]byte{"manifests/old.yaml": nil}))
	require.NoError(t, write(folder, map[string][]byte{"manifests/new.yaml": []byte("a: 1\n")}))
	assert.NoFileExists(t, filepath.Join(folder, "manifests/old.yaml"))
	text, err := os.ReadFile(filepath.Join(folder, "manifests/new.yaml"))
	require.NoError(t, err)
	assert.Equal(t, "a: 1\n", string(text))
}

// TestTheProjectsOwnInputs reads what `make bundle` reads, but for what kustomize renders.
func TestTheProjectsOwnInputs(t *testing.T) {
	base, err := readOne("../../config/manifests/bases/notebook-validator-operator.clusterserviceversion.yaml")
	require.NoError(t, err)
	assert.Equal(t, "ClusterServiceVersion", base.GetKind())
	examples, err := readFolder("../../config/manifests/examples")
	require.NoError(t, err)
	kinds := map[string]bool{}
	for _, example := range examples {
		kinds[example.GetKind()] = true
		assert.Contains(t, example.Object, "status", example.GetName())
	}
	assert.Equal(t, map[string]bool{"NotebookValidationJob": true, "NotebookBuild": true}, kinds)
	text, err := os.ReadFile("../../config/scorecard/config.yaml")
	require.NoError(t, err)
	var config map[string]any
	require.NoError(t, yaml.Unmarshal(text, &config))
	assert.Len(t, config["stages"], 3)
}
