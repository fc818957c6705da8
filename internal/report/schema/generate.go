package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"mlops.dev/notebook-validator-operator/internal/report"
)

// Module is the path of the module, which all the types of a report belong to.
const Module = "mlops.dev/notebook-validator-operator"

// object is a JSON object; its keys come out in alphabetical order.
type object map[string]any

// runOnly are the fields that records of runs and reports share the types of, and that no report has.
var runOnly = map[string]bool{"RunCell.Stderr": true, "RunCell.Facts": true}

// Generate returns the schema of report.json. The root is the folder of the module: comments are taken from its sources.
// A field that this program does not know is allowed, so that a schema that was kept accepts the reports of later
// programs of the same schemaVersion.
func Generate(root string) ([]byte, error) {
	generator := &generator{sources: newSources(root), definitions: object{}}
	schema, err := generator.structOf(reflect.TypeFor[report.Report]())
	if err != nil {
		return nil, err
	}
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Report of the validation of a notebook"
	schema["$defs"] = generator.definitions
	properties := schema["properties"].(object)
	properties["schemaVersion"].(object)["const"] = report.SchemaVersion
	properties["verdict"].(object)["enum"] = []string{"Passed", "Failed"}
	return encode(schema)
}

func encode(schema object) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(schema)
	return out.Bytes(), err
}

type generator struct {
	sources *sources
	// definitions of the named structs that were met.
	definitions object
}

// structOf describes the fields of a struct.
func (g *generator) structOf(of reflect.Type) (object, error) {
	properties, required := object{}, []string{}
	for i := range of.NumField() {
		field := of.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case runOnly[of.Name()+"."+field.Name]:
			continue
		case name == "" || name == "-" || field.Anonymous:
			return nil, fmt.Errorf("%s.%s: the schema needs a name in its json tag", of.Name(), field.Name)
		}
		optional := strings.Contains(options, "omitempty")
		property, err := g.valueOf(field.Type, !optional)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", of.Name(), field.Name, err)
		}
		comment, err := g.sources.comment(of.PkgPath(), of.Name(), field.Name)
		if err != nil {
			return nil, err
		}
		if comment != "" {
			property["description"] = comment
		}
		properties[name] = property
		if !optional {
			required = append(required, name)
		}
	}
	comment, err := g.sources.comment(of.PkgPath(), of.Name(), "")
	if err != nil {
		return nil, err
	}
	return object{"type": "object", "description": comment, "properties": properties, "required": required}, nil
}

// valueOf describes a value; a nil pointer is null where it is not left out.
func (g *generator) valueOf(of reflect.Type, nullable bool) (object, error) {
	if of.Kind() == reflect.Pointer {
		value, err := g.valueOf(of.Elem(), false)
		if err != nil || !nullable {
			return value, err
		}
		return object{"anyOf": []object{value, {"type": "null"}}}, nil
	}
	if of == reflect.TypeFor[time.Time]() {
		return object{"type": "string", "format": "date-time"}, nil
	}
	switch of.Kind() {
	case reflect.Struct:
		return g.reference(of)
	case reflect.Slice:
		items, err := g.valueOf(of.Elem(), true)
		return object{"type": "array", "items": items}, err
	case reflect.Map:
		values, err := g.valueOf(of.Elem(), true)
		return object{"type": "object", "additionalProperties": values}, err
	case reflect.Interface:
		return object{}, nil
	case reflect.String:
		return g.stringOf(of)
	case reflect.Bool:
		return object{"type": "boolean"}, nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		return object{"type": "integer"}, nil
	case reflect.Float64:
		return object{"type": "number"}, nil
	}
	return nil, fmt.Errorf("the schema does not know the type %s", of)
}

// stringOf lists the constants of a type that has some: nothing else is written.
func (g *generator) stringOf(of reflect.Type) (object, error) {
	result := object{"type": "string"}
	if !strings.HasPrefix(of.PkgPath(), Module) {
		return result, nil
	}
	constants, err := g.sources.constants(of.PkgPath(), of.Name())
	if len(constants) > 0 {
		result["enum"] = constants
	}
	return result, err
}

// reference describes a struct once, however often it is met.
func (g *generator) reference(of reflect.Type) (object, error) {
	name := of.Name()
	if _, known := g.definitions[name]; !known {
		// A type that holds itself must find itself here.
		g.definitions[name] = object{}
		definition, err := g.structOf(of)
		if err != nil {
			return nil, err
		}
		g.definitions[name] = definition
	}
	return object{"$ref": "#/$defs/" + name}, nil
}
