package integration

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/registry"
	"mlops.dev/notebook-validator-operator/internal/status"
)

const samplesDir = "../../config/samples"

// samples are the files of config/samples by name, read anew.
func samples(t *testing.T) map[string]*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(samplesDir, "*.yaml"))
	require.NoError(t, err)
	read := map[string]*unstructured.Unstructured{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		object := &unstructured.Unstructured{}
		require.NoError(t, yaml.UnmarshalStrict(text, &object.Object), file)
		if object.GetKind() != "Kustomization" {
			read[filepath.Base(file)] = object
		}
	}
	require.NotEmpty(t, read)
	return read
}

// Every sample is taken as it is written, all of them in one namespace, and has the defaults that are documented.
func TestEverySampleIsAdmitted(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	for file, object := range samples(t) {
		object.SetNamespace(namespace)
		if !assert.NoError(t, create(t, object), file) {
			continue
		}
		if object.GetKind() == "NotebookBuild" {
			build := &v1alpha1.NotebookBuild{}
			require.NoError(t, kube.Get(t.Context(), client.ObjectKeyFromObject(object), build))
			assertBuildDefaults(t, file, build.Spec.Git, build.Spec.BuildOptions)
			continue
		}
		job := &v1alpha1.NotebookValidationJob{}
		require.NoError(t, kube.Get(t.Context(), client.ObjectKeyFromObject(object), job))
		assert.NotNil(t, job.Spec.Timeout, file)
		assert.NotEmpty(t, job.Spec.UnknownParameters, file)
		if config := job.Spec.PodConfig.BuildConfig; config != nil {
			assertBuildDefaults(t, file, job.Spec.Notebook.Git, config.BuildOptions)
		}
		if config := job.Spec.ValidationConfig; config != nil {
			assert.NotEmpty(t, config.Level, file)
			for _, flag := range []*bool{config.CheckOutputTypes, config.DetectSilentFailures, config.EducationalMode} {
				assert.NotNil(t, flag, file)
			}
		}
		if config := job.Spec.ComparisonConfig; config != nil {
			assert.NotEmpty(t, config.Strategy, file)
			assert.NotNil(t, config.IgnoreTimestamps, file)
		}
	}
}

func assertBuildDefaults(t *testing.T, file string, git v1alpha1.GitSource, options v1alpha1.BuildOptions) {
	t.Helper()
	for name, value := range map[string]string{
		"ref": git.Ref, "strategy": options.Strategy, "fallbackStrategy": options.FallbackStrategy, "cache": options.Cache,
	} {
		assert.NotEmpty(t, value, "%s: %s", file, name)
	}
	assert.NotNil(t, options.AutoGenerateRequirements, file)
	assert.NotNil(t, options.Timeout, file)
}

// pinning registries have every image, under the digest of a base image that everybody knows.
type pinning struct{ registries }

func (*pinning) Pin(_ context.Context, reference string, _ registry.Access) (string, error) {
	name, _, _ := strings.Cut(reference, "@")
	if i := strings.LastIndex(name, ":"); i > strings.LastIndex(name, "/") {
		name = name[:i]
	}
	return name + "@sha256:" + strings.Repeat("b", 64), nil
}

// Every sample comes as far as the cluster lets it: to its run, or to a build system. None is refused for what is in it. The
// repositories of the samples are not there; one with all their files stands in for them.
func TestNoSampleIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorldWithoutOperator(t)
	w.operator = startOperatorWith(t, newLine(), setup{settings: theSettings, images: &pinning{}}, w.namespace)
	for _, name := range []string{"git-token", "git-ssh"} {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}, StringData: map[string]string{"token": "abc"}}
		require.NoError(t, kube.Create(t.Context(), secret))
	}
	require.NoError(t, kube.Create(t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "registry-credentials"},
		Type:       corev1.SecretTypeDockerConfigJson, Data: map[string][]byte{corev1.DockerConfigJsonKey: []byte(`{"auths":{}}`)},
	}))
	notebook, err := os.ReadFile(filepath.Join(w.repository.dir, "notebooks", "one.ipynb"))
	require.NoError(t, err)
	files := map[string]string{"environments/distributions.txt": "tiny==1.0\n", "Dockerfile": "FROM scratch\n", "docker/Dockerfile": "FROM scratch\n"}
	all := samples(t)
	for _, object := range all {
		for _, path := range [][]string{{"spec", "notebook", "path"}, {"spec", "goldenNotebook", "path"}, {"spec", "notebookPath"}} {
			if name, found, _ := unstructured.NestedString(object.Object, path...); found {
				files[name] = string(notebook)
			}
		}
		for _, git := range [][]string{{"spec", "notebook", "git"}, {"spec", "goldenNotebook", "git"}, {"spec", "git"}} {
			if _, found, _ := unstructured.NestedMap(object.Object, git...); found {
				require.NoError(t, unstructured.SetNestedField(object.Object, w.repository.url, append(slices.Clone(git), "url")...))
				require.NoError(t, unstructured.SetNestedField(object.Object, "main", append(slices.Clone(git), "ref")...))
			}
		}
		object.SetNamespace(w.namespace)
	}
	w.repository.commit(t, files)
	for file, object := range all {
		require.NoError(t, create(t, object), file)
	}
	for file, object := range all {
		eventually(t, func(c *assert.CollectT) { w.settled(c, file, object) })
	}
}

// settled says whether a sample has its run, or whether its build has come to a build system.
func (w *world) settled(c *assert.CollectT, file string, object client.Object) {
	build, key := &v1alpha1.NotebookBuild{}, client.ObjectKeyFromObject(object)
	if object.GetObjectKind().GroupVersionKind().Kind != "NotebookBuild" {
		job := &v1alpha1.NotebookValidationJob{}
		require.NoError(c, kube.Get(w.Context(), key, job))
		if !job.Spec.PodConfig.BuildEnabled() {
			require.NoError(c, kube.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: naming.Run(job)}, &batchv1.Job{}), file)
			return
		}
		key.Name = naming.Build(job)
	}
	require.NoError(c, kube.Get(w.Context(), key, build), file)
	state := status.Current(build.Status.Conditions, v1alpha1.ConditionSucceeded, build.Generation)
	require.NotNil(c, state, file)
	came := build.Status.ChildName != "" || slices.Contains([]string{
		v1alpha1.ReasonStrategyUnavailable, v1alpha1.ReasonWaitingForSharedBuild, v1alpha1.ReasonBuildQueued,
	}, state.Reason)
	if build.Spec.Strategy == "s2i" && state.Status == metav1.ConditionFalse {
		came = state.Reason == v1alpha1.ReasonBaseImagePullFailed // a tag of an image stream, which this cluster does not have
	}
	assert.True(c, came, "%s: %s %s: %s", file, state.Status, state.Reason, state.Message)
}
