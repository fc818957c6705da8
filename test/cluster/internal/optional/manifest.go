package optional

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// objects are a system's manifests, in the order in which they are applied.
type objects []*unstructured.Unstructured

// read returns the objects of the module's manifests as they are, or as the values have them.
func (s System) read(module string, values map[string]any) (objects, error) {
	var all objects
	for _, folder := range s.Folders {
		files, err := filepath.Glob(filepath.Join(module, filepath.FromSlash(folder), "*.yaml"))
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("the module %s has no manifests in %s", s.Module, folder)
		}
		for _, file := range files {
			if slices.Contains(s.Without, filepath.Base(file)) {
				continue
			}
			read, err := decode(file, values)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", file, err)
			}
			all = append(all, read...)
		}
	}
	return all, nil
}

func decode(file string, values map[string]any) (objects, error) {
	content, err := os.ReadFile(file)
	if err == nil && values != nil {
		content, err = render(content, values)
	}
	if err != nil {
		return nil, err
	}
	var read objects
	for decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096); ; {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return read, nil
		}
		if err != nil {
			return nil, err
		}
		if len(object.Object) > 0 { // a comment between two separators is no object
			read = append(read, object)
		}
	}
}

// of returns the objects of some kinds.
func (o objects) of(kinds ...string) objects {
	return slices.DeleteFunc(slices.Clone(o), func(object *unstructured.Unstructured) bool {
		return !slices.Contains(kinds, object.GetKind())
	})
}

// without returns the objects of all other kinds.
func (o objects) without(kinds ...string) objects {
	return slices.DeleteFunc(slices.Clone(o), func(object *unstructured.Unstructured) bool {
		return slices.Contains(kinds, object.GetKind())
	})
}

// outside returns the objects that are in no namespace; the others go with theirs.
func (o objects) outside() objects {
	return slices.DeleteFunc(slices.Clone(o), func(object *unstructured.Unstructured) bool { return object.GetNamespace() != "" })
}

// names returns each object as kubectl calls it, type/name.
func (o objects) names() []string {
	var names []string
	for _, object := range o {
		names = append(names, strings.ToLower(object.GetKind())+"/"+object.GetName())
	}
	return names
}

// text writes the objects for kubectl.
func (o objects) text() (string, error) {
	var text strings.Builder
	for _, object := range o {
		content, err := json.Marshal(object.Object)
		if err != nil {
			return "", err
		}
		text.WriteString("---\n")
		text.Write(content)
		text.WriteString("\n")
	}
	return text.String(), nil
}
