package checks

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

const (
	manifestsDir    = "manifests"
	metadataDir     = "metadata"
	annotationsFile = "annotations.yaml"
	dockerfileName  = "bundle.Dockerfile"
	// examplesKey is the annotation of the CSV with one example or more of each kind.
	examplesKey = "alm-examples"
)

// Bundle is what the folder of a bundle says.
type Bundle struct {
	CSV  operatorsv1alpha1.ClusterServiceVersion
	CRDs []apiextensionsv1.CustomResourceDefinition
	// Roles are the Roles and ClusterRoles that stand beside the CSV.
	Roles []Role
	// Annotations are those of metadata/annotations.yaml.
	Annotations map[string]string
	// Labels are those of bundle.Dockerfile; nil where there is none.
	Labels map[string]string
	// Examples are the objects of alm-examples.
	Examples []unstructured.Unstructured
}

// Role is a Role or ClusterRole among the manifests.
type Role struct {
	Name  string
	Rules []rbacv1.PolicyRule
}

// Load reads the bundle in the folder. The error says everything that is wrong with its form; the checks that come after
// take the form for granted. The bundle is never nil.
func Load(dir string) (*Bundle, error) {
	bundle := &Bundle{}
	problems := []error{
		bundle.loadManifests(filepath.Join(dir, manifestsDir)),
		bundle.loadAnnotations(filepath.Join(dir, metadataDir, annotationsFile)),
		bundle.loadDockerfile(dir),
	}
	return bundle, errors.Join(problems...)
}

func (b *Bundle) loadManifests(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read the manifests: %w", err)
	}
	var problems []error
	csvs := 0
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			problems = append(problems, fmt.Errorf("read %s: %w", file.Name(), err))
			continue
		}
		kind, err := b.loadManifest(content)
		if err != nil {
			problems = append(problems, fmt.Errorf("read %s: %w", file.Name(), err))
		}
		if kind == operatorsv1alpha1.ClusterServiceVersionKind {
			csvs++
		}
	}
	if csvs != 1 {
		problems = append(problems, fmt.Errorf("the manifests hold %d ClusterServiceVersions instead of one", csvs))
	}
	return errors.Join(problems...)
}

// loadManifest takes the object in a file and returns its kind.
func (b *Bundle) loadManifest(content []byte) (kind string, err error) {
	object, err := onlyDocument(content)
	if err != nil {
		return "", err
	}
	switch kind = object.GetKind(); kind {
	case "":
		return "", errors.New("it has no kind")
	case operatorsv1alpha1.ClusterServiceVersionKind:
		if err := yaml.Unmarshal(content, &b.CSV); err != nil {
			return kind, err
		}
		return kind, b.loadExamples(b.CSV.Annotations[examplesKey])
	case "CustomResourceDefinition":
		crd := apiextensionsv1.CustomResourceDefinition{}
		err = yaml.Unmarshal(content, &crd)
		b.CRDs = append(b.CRDs, crd)
	case "Role", "ClusterRole":
		role := rbacv1.ClusterRole{}
		err = yaml.Unmarshal(content, &role)
		b.Roles = append(b.Roles, Role{Name: kind + " " + role.Name, Rules: role.Rules})
	}
	return kind, err
}

// onlyDocument reads a file that must hold one object: OLM takes the first and is silent about the rest.
func onlyDocument(content []byte) (unstructured.Unstructured, error) {
	object := unstructured.Unstructured{}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	first, err := reader.Read()
	if err != nil {
		return object, fmt.Errorf("it holds no object: %w", err)
	}
	if err := yaml.Unmarshal(first, &object.Object); err != nil {
		return object, err
	}
	rest, err := reader.Read()
	if err == nil && len(bytes.TrimSpace(rest)) > 0 {
		return object, errors.New("it holds more than one object")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return object, err
	}
	return object, nil
}

func (b *Bundle) loadExamples(text string) error {
	if text == "" {
		return nil // each check that needs examples says so
	}
	var objects []map[string]any
	if err := json.Unmarshal([]byte(text), &objects); err != nil {
		return fmt.Errorf("its annotation %s is not a list of objects: %w", examplesKey, err)
	}
	for i, object := range objects {
		example := unstructured.Unstructured{Object: object}
		if example.GetAPIVersion() == "" || example.GetKind() == "" || example.GetName() == "" {
			return fmt.Errorf("its annotation %s: example %d lacks apiVersion, kind or name", examplesKey, i)
		}
		b.Examples = append(b.Examples, example)
	}
	return nil
}

func (b *Bundle) loadAnnotations(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the annotations: %w", err)
	}
	file := struct {
		Annotations map[string]string `json:"annotations"`
	}{}
	if err := yaml.Unmarshal(content, &file); err != nil {
		return fmt.Errorf("read the annotations: %w", err)
	}
	b.Annotations = file.Annotations
	return nil
}

// loadDockerfile reads the labels of bundle.Dockerfile in the bundle or, as in a repository, beside it. An unpacked image
// has none.
func (b *Bundle) loadDockerfile(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	for _, path := range []string{filepath.Join(dir, dockerfileName), filepath.Join(filepath.Dir(dir), dockerfileName)} {
		content, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			b.Labels, err = labels(content)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", dockerfileName, err)
		}
		return nil
	}
	return nil
}

// title names an object in errors.
func title(object unstructured.Unstructured) string {
	return strings.TrimSpace("example " + object.GetKind() + " " + object.GetName())
}
