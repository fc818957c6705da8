package bundle

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"mlops.dev/notebook-validator-operator/hack/bundle/graph"
)

func TestEveryFieldHasADescriptorAndEveryDescriptorAField(t *testing.T) {
	crds := loadCRDs(t, current)
	for _, owned := range loadCSV(t, current).Spec.CustomResourceDefinitions.Owned {
		t.Run(owned.Kind, func(t *testing.T) {
			require.Contains(t, crds, owned.Name)
			assert.NotEmpty(t, owned.Resources)
			schema := crds[owned.Name].Spec.Versions[0].Schema.OpenAPIV3Schema
			var specs, statuses []string
			for _, descriptor := range owned.SpecDescriptors {
				specs = append(specs, descriptor.Path)
			}
			for _, descriptor := range owned.StatusDescriptors {
				statuses = append(statuses, descriptor.Path)
			}
			described(t, schema.Properties["spec"], specs)
			described(t, schema.Properties["status"], statuses)
		})
	}
}

func described(t *testing.T, schema apiextensionsv1.JSONSchemaProps, paths []string) {
	t.Helper()
	for name := range schema.Properties {
		assert.Contains(t, paths, name)
	}
	for _, path := range paths {
		field := schema
		for name := range strings.SplitSeq(path, ".") {
			next, found := field.Properties[name]
			assert.True(t, found, "%s: there is no %s", path, name)
			field = next
		}
	}
	sorted := slices.Clone(paths)
	slices.Sort(sorted)
	assert.Len(t, slices.Compact(sorted), len(paths), "a path is described twice")
}

// TestListsOfADescriptorAreTheValuesOfItsField keeps the drop-down lists of a console equal to the enums.
func TestListsOfADescriptorAreTheValuesOfItsField(t *testing.T) {
	const list = "urn:alm:descriptor:com.tectonic.ui:select:"
	crds := loadCRDs(t, current)
	for _, owned := range loadCSV(t, current).Spec.CustomResourceDefinitions.Owned {
		for _, descriptor := range owned.SpecDescriptors {
			var offered, wanted []string
			for _, word := range descriptor.XDescriptors {
				if value, found := strings.CutPrefix(word, list); found {
					offered = append(offered, value)
				}
			}
			field := crds[owned.Name].Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
			for name := range strings.SplitSeq(descriptor.Path, ".") {
				field = field.Properties[name]
			}
			for _, value := range field.Enum {
				wanted = append(wanted, strings.Trim(string(value.Raw), `"`))
			}
			assert.ElementsMatch(t, wanted, offered, "%s %s", owned.Kind, descriptor.Path)
		}
	}
}

func TestInstallModesAreThoseThatTheVersionHas(t *testing.T) {
	all := []operatorsv1alpha1.InstallModeType{
		operatorsv1alpha1.InstallModeTypeOwnNamespace, operatorsv1alpha1.InstallModeTypeSingleNamespace,
		operatorsv1alpha1.InstallModeTypeMultiNamespace, operatorsv1alpha1.InstallModeTypeAllNamespaces,
	}
	tests := map[string][]operatorsv1alpha1.InstallModeType{
		releases + "/0.1.0": {operatorsv1alpha1.InstallModeTypeAllNamespaces},
		current:             all,
	}
	for folder, supported := range tests {
		var found []operatorsv1alpha1.InstallModeType
		for _, mode := range loadCSV(t, folder).Spec.InstallModes {
			if mode.Supported {
				found = append(found, mode.Type)
			}
		}
		assert.ElementsMatch(t, supported, found, folder)
	}
}

func TestRelatedImagesAreThoseThatTheOperatorUses(t *testing.T) {
	files, err := filepath.Glob(root + "/*.go")
	require.NoError(t, err)
	var program []byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		program = append(program, text...)
	}
	csv := loadCSV(t, current)
	related := map[string]string{}
	for _, image := range csv.Spec.RelatedImages {
		related[image.Name] = image.Image
	}
	require.Len(t, related, 3)
	container := csv.Spec.InstallStrategy.StrategySpec.DeploymentSpecs[0].Spec.Template.Spec.Containers[0]
	assert.Equal(t, container.Image, related["notebook-validator"])
	assert.Equal(t, container.Image, csv.Annotations["containerImage"])
	for _, flag := range []string{"base-image", "builder-image"} {
		found := regexp.MustCompile(`"` + flag + `", "([^"]+)"`).FindSubmatch(program)
		require.NotNil(t, found, "the operator has no flag --%s with a default", flag)
		assert.Equal(t, string(found[1]), related[flag])
	}
}

func TestLabelsOfTheImageAreTheAnnotations(t *testing.T) {
	var file struct {
		Annotations map[string]string `json:"annotations"`
	}
	load(t, current+"/metadata/annotations.yaml", &file)
	text, err := os.ReadFile(root + "/bundle.Dockerfile")
	require.NoError(t, err)
	labels := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if label, found := strings.CutPrefix(strings.TrimSpace(line), "LABEL "); found {
			name, value, _ := strings.Cut(label, "=")
			labels[name] = value
		}
	}
	require.NotEmpty(t, labels)
	assert.Equal(t, file.Annotations, labels)
}

func TestEveryReleaseIsInTheGraph(t *testing.T) {
	template, err := graph.Load(root + "/catalog/template.yaml")
	require.NoError(t, err)
	for _, folder := range append(frozen(t), current) {
		csv := loadCSV(t, folder)
		release, err := template.Release(csv.Name)
		require.NoError(t, err)
		assert.Equal(t, release.Entry.Replaces, csv.Spec.Replaces)
		assert.Equal(t, template.Package.Name+".v"+csv.Spec.Version.String(), csv.Name)
		if folder != current {
			assert.Equal(t, filepath.Base(folder), csv.Spec.Version.String())
		}
	}
}
