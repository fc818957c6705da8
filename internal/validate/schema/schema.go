// Package schema holds settings against the rules of the API, types, patterns, bounds and CEL alike. They are taken from
// the CustomResourceDefinition itself: what an API server refuses is refused here, in the same words.
package schema

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/config/crd"
)

// Keys are the fields of the job's spec that mean something without a cluster.
func Keys() []string {
	return []string{
		"validationConfig", "comparisonConfig", "goldenNotebook", "parameters", "unknownParameters", "timeout", "cellTimeout",
	}
}

// Violation is a rule that settings break.
type Violation struct {
	// Path of the field, for example validationConfig.expectedOutputs[1].range; empty for the settings as a whole.
	Path string
	// Message says what is wrong with it.
	Message string
}

// Check holds settings, as an API server would read them from JSON, against the rules. Those of CEL are for what is well
// formed otherwise.
func Check(settings map[string]any) ([]Violation, error) {
	rules, err := load()
	if err != nil {
		return nil, err
	}
	if unknown := unknownFields("", settings, &rules.schema); len(unknown) > 0 {
		return unknown, nil
	}
	found := validation.ValidateCustomResource(nil, settings, rules.shape)
	if len(found) == 0 {
		found, _ = rules.cel.Validate(context.Background(), nil, rules.structural, settings, nil, celconfig.RuntimeCELCostBudget)
	}
	violations := parameterNames(settings)
	for _, problem := range found {
		violations = append(violations, Violation{Path: problem.Field, Message: sentence(problem)})
	}
	slices.SortStableFunc(violations, func(a, b Violation) int { return strings.Compare(a.Path, b.Path) })
	return violations, nil
}

var parameterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)

// parameterNames are the one rule that a schema cannot say: CEL does not look into objects of values of any type.
func parameterNames(settings map[string]any) []Violation {
	parameters, _ := settings["parameters"].(map[string]any)
	var violations []Violation
	for name := range parameters {
		if !parameterName.MatchString(name) {
			violations = append(violations, Violation{
				Path: "parameters." + name, Message: "names of parameters must be names of Python variables",
			})
		}
	}
	return violations
}

// sentence leaves the words of the API server, without the path, which stands in front of it, and without the value where
// a rule has a message of its own.
func sentence(problem *field.Error) string {
	body := strings.ReplaceAll(problem.ErrorBody(), problem.Field+" in body", "it")
	if problem.Type == field.ErrorTypeInvalid && !strings.Contains(problem.Detail, " in body ") && problem.Detail != "" {
		return problem.Detail
	}
	return strings.ToLower(body[:1]) + body[1:]
}

type rules struct {
	schema     apiextensions.JSONSchemaProps
	structural *structuralschema.Structural
	shape      validation.SchemaValidator
	cel        *cel.Validator
}

// load takes the rules out of the definition, once and only where somebody has settings.
var load = sync.OnceValues(func() (*rules, error) {
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(crd.NotebookValidationJobs, &definition); err != nil {
		return nil, fmt.Errorf("read the definition of NotebookValidationJob: %w", err)
	}
	if len(definition.Spec.Versions) == 0 || definition.Spec.Versions[0].Schema == nil {
		return nil, errors.New("the definition of NotebookValidationJob has no schema")
	}
	spec := definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	reduced, err := reduce(spec)
	if err != nil {
		return nil, err
	}
	found := &rules{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&reduced, &found.schema, nil); err != nil {
		return nil, fmt.Errorf("convert the schema of settings: %w", err)
	}
	if found.structural, err = structuralschema.NewStructural(&found.schema); err != nil {
		return nil, fmt.Errorf("convert the schema of settings: %w", err)
	}
	if found.shape, _, err = validation.NewSchemaValidator(&found.schema); err != nil {
		return nil, fmt.Errorf("compile the schema of settings: %w", err)
	}
	found.cel = cel.NewValidator(found.structural, false, celconfig.PerCallLimit)
	return found, nil
})

// reduce keeps what means something without a cluster.
func reduce(spec apiextensionsv1.JSONSchemaProps) (apiextensionsv1.JSONSchemaProps, error) {
	kept := apiextensionsv1.JSONSchemaProps{Type: "object", Properties: map[string]apiextensionsv1.JSONSchemaProps{}}
	for _, key := range Keys() {
		property, ok := spec.Properties[key]
		if !ok {
			return kept, fmt.Errorf("the definition of NotebookValidationJob has no field %s", key)
		}
		kept.Properties[key] = property
	}
	delete(kept.Properties["goldenNotebook"].Properties, "git")
	return kept, nil
}
