package checks

import (
	"fmt"
	"slices"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"
)

// Conditions checks that every kind can be waited for and be written by several controllers: its status is a subresource,
// its conditions are a list map by type, and each of them can say what generation it speaks of, as those of the examples
// do.
func Conditions(b *Bundle) v1alpha3.TestResult {
	problems := ownedProblems(b)
	for _, crd := range b.CRDs {
		for _, version := range crd.Spec.Versions {
			for _, problem := range versionProblems(version) {
				problems = append(problems, fmt.Sprintf("%s %s: %s", crd.Name, version.Name, problem))
			}
		}
	}
	for _, example := range b.Examples {
		for i, condition := range conditionsOf(example) {
			if _, found, err := unstructured.NestedInt64(condition, "observedGeneration"); !found || err != nil {
				problems = append(problems, fmt.Sprintf("%s: condition %d has no observedGeneration", title(example), i))
			}
		}
	}
	return verdict(NameConditions, problems,
		"Declare status.conditions as []metav1.Condition with +listType=map and +listMapKey=type, and enable the status subresource.")
}

// ownedProblems holds that the CSV owns the definitions of the bundle, those and no others.
func ownedProblems(b *Bundle) []string {
	var problems []string
	if len(b.CRDs) == 0 {
		problems = append(problems, "the bundle has no CustomResourceDefinition")
	}
	var owned []string
	for _, description := range b.CSV.Spec.CustomResourceDefinitions.Owned {
		owned = append(owned, description.Name)
		if !slices.ContainsFunc(b.CRDs, func(crd apiextensionsv1.CustomResourceDefinition) bool { return crd.Name == description.Name }) {
			problems = append(problems, fmt.Sprintf("the CSV owns %s, which is not in the bundle", description.Name))
		}
	}
	for _, crd := range b.CRDs {
		if !slices.Contains(owned, crd.Name) {
			problems = append(problems, fmt.Sprintf("the CSV does not own %s", crd.Name))
		}
		if len(crd.Spec.Versions) == 0 {
			problems = append(problems, fmt.Sprintf("%s has no version", crd.Name))
		}
	}
	return problems
}

func versionProblems(version apiextensionsv1.CustomResourceDefinitionVersion) []string {
	var problems []string
	if version.Subresources == nil || version.Subresources.Status == nil {
		problems = append(problems, "status is not a subresource")
	}
	if version.Schema == nil || version.Schema.OpenAPIV3Schema == nil {
		return append(problems, "there is no schema")
	}
	conditions, found := version.Schema.OpenAPIV3Schema.Properties["status"].Properties["conditions"]
	if !found {
		return append(problems, "there is no status.conditions")
	}
	if conditions.Type != "array" || ptr.Deref(conditions.XListType, "") != "map" || !slices.Equal(conditions.XListMapKeys, []string{"type"}) {
		problems = append(problems, "status.conditions is not a list map with the key type")
	}
	if conditions.Items == nil || conditions.Items.Schema == nil {
		return append(problems, "status.conditions does not say what its items are")
	}
	if generation := conditions.Items.Schema.Properties["observedGeneration"]; generation.Type != "integer" {
		problems = append(problems, "status.conditions has no observedGeneration")
	}
	return problems
}

// conditionsOf are the conditions in the status of an example.
func conditionsOf(example unstructured.Unstructured) []map[string]any {
	list, _, _ := unstructured.NestedSlice(example.Object, "status", "conditions") // a wrong type is for the schema to find
	var conditions []map[string]any
	for _, item := range list {
		if condition, ok := item.(map[string]any); ok {
			conditions = append(conditions, condition)
		}
	}
	return conditions
}
