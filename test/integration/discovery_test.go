package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// What kubectl shows of the API: short names, columns and explanations.

func TestShortNames(t *testing.T) {
	t.Parallel()
	clientset, err := kubernetes.NewForConfig(admin)
	require.NoError(t, err)
	served, err := clientset.Discovery().ServerResourcesForGroupVersion(v1alpha1.SchemeGroupVersion.String())
	require.NoError(t, err)
	short := map[string][]string{}
	for _, resource := range served.APIResources {
		short[resource.Name] = resource.ShortNames
	}
	assert.Equal(t, map[string][]string{
		"notebookvalidationjobs": {"nvj", "nvjob"}, "notebookvalidationjobs/status": nil,
		"notebookbuilds": {"nbb"}, "notebookbuilds/status": nil,
	}, short)
}

func TestColumns(t *testing.T) {
	t.Parallel()
	key := factJob(t)
	require.NoError(t, status.Apply(t.Context(), kube, readJob(t, key), alice, status.Owned[v1alpha1.NotebookValidationJobStatus]{
		After: v1alpha1.NotebookValidationJobStatus{
			Phase: v1alpha1.PhaseBuilding, Message: "Building the image.",
			BuildStatus: &v1alpha1.BuildStatus{Phase: v1alpha1.BuildPhaseRunning},
		},
	}))
	build := &v1alpha1.NotebookBuild{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: "build"}}
	build.Spec.Git.URL, build.Spec.NotebookPath = "https://git.example.com/a", "one.ipynb"
	require.NoError(t, kube.Create(t.Context(), build))

	jobs := table(t, key.Namespace, "notebookvalidationjobs")
	assert.Equal(t, []string{"Name", "Phase", "Build", "Notebook", "Age"}, columns(jobs, 0))
	assert.Equal(t, []string{"Message"}, columns(jobs, 1))
	require.Len(t, jobs.Rows, 1)
	assert.Equal(t, []any{"job", "Building", "Running", "notebooks/one.ipynb"}, jobs.Rows[0].Cells[:4])
	assert.Equal(t, "Building the image.", jobs.Rows[0].Cells[5])
	builds := table(t, key.Namespace, "notebookbuilds")
	assert.Equal(t, []string{"Name", "Phase", "Environment", "Reason", "Age"}, columns(builds, 0))
	assert.Equal(t, []string{"Commit", "Strategy", "Image", "Message"}, columns(builds, 1))
}

// table asks for what kubectl get prints.
func table(t *testing.T, namespace, resource string) *metav1.Table {
	t.Helper()
	clientset, err := kubernetes.NewForConfig(admin)
	require.NoError(t, err)
	body, err := clientset.RESTClient().Get().
		AbsPath("/apis/mlops.mlops.dev/v1alpha1/namespaces", namespace, resource).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").DoRaw(t.Context())
	require.NoError(t, err)
	answer := &metav1.Table{}
	require.NoError(t, json.Unmarshal(body, answer))
	return answer
}

// columns of a priority: 0 is always shown, 1 with -o wide.
func columns(answer *metav1.Table, priority int32) []string {
	var names []string
	for _, column := range answer.ColumnDefinitions {
		if column.Priority == priority {
			names = append(names, column.Name)
		}
	}
	return names
}

func TestEveryFieldIsExplained(t *testing.T) {
	t.Parallel()
	crds, err := filepath.Glob(filepath.Join(crdDir, "*.yaml"))
	require.NoError(t, err)
	require.Len(t, crds, 2)
	for _, file := range crds {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		written := &apiextensionsv1.CustomResourceDefinition{}
		require.NoError(t, yaml.UnmarshalStrict(data, written))
		crd := &apiextensionsv1.CustomResourceDefinition{}
		scheme := runtime.NewScheme()
		require.NoError(t, apiextensionsv1.AddToScheme(scheme))
		apiextensions, err := client.New(admin, client.Options{Scheme: scheme})
		require.NoError(t, err)
		require.NoError(t, apiextensions.Get(t.Context(), client.ObjectKeyFromObject(written), crd))
		for _, v := range crd.Spec.Versions {
			for _, name := range []string{"spec", "status"} {
				assertExplained(t, crd.Spec.Names.Kind+"."+name, v.Schema.OpenAPIV3Schema.Properties[name])
			}
		}
	}
}

// assertExplained checks a field and those in it. Types of Kubernetes explain theirs except for a few that they have always
// left out, which are not ours to word.
func assertExplained(t *testing.T, path string, schema apiextensionsv1.JSONSchemaProps) {
	t.Helper()
	assert.NotEmpty(t, schema.Description, path)
	for name, property := range schema.Properties {
		assertExplained(t, path+"."+name, property)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		for name, property := range schema.Items.Schema.Properties {
			assertExplained(t, path+"[]."+name, property)
		}
	}
}
