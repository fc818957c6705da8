package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"

	"mlops.dev/notebook-validator-operator/internal/validate/nearest"
)

// unknownFields finds fields that the schema does not know: a setting that is misspelt must not go unheard.
func unknownFields(path string, value any, schema *apiextensions.JSONSchemaProps) []Violation {
	switch value := value.(type) {
	case map[string]any:
		return unknownInObject(path, value, schema)
	case []any:
		if schema.Items == nil || schema.Items.Schema == nil {
			return nil
		}
		var found []Violation
		for i, item := range value {
			found = append(found, unknownFields(fmt.Sprintf("%s[%d]", path, i), item, schema.Items.Schema)...)
		}
		return found
	}
	return nil
}

func unknownInObject(path string, object map[string]any, schema *apiextensions.JSONSchemaProps) []Violation {
	if schema.AdditionalProperties != nil || schema.XPreserveUnknownFields != nil || schema.Type != "object" {
		return nil
	}
	var found []Violation
	for _, key := range slices.Sorted(maps.Keys(object)) {
		inner := key
		if path != "" {
			inner = path + "." + key
		}
		if property, ok := schema.Properties[key]; ok {
			found = append(found, unknownFields(inner, object[key], &property)...)
			continue
		}
		found = append(found, Violation{Path: inner, Message: unknownMessage(path, key, slices.Sorted(maps.Keys(schema.Properties)))})
	}
	return found
}

func unknownMessage(path, key string, known []string) string {
	switch meant := nearest.Word(key, known); {
	case path == "goldenNotebook" && key == "git":
		return "a golden notebook is taken from this folder; only a job in a cluster fetches one from another repository"
	case meant != "":
		return fmt.Sprintf("unknown field; did you mean %s?", meant)
	}
	return "unknown field; there are " + strings.Join(known, ", ")
}
