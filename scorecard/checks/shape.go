package checks

import (
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// definition is the schema of one version of a kind.
type definition struct {
	schema *apiextensionsv1.JSONSchemaProps
}

func (d definition) exists() bool { return d.schema != nil }

// crdOf finds the definition of a kind in the bundle.
func crdOf(b *Bundle, kind schema.GroupVersionKind) definition {
	for _, crd := range b.CRDs {
		if crd.Spec.Group != kind.Group || crd.Spec.Names.Kind != kind.Kind {
			continue
		}
		for _, version := range crd.Spec.Versions {
			if version.Name == kind.Version && version.Served && version.Schema != nil {
				return definition{version.Schema.OpenAPIV3Schema}
			}
		}
	}
	return definition{}
}

// shapeProblems holds the examples against the definitions of the bundle. It sees what a dry run does not, because the API
// server drops the status of what is created.
func shapeProblems(b *Bundle) []string {
	var problems []string
	for _, example := range b.Examples {
		found := crdOf(b, example.GroupVersionKind())
		if !found.exists() {
			continue // exampleKinds tells of it
		}
		violations, err := found.violations(example)
		if err != nil {
			violations = []string{err.Error()}
		}
		for _, violation := range violations {
			problems = append(problems, fmt.Sprintf("%s: %s", title(example), violation))
		}
	}
	return problems
}

func (d definition) violations(example unstructured.Unstructured) ([]string, error) {
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(d.schema, &internal, nil); err != nil {
		return nil, fmt.Errorf("convert its schema: %w", err)
	}
	structural, err := structuralschema.NewStructural(&internal)
	if err != nil {
		return nil, fmt.Errorf("its schema is not structural: %w", err)
	}
	validator, _, err := validation.NewSchemaValidator(&internal)
	if err != nil {
		return nil, fmt.Errorf("compile its schema: %w", err)
	}
	var violations []string
	for _, problem := range validation.ValidateCustomResource(nil, example.Object, validator) {
		violations = append(violations, problem.Error())
	}
	unknown := pruning.PruneWithOptions(example.DeepCopy().Object, structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		violations = append(violations, fmt.Sprintf("%s: there is no such field", path))
	}
	return violations, nil
}
