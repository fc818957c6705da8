// Command manifests reads the operator's rendered manifests from standard input and fails where they break a rule that
// the operator promises to its cluster: no wildcard rights, no lists of secrets, a restricted pod, one image.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	image := flag.String("image", "", "image that the operator must run; any when empty")
	flag.Parse()
	objects, err := read(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "manifests:", err)
		os.Exit(1)
	}
	problems := check(objects, *image)
	for _, problem := range problems {
		fmt.Fprintln(os.Stderr, "manifests:", problem)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
	fmt.Printf("%d manifests are sound\n", len(objects))
}

func read(stream io.Reader) ([]unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(stream, 4096)
	var objects []unstructured.Unstructured
	for {
		object := unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}
