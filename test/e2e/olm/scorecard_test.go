package olm

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/labels"

	"mlops.dev/notebook-validator-operator/test/kit"
	"mlops.dev/notebook-validator-operator/test/scorecard"
)

const examplesAnnotation = "alm-examples"

// Scorecard runs while the operator does: one of its tests wants the examples to succeed.
func TestScorecard(t *testing.T) {
	w := newWork(t, "colours")
	i := subscribe(t, wish{})
	i.awaitVersion(current)
	w.allowScorecard()
	image := scorecardImage(t)
	bundle := w.bundle(func(manifests) error { return nil })
	config, err := scorecard.LoadConfig(bundle)
	require.NoError(t, err)
	own, err := labels.Parse("suite in (notebook-validator, notebook-validator-live)")
	require.NoError(t, err)
	runner := scorecard.Runner{
		Client: cluster.Clientset, Namespace: w.namespace, ServiceAccount: "notebook-validator-scorecard",
		Bundle: bundle, UntarImage: cluster.Env.Images.NotebookBase, Images: images(config, image), Selector: own,
	}

	tests, err := runner.Run(t.Context(), config)

	require.NoError(t, err)
	require.Len(t, tests.Items, 6)
	assert.True(t, scorecard.Passed(tests), scorecard.Text(tests))

	runner.Bundle = w.brokenBundle()
	tests, err = runner.Run(t.Context(), config)

	require.NoError(t, err)
	require.Len(t, tests.Items, 6)
	for _, test := range tests.Items {
		assert.Equal(t, v1alpha3.FailState, scorecard.State(test), "%v of a bundle that is broken for each test", test.Spec.Labels)
	}
}

// brokenBundle breaks each of the promises that the tests hold a bundle to.
func (w *work) brokenBundle() string {
	w.t.Helper()
	dir := w.bundle(func(m manifests) error {
		rules := m.csv.Spec.InstallStrategy.StrategySpec.Permissions
		rules[0].Rules = append(rules[0].Rules, rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"list"}})
		examples := m.csv.Annotations[examplesAnnotation]
		examples = strings.ReplaceAll(examples, `"heights.ipynb"`, `"missing.ipynb"`)
		examples = strings.Replace(examples, `"reason":"BuildSucceeded"`, `"reason":"BuildHappened"`, 1)
		m.csv.Annotations[examplesAnnotation] = strings.Replace(examples, `"spec":{`, `"spec":{"noSuchField":true,`, 1)
		return nil
	})
	for file, change := range map[string][2]string{
		"manifests/mlops.mlops.dev_notebookbuilds.yaml": {"x-kubernetes-list-type: map", "x-kubernetes-list-type: atomic"},
		"metadata/annotations.yaml":                     {"channel.default.v1: stable", "channel.default.v1: nightly"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		require.NoError(w.t, err)
		broken := strings.ReplaceAll(string(text), change[0], change[1])
		require.NotEqual(w.t, string(text), broken, file)
		require.NoError(w.t, os.WriteFile(filepath.Join(dir, file), []byte(broken), 0o600))
	}
	return dir
}

// allowScorecard gives the tests' service account the rights that they ask for.
func (w *work) allowScorecard() {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(published.root, "scorecard", "rbac.yaml"))
	require.NoError(w.t, err)
	file := filepath.Join(w.t.TempDir(), "rbac.yaml")
	require.NoError(w.t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "NAMESPACE", w.namespace)), 0o600))
	_, err = cluster.Kubectl(w.t.Context(), "apply", "--filename="+file)
	require.NoError(w.t, err)
}

// scorecardImage builds the image of the project's own tests.
func scorecardImage(t *testing.T) string {
	t.Helper()
	_, err := execute(t.Context(), published.root, "make", "--silent", "scorecard")
	require.NoError(t, err)
	image, err := cluster.BuildImage(t.Context(), operatorName+"-scorecard:"+current, kit.Recipe{Dockerfile: "scorecard/Dockerfile"})
	require.NoError(t, err)
	return image.Published
}

// images has every test of the configuration that is the project's own run from this image.
func images(config v1alpha3.Configuration, own string) map[string]string {
	replaced := map[string]string{}
	for _, stage := range config.Stages {
		for _, test := range stage.Tests {
			replaced[test.Image] = own
		}
	}
	return replaced
}

// bundle is a copy of the current one, whose examples are of this cluster's repositories and images.
func (w *work) bundle(change func(manifests) error) string {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "bundle")
	require.NoError(w.t, os.CopyFS(dir, os.DirFS(filepath.Join(published.root, "bundle"))))
	require.NoError(w.t, manifests{dir: dir, image: "unused"}.rewrite(func(m manifests) error {
		return errors.Join(w.localExamples(m), change(m))
	}))
	return dir
}

// localExamples puts what this cluster has in the place of what the world has.
func (w *work) localExamples(m manifests) error {
	var examples []map[string]any
	if err := json.Unmarshal([]byte(m.csv.Annotations[examplesAnnotation]), &examples); err != nil {
		return err
	}
	git := map[string]any{"url": cluster.Env.Git.HTTPPublic + "/" + w.repository() + ".git", "ref": "main"}
	for _, example := range examples {
		spec := example["spec"].(map[string]any)
		switch example["kind"] {
		case "NotebookBuild":
			example["spec"] = map[string]any{"git": git, "notebookPath": "heights.ipynb", "timeout": spec["timeout"]}
		default:
			spec["notebook"] = map[string]any{"git": git, "path": "heights.ipynb"}
			spec["podConfig"] = map[string]any{"buildConfig": map[string]any{"enabled": true}}
		}
	}
	text, err := json.Marshal(examples)
	m.csv.Annotations[examplesAnnotation] = string(text)
	return err
}
