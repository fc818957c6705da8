package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
)

// all are the objects of a kind; what is not of their form is a problem that checkOne tells of.
func all[T any](objects []unstructured.Unstructured, kind string) []*T {
	var found []*T
	for _, object := range objects {
		target := new(T)
		if object.GetKind() == kind && runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, target) == nil {
			found = append(found, target)
		}
	}
	return found
}

// checkSelectors holds that whatever selects pods selects those of the Deployment.
func checkSelectors(objects []unstructured.Unstructured) []string {
	var problems []string
	for _, deployment := range all[appsv1.Deployment](objects, "Deployment") {
		pods, containers := deployment.Spec.Template.Labels, deployment.Spec.Template.Spec.Containers
		misses := func(namespace string, selector *metav1.LabelSelector) bool {
			chosen, err := metav1.LabelSelectorAsSelector(selector)
			return err != nil || chosen.Empty() || !chosen.Matches(labels.Set(pods)) || namespace != deployment.Namespace
		}
		if misses(deployment.Namespace, deployment.Spec.Selector) {
			problems = append(problems, "the Deployment does not select its own pods")
		}
		for _, spread := range deployment.Spec.Template.Spec.TopologySpreadConstraints {
			if misses(deployment.Namespace, spread.LabelSelector) {
				problems = append(problems, "a topology spread constraint does not select the Deployment's pods")
			}
		}
		for _, budget := range all[policyv1.PodDisruptionBudget](objects, "PodDisruptionBudget") {
			if misses(budget.Namespace, budget.Spec.Selector) {
				problems = append(problems, fmt.Sprintf("the PodDisruptionBudget %s does not select the Deployment's pods", budget.Name))
			}
			if !ptr.Equal(budget.Spec.MaxUnavailable, ptr.To(intstr.FromInt32(1))) {
				problems = append(problems, fmt.Sprintf("the PodDisruptionBudget %s must let a drain take one pod, however many there are", budget.Name))
			}
		}
		for _, service := range all[corev1.Service](objects, "Service") {
			if misses(service.Namespace, &metav1.LabelSelector{MatchLabels: service.Spec.Selector}) {
				problems = append(problems, fmt.Sprintf("the Service %s does not select the Deployment's pods", service.Name))
			}
			for _, port := range service.Spec.Ports {
				target := port.TargetPort.String()
				if !hasPort(containers, target) {
					problems = append(problems, fmt.Sprintf("the Service %s leads to the port %s, which no container has", service.Name, target))
				}
			}
		}
	}
	return problems
}

func hasPort(containers []corev1.Container, name string) bool {
	return slices.ContainsFunc(containers, func(container corev1.Container) bool {
		return slices.ContainsFunc(container.Ports, func(port corev1.ContainerPort) bool {
			return port.Name == name || strconv.Itoa(int(port.ContainerPort)) == name
		})
	})
}

// checkReplicas holds that an update has a replica that is ready at any time.
func checkReplicas(deployment *appsv1.Deployment) []string {
	if ptr.Deref(deployment.Spec.Replicas, 1) < 2 {
		return []string{"it needs two replicas"}
	}
	update := deployment.Spec.Strategy.RollingUpdate
	if update == nil || !ptr.Equal(update.MaxUnavailable, ptr.To(intstr.FromInt32(0))) {
		return []string{"an update must wait for the new replica before it ends the old one"}
	}
	return nil
}

// checkBindings holds that every binding gives a role that is there to the Deployment's service account.
func checkBindings(objects []unstructured.Unstructured) []string {
	roles, accounts := map[string]bool{}, map[string]bool{}
	for _, object := range objects {
		switch object.GetKind() {
		case "Role", "ClusterRole":
			roles[object.GetKind()+" "+object.GetName()] = true
		case "ServiceAccount":
			accounts[object.GetNamespace()+"/"+object.GetName()] = true
		}
	}
	var problems []string
	bindings := append(all[rbacv1.ClusterRoleBinding](objects, "ClusterRoleBinding"), all[rbacv1.ClusterRoleBinding](objects, "RoleBinding")...)
	for _, binding := range bindings {
		if role := binding.RoleRef.Kind + " " + binding.RoleRef.Name; !roles[role] {
			problems = append(problems, fmt.Sprintf("the binding %s is to a %s that is not there", binding.Name, role))
		}
		for _, subject := range binding.Subjects {
			if !accounts[subject.Namespace+"/"+subject.Name] {
				problems = append(problems, fmt.Sprintf("the binding %s is for %s/%s, which is none of %v", binding.Name, subject.Namespace, subject.Name,
					slices.Sorted(maps.Keys(accounts))))
			}
		}
	}
	return problems
}
