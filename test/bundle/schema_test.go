package bundle

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// problems are what an API server with these definitions says of an object: fields that it does not know, and rules of
// the schema and of CEL that the object breaks once defaults are set.
func problems(t *testing.T, crds map[string]*apiextensionsv1.CustomResourceDefinition, object map[string]any) []string {
	t.Helper()
	kind, _ := object["kind"].(string)
	for _, crd := range crds {
		if crd.Spec.Names.Kind != kind {
			continue
		}
		props := &apiextensions.JSONSchemaProps{}
		require.NoError(t, apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, props, nil))
		structural, err := schema.NewStructural(props)
		require.NoError(t, err)
		validator, _, err := validation.NewSchemaValidator(props)
		require.NoError(t, err)
		object = runtime.DeepCopyJSON(object)
		found := pruning.PruneWithOptions(object, structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
		defaulting.Default(object, structural)
		for _, problem := range validation.ValidateCustomResource(nil, object, validator) {
			found = append(found, problem.Error())
		}
		broken, _ := cel.NewValidator(structural, true, celconfig.PerCallLimit).Validate(context.Background(), nil, structural, object, nil, celconfig.RuntimeCELCostBudget)
		for _, problem := range broken {
			found = append(found, problem.Error())
		}
		return found
	}
	return []string{"there is no kind " + kind}
}

func TestEveryVersionAcceptsItsExamplesAndTheOnesBefore(t *testing.T) {
	after := loadCRDs(t, current)
	for _, folder := range append(frozen(t), current) {
		for _, example := range loadExamples(t, folder) {
			assert.Empty(t, problems(t, loadCRDs(t, folder), example), "example of %s in itself", folder)
			assert.Empty(t, problems(t, after, example), "example of %s in the current version", folder)
		}
	}
}

// TestEveryVersionAcceptsTheSamplesOfTheFirst reads the samples as they stood in 0.1.0: people have copies of them.
func TestEveryVersionAcceptsTheSamplesOfTheFirst(t *testing.T) {
	files, err := filepath.Glob("testdata/0.1.0/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		sample := map[string]any{}
		require.NoError(t, yaml.Unmarshal(text, &sample))
		for _, folder := range append(frozen(t), current) {
			assert.Empty(t, problems(t, loadCRDs(t, folder), sample), "%s in %s", file, folder)
		}
	}
}

func TestWhatIsWrongWithAnObjectIsSaid(t *testing.T) {
	crds := loadCRDs(t, current)
	breaks := map[string]func(spec map[string]any){
		"an unknown field":       func(spec map[string]any) { spec["colour"] = "red" },
		"a type":                 func(spec map[string]any) { spec["rerun"] = int64(1) },
		"a pattern":              func(spec map[string]any) { spec["timeout"] = "soon" },
		"a CEL rule":             func(spec map[string]any) { spec["timeout"] = "0s" },
		"a required field":       func(spec map[string]any) { delete(spec, "notebook") },
		"a value of an enum":     func(spec map[string]any) { spec["unknownParameters"] = "perhaps" },
		"a rule over two fields": func(spec map[string]any) { spec["podConfig"] = map[string]any{} },
	}
	for name, breakIt := range breaks {
		t.Run(name, func(t *testing.T) {
			for _, example := range loadExamples(t, current) {
				if example["kind"] == "NotebookValidationJob" {
					breakIt(example["spec"].(map[string]any))
					assert.NotEmpty(t, problems(t, crds, example))
				}
			}
		})
	}
}
