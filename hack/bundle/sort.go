package main

import (
	"errors"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// aggregatePrefix begins the labels of roles that are added to view, edit and admin. OLM makes such roles by itself for
// the kinds that a bundle owns.
const aggregatePrefix = "rbac.authorization.k8s.io/aggregate-to-"

// sorted are the operator's manifests by what becomes of them in a bundle.
type sorted struct {
	// deployment goes into the ClusterServiceVersion, and so do the rules of its account's roles.
	deployment unstructured.Unstructured
	rules      []rbacv1.PolicyRule
	// objects stay manifests of their own, CRDs among them.
	objects []unstructured.Unstructured
}

// sortObjects says for each manifest what becomes of it; one that OLM would not install is an error.
func sortObjects(objects []unstructured.Unstructured) (sorted, error) {
	var s sorted
	roles := map[string]rbacv1.ClusterRole{}
	var loose []unstructured.Unstructured
	var bindings []rbacv1.ClusterRoleBinding
	for _, object := range objects {
		var err error
		switch object.GetKind() {
		case "Namespace", "ServiceAccount": // OLM has the one from the user and makes the other.
		case "Deployment":
			if s.deployment.Object != nil {
				err = errors.New("there is more than one Deployment")
			}
			s.deployment = object
		case "Role", "ClusterRole":
			role := rbacv1.ClusterRole{}
			err = convert(object, &role)
			roles[object.GetKind()+"/"+object.GetName()] = role
			loose = append(loose, object)
		case "RoleBinding", "ClusterRoleBinding":
			binding := rbacv1.ClusterRoleBinding{}
			err = convert(object, &binding)
			bindings = append(bindings, binding)
		case "CustomResourceDefinition", "Service", "PodDisruptionBudget", "ServiceMonitor":
			s.objects = append(s.objects, withoutNamespace(object))
		default:
			err = errors.New("it is not known what becomes of this kind in a bundle")
		}
		if err != nil {
			return s, fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	if s.deployment.Object == nil {
		return s, errors.New("there is no Deployment")
	}
	bound, err := s.take(bindings, roles)
	if err != nil {
		return s, err
	}
	s.keepRoles(loose, bound)
	return s, nil
}

// take collects the rules of every role that is bound to the account of the Deployment, and says which roles those are.
func (s *sorted) take(bindings []rbacv1.ClusterRoleBinding, roles map[string]rbacv1.ClusterRole) (map[string]bool, error) {
	deployment := appsv1.Deployment{}
	if err := convert(s.deployment, &deployment); err != nil {
		return nil, err
	}
	bound := map[string]bool{}
	for _, binding := range bindings {
		for _, subject := range binding.Subjects {
			if subject.Kind != rbacv1.ServiceAccountKind || subject.Name != deployment.Spec.Template.Spec.ServiceAccountName {
				return nil, fmt.Errorf("binding %s: OLM binds no %s %s", binding.Name, subject.Kind, subject.Name)
			}
		}
		key := binding.RoleRef.Kind + "/" + binding.RoleRef.Name
		role, found := roles[key]
		if !found {
			return nil, fmt.Errorf("binding %s: there is no %s", binding.Name, key)
		}
		bound[key] = true
		s.rules = append(s.rules, role.Rules...)
	}
	return bound, nil
}

// keepRoles leaves roles for others than the operator as they are, but for those that OLM makes itself.
func (s *sorted) keepRoles(roles []unstructured.Unstructured, bound map[string]bool) {
	for _, role := range roles {
		aggregated := false
		for label := range role.GetLabels() {
			aggregated = aggregated || strings.HasPrefix(label, aggregatePrefix)
		}
		if !aggregated && !bound[role.GetKind()+"/"+role.GetName()] {
			s.objects = append(s.objects, withoutNamespace(role))
		}
	}
}

// withoutNamespace leaves the namespace to the one who installs.
func withoutNamespace(object unstructured.Unstructured) unstructured.Unstructured {
	copied := *object.DeepCopy()
	copied.SetNamespace("")
	return copied
}

// convert refuses fields that the Go type does not have.
func convert(object unstructured.Unstructured, target any) error {
	return runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, target, true)
}
