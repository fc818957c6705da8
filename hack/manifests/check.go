package main

import (
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
)

const imageVariable = "OPERATOR_IMAGE"

// check returns a sentence for each rule that is broken.
func check(objects []unstructured.Unstructured, image string) []string {
	var problems []string
	seen := map[string]int{}
	for _, object := range objects {
		seen[object.GetKind()]++
		for _, problem := range checkOne(object, image) {
			problems = append(problems, fmt.Sprintf("%s %s: %s", object.GetKind(), object.GetName(), problem))
		}
	}
	problems = append(problems, checkSelectors(objects)...)
	problems = append(problems, checkBindings(objects)...)
	for _, kind := range []string{"CustomResourceDefinition", "Namespace", "ServiceAccount", "ClusterRole", "Deployment", "PodDisruptionBudget", "Service"} {
		if seen[kind] == 0 {
			problems = append(problems, "there is no "+kind)
		}
	}
	return problems
}

func checkOne(object unstructured.Unstructured, image string) []string {
	switch object.GetKind() {
	case "Role", "ClusterRole":
		return typed(object, checkRole)
	case "Namespace":
		if object.GetLabels()["pod-security.kubernetes.io/enforce"] != "restricted" {
			return []string{"it must enforce the restricted Pod Security Standard"}
		}
	case "Deployment":
		return typed(object, func(deployment *appsv1.Deployment) []string {
			return slices.Concat(checkPod(deployment.Spec.Template.Spec), checkImage(deployment.Spec.Template.Spec, image), checkReplicas(deployment))
		})
	}
	return nil
}

// typed checks an object as its Go type; a field that the type does not have is a problem of its own.
func typed[T any](object unstructured.Unstructured, rule func(*T) []string) []string {
	target := new(T)
	err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, target, true)
	if err != nil {
		return []string{err.Error()}
	}
	return rule(target)
}

// checkRole reads Roles and ClusterRoles alike: their rules have the same form.
func checkRole(role *rbacv1.ClusterRole) []string {
	var problems []string
	for _, rule := range role.Rules {
		for _, words := range [][]string{rule.APIGroups, rule.Resources, rule.Verbs} {
			if slices.Contains(words, "*") {
				problems = append(problems, fmt.Sprintf("wildcard in the rule for %v", rule.Resources))
			}
		}
		if slices.Contains(rule.Resources, "leases") && !slices.Equal(rule.Verbs, []string{"create"}) && len(rule.ResourceNames) == 0 {
			problems = append(problems, fmt.Sprintf("leases of others may not be used: the rule for %v needs resourceNames", rule.Verbs))
		}
		if slices.Contains(rule.Resources, "secrets") && !slices.Equal(rule.Verbs, []string{"get"}) {
			problems = append(problems, fmt.Sprintf("secrets may be read by name only, not %v", rule.Verbs))
		}
	}
	return problems
}

func checkPod(pod corev1.PodSpec) []string {
	var problems []string
	require := func(kept bool, sentence string) {
		if !kept {
			problems = append(problems, sentence)
		}
	}
	context := ptr.Deref(pod.SecurityContext, corev1.PodSecurityContext{})
	require(ptr.Deref(context.RunAsNonRoot, false), "the pod must not run as root")
	require(ptr.Deref(context.RunAsUser, 0) > 0, "the pod's user must be a number other than 0")
	require(context.SeccompProfile != nil && context.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault,
		"the pod needs the runtime's seccomp profile")
	for _, container := range pod.Containers {
		own := ptr.Deref(container.SecurityContext, corev1.SecurityContext{})
		drops := ptr.Deref(own.Capabilities, corev1.Capabilities{}).Drop
		require(ptr.Deref(own.ReadOnlyRootFilesystem, false), "the root file system must be read-only")
		require(!ptr.Deref(own.AllowPrivilegeEscalation, true), "privilege escalation must be off")
		require(slices.Contains(drops, "ALL"), "all capabilities must be dropped")
		require(!container.Resources.Requests.Cpu().IsZero() && !container.Resources.Requests.Memory().IsZero(),
			"the container needs requests for cpu and memory")
	}
	return problems
}

// checkImage holds that the pods that the operator makes run the operator's own image.
func checkImage(pod corev1.PodSpec, image string) []string {
	var problems []string
	for _, container := range pod.Containers {
		if image != "" && container.Image != image {
			problems = append(problems, fmt.Sprintf("the image is %s instead of %s", container.Image, image))
		}
		index := slices.IndexFunc(container.Env, func(v corev1.EnvVar) bool { return v.Name == imageVariable })
		if index < 0 || container.Env[index].Value != container.Image {
			problems = append(problems, imageVariable+" must equal the container's image "+container.Image)
		}
	}
	return problems
}
