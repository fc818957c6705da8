package bundle

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

const (
	root     = "../.."
	current  = root + "/bundle"
	releases = root + "/catalog/releases"
	csvFile  = "manifests/notebook-validator-operator.clusterserviceversion.yaml"
)

// frozen are the folders of the bundles of earlier versions.
func frozen(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob(releases + "/*")
	require.NoError(t, err)
	require.NotEmpty(t, folders)
	return folders
}

func load(t *testing.T, path string, target any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, yaml.UnmarshalStrict(text, target), path)
}

func loadCSV(t *testing.T, folder string) *operatorsv1alpha1.ClusterServiceVersion {
	t.Helper()
	csv := &operatorsv1alpha1.ClusterServiceVersion{}
	load(t, filepath.Join(folder, csvFile), csv)
	return csv
}

// loadCRDs returns the CRDs of a bundle by their names.
func loadCRDs(t *testing.T, folder string) map[string]*apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "manifests/mlops.mlops.dev_*.yaml"))
	require.NoError(t, err)
	crds := map[string]*apiextensionsv1.CustomResourceDefinition{}
	for _, file := range files {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		load(t, file, crd)
		crds[crd.Name] = crd
	}
	require.NotEmpty(t, crds)
	return crds
}

// loadExamples returns the examples that user interfaces make forms of.
func loadExamples(t *testing.T, folder string) []map[string]any {
	t.Helper()
	var examples []map[string]any
	require.NoError(t, json.Unmarshal([]byte(loadCSV(t, folder).Annotations["alm-examples"]), &examples))
	require.NotEmpty(t, examples)
	return examples
}
