package optional

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// source begins the name of an image that is made of a Go package.
const source = "ko://"

// adapter makes a system's manifests fit the cluster.
type adapter struct {
	system System
	// images are the references by program.
	images map[string]string
	// shell is the reference of the image with a shell.
	shell string
	// registry is the prefix of every image that the cluster can pull.
	registry string
}

// adapt changes the objects in place. What it does not know how to change is an error at once, instead of an image that
// cannot be pulled and a wait that ends in vain.
func (a adapter) adapt(all objects) error {
	for _, object := range all {
		if err := a.object(object); err != nil {
			return fmt.Errorf("adapt the %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}

func (a adapter) object(object *unstructured.Unstructured) error {
	if err := a.replace(object.Object); err != nil {
		return err
	}
	switch {
	case object.GetKind() == "Deployment":
		return a.deployment(object)
	case object.GetKind() == "CustomResourceDefinition" && a.system.SingleVersion:
		return unstructured.SetNestedMap(object.Object, map[string]any{"strategy": "None"}, "spec", "conversion")
	}
	return nil
}

// replace puts references in the place of Go packages, wherever a manifest names one.
func (a adapter) replace(value any) error {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			changed, err := a.value(inner)
			if err != nil {
				return err
			}
			value[key] = changed
		}
	case []any:
		for i, inner := range value {
			changed, err := a.value(inner)
			if err != nil {
				return err
			}
			value[i] = changed
		}
	}
	return nil
}

func (a adapter) value(value any) (any, error) {
	text, isText := value.(string)
	if !isText || !strings.HasPrefix(text, source) {
		return value, a.replace(value)
	}
	program := strings.TrimPrefix(text, source+a.system.Module+"/cmd/")
	reference, known := a.images[program]
	if !known {
		return nil, fmt.Errorf("no image was made of %s", text)
	}
	return reference, nil
}

// deployment fits the containers, which have to be there: a path that has moved would otherwise leave them as they were.
func (a adapter) deployment(object *unstructured.Unstructured) error {
	path := []string{"spec", "template", "spec", "containers"}
	containers, found, err := unstructured.NestedSlice(object.Object, path...)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("it has no %s", strings.Join(path, "."))
	}
	for _, item := range containers {
		container, ok := item.(map[string]any)
		if !ok {
			return fmt.Errorf("a container is not an object: %v", item)
		}
		if err := a.container(container); err != nil {
			return err
		}
	}
	if err := unstructured.SetNestedSlice(object.Object, containers, path...); err != nil {
		return err
	}
	// The programs would wait most of a minute for last requests that nobody sends.
	return unstructured.SetNestedField(object.Object, int64(2), "spec", "template", "spec", "terminationGracePeriodSeconds")
}

// container makes a container ask for little, because builds run on the same two processors, and makes it ready as soon as
// it is.
func (a adapter) container(container map[string]any) error {
	container["resources"] = map[string]any{"requests": map[string]any{"cpu": "10m", "memory": "48Mi"}}
	if probe, ok := container["readinessProbe"].(map[string]any); ok {
		probe["initialDelaySeconds"], probe["periodSeconds"] = int64(0), int64(1)
	}
	reference, _ := container["image"].(string)
	if !strings.HasPrefix(reference, a.registry) {
		return fmt.Errorf("its image %q is not in the cluster's registry", reference)
	}
	arguments, _ := container["args"].([]any)
	return a.flags(arguments)
}

// flags gives the flags that take an image one that the cluster has.
func (a adapter) flags(arguments []any) error {
	for i, argument := range arguments {
		flag, _ := argument.(string)
		if name, value, joined := strings.Cut(flag, "="); joined && strings.HasSuffix(name, "Image") && !strings.HasPrefix(value, a.registry) {
			return fmt.Errorf("the image %s of its flag %s is not in the cluster's registry", value, name)
		}
		if !strings.HasSuffix(strings.TrimSuffix(flag, "-win"), "-image") || i+1 == len(arguments) {
			continue
		}
		if slices.Contains(a.system.ShellFlags, flag) {
			arguments[i+1] = a.shell
		}
		if reference, _ := arguments[i+1].(string); !strings.HasPrefix(reference, a.registry) {
			return fmt.Errorf("the image %v of its flag %s is not in the cluster's registry", arguments[i+1], flag)
		}
	}
	return nil
}
