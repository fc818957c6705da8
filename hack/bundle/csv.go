package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// placeholder is the operator's image in config/.
const placeholder = "notebook-validator:latest"

// clusterServiceVersion fills the base: what is generated here must not stand there, so that it has one source.
func clusterServiceVersion(s source, parts sorted) (unstructured.Unstructured, error) {
	csv := *s.base.DeepCopy()
	install, err := installStrategy(s, parts)
	if err != nil {
		return csv, err
	}
	examples, err := almExamples(s.examples)
	if err != nil {
		return csv, err
	}
	related, _, err := unstructured.NestedSlice(csv.Object, "spec", "relatedImages")
	if err != nil {
		return csv, err
	}
	operator := map[string]any{"name": "notebook-validator", "image": s.image()}
	type field struct {
		value any
		path  []string
	}
	generated := []field{
		{csvName(s.pkg.Name, s.version), []string{"metadata", "name"}},
		{"placeholder", []string{"metadata", "namespace"}},
		{s.image(), []string{"metadata", "annotations", "containerImage"}},
		{examples, []string{"metadata", "annotations", "alm-examples"}},
		{s.version, []string{"spec", "version"}},
		{install, []string{"spec", "install"}},
		{[]any{map[string]any{"base64data": base64.StdEncoding.EncodeToString(s.icon), "mediatype": "image/svg+xml"}}, []string{"spec", "icon"}},
	}
	if s.release.Entry.Replaces != "" {
		generated = append(generated, field{s.release.Entry.Replaces, []string{"spec", "replaces"}})
	}
	for _, field := range generated {
		if _, found, _ := unstructured.NestedFieldNoCopy(csv.Object, field.path...); found {
			return csv, fmt.Errorf("the base has %v, which is generated", field.path)
		}
		if err := unstructured.SetNestedField(csv.Object, field.value, field.path...); err != nil {
			return csv, err
		}
	}
	if err := setSkips(csv, s.release.Entry.Skips); err != nil {
		return csv, err
	}
	if err := unstructured.SetNestedSlice(csv.Object, append([]any{operator}, related...), "spec", "relatedImages"); err != nil {
		return csv, err
	}
	return csv, convert(csv, &operatorsv1alpha1.ClusterServiceVersion{})
}

func setSkips(csv unstructured.Unstructured, skips []string) error {
	if len(skips) == 0 {
		return nil
	}
	return unstructured.SetNestedStringSlice(csv.Object, skips, "spec", "skips")
}

func installStrategy(s source, parts sorted) (map[string]any, error) {
	cluster, namespace, err := split(parts.rules)
	if err != nil {
		return nil, err
	}
	deployment, account, err := deploymentSpec(parts.deployment, s.image())
	if err != nil {
		return nil, err
	}
	strategy := map[string]any{"deployments": []any{deployment}}
	for name, rules := range map[string][]rbacv1.PolicyRule{"clusterPermissions": cluster, "permissions": namespace} {
		if len(rules) == 0 {
			continue
		}
		permission := operatorsv1alpha1.StrategyDeploymentPermissions{ServiceAccountName: account, Rules: rules}
		object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&permission)
		if err != nil {
			return nil, err
		}
		strategy[name] = []any{object}
	}
	return map[string]any{"strategy": operatorsv1alpha1.InstallStrategyNameDeployment, "spec": strategy}, nil
}

// deploymentSpec is the Deployment in the words of a ClusterServiceVersion, with the operator's image, and its account.
func deploymentSpec(deployment unstructured.Unstructured, image string) (map[string]any, string, error) {
	typed := appsv1.Deployment{}
	if err := convert(deployment, &typed); err != nil {
		return nil, "", err
	}
	spec, _, err := unstructured.NestedMap(deployment.Object, "spec")
	if err != nil {
		return nil, "", err
	}
	runs := func(container corev1.Container) bool { return container.Image == placeholder }
	if !slices.ContainsFunc(typed.Spec.Template.Spec.Containers, runs) {
		return nil, "", fmt.Errorf("the Deployment does not run %s", placeholder)
	}
	setImage(spec, image)
	result := map[string]any{"name": deployment.GetName(), "spec": spec}
	if labels := deployment.GetLabels(); len(labels) > 0 {
		plain := map[string]any{}
		for key, value := range labels {
			plain[key] = value
		}
		result["label"] = plain
	}
	account := typed.Spec.Template.Spec.ServiceAccountName
	if account == "" {
		return nil, "", errors.New("the Deployment names no account")
	}
	return result, account, nil
}

// setImage puts the image wherever the placeholder stands: the container runs it, and a variable tells it which image
// the pods that it makes run.
func setImage(value any, image string) {
	switch value := value.(type) {
	case map[string]any:
		for key, field := range value {
			if field == placeholder {
				value[key] = image
				continue
			}
			setImage(field, image)
		}
	case []any:
		for _, item := range value {
			setImage(item, image)
		}
	}
}

// almExamples is the annotation that user interfaces take their forms from.
func almExamples(examples []unstructured.Unstructured) (string, error) {
	if len(examples) == 0 {
		return "", errors.New("there are no examples")
	}
	objects := make([]any, len(examples))
	for i, example := range examples {
		objects[i] = example.Object
	}
	text, err := json.MarshalIndent(objects, "", "  ")
	return string(text), err
}
