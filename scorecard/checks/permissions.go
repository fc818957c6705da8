package checks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// Permissions checks that the bundle asks for nothing that would let the operator, or whoever takes it over, own the
// cluster; and that what it asks for in every namespace is what no Role in a namespace can grant.
func Permissions(b *Bundle) v1alpha3.TestResult {
	var problems []string
	granted := 0
	add := func(where string, rules []rbacv1.PolicyRule, check func(rbacv1.PolicyRule) []string) {
		for i, rule := range rules {
			for _, problem := range append(dangers(rule), check(rule)...) {
				problems = append(problems, fmt.Sprintf("%s, rule %d: %s", where, i, problem))
			}
		}
	}
	scopes := scopesOf(b.CRDs)
	for _, permission := range b.CSV.Spec.InstallStrategy.StrategySpec.Permissions {
		granted += len(permission.Rules)
		add("permissions of "+permission.ServiceAccountName, permission.Rules, scopes.mustBeNamespaced)
	}
	for _, permission := range b.CSV.Spec.InstallStrategy.StrategySpec.ClusterPermissions {
		granted += len(permission.Rules)
		add("clusterPermissions of "+permission.ServiceAccountName, permission.Rules, scopes.mustBeClusterScoped)
	}
	for _, role := range b.Roles {
		add(role.Name, role.Rules, func(rbacv1.PolicyRule) []string { return nil })
	}
	if granted == 0 {
		problems = append(problems, "the CSV grants the operator nothing, so that it cannot work")
	}
	return verdict(NamePermissions, problems,
		"Name what the operator uses, one by one; what is in namespaces belongs to permissions, which OLM grants in the target namespaces only.")
}

// dangers are the rights in a rule that this operator must never have.
func dangers(rule rbacv1.PolicyRule) []string {
	var problems []string
	for field, values := range map[string][]string{"apiGroups": rule.APIGroups, "resources": rule.Resources, "verbs": rule.Verbs,
		"nonResourceURLs": rule.NonResourceURLs} {
		for _, value := range values {
			if strings.Contains(value, "*") {
				problems = append(problems, fmt.Sprintf("%s has the wildcard %s", field, value))
			}
		}
	}
	slices.Sort(problems)
	for _, verb := range rule.Verbs {
		if slices.Contains([]string{"escalate", "bind", "impersonate"}, verb) {
			problems = append(problems, fmt.Sprintf("the verb %s gives rights that the operator was not given", verb))
		}
		for _, resource := range rule.Resources {
			if problem := danger(rule.APIGroups, resource, verb); problem != "" {
				problems = append(problems, problem)
			}
		}
	}
	return problems
}

// danger is about one verb on one resource.
func danger(groups []string, resource, verb string) string {
	reads := slices.Contains([]string{"get", "list", "watch"}, verb)
	name, subresource, _ := strings.Cut(resource, "/")
	switch {
	case name == "secrets" && slices.Contains(groups, "") && verb != "get" && reads:
		return fmt.Sprintf("%s of secrets hands out every Secret; get those that are named", verb)
	case name == "securitycontextconstraints" && slices.Contains(groups, "security.openshift.io") && !reads:
		return fmt.Sprintf("%s of securitycontextconstraints lets pods out of the restricted ones", verb)
	case name == "nodes" && slices.Contains(groups, "") && (!reads || subresource == "proxy"):
		return fmt.Sprintf("%s of %s reaches into nodes", verb, resource)
	}
	return ""
}

// scopes knows resources, as group/resource, that are not in namespaces.
type scopes map[string]bool

// clusterScoped are those of Kubernetes and of the APIs that operators meet beside it.
var clusterScoped = []string{
	"/componentstatuses", "/namespaces", "/nodes", "/persistentvolumes",
	"admissionregistration.k8s.io/mutatingwebhookconfigurations", "admissionregistration.k8s.io/validatingadmissionpolicies",
	"admissionregistration.k8s.io/validatingadmissionpolicybindings", "admissionregistration.k8s.io/validatingwebhookconfigurations",
	"apiextensions.k8s.io/customresourcedefinitions", "apiregistration.k8s.io/apiservices",
	"authentication.k8s.io/selfsubjectreviews", "authentication.k8s.io/tokenreviews",
	"authorization.k8s.io/selfsubjectaccessreviews", "authorization.k8s.io/selfsubjectrulesreviews",
	"authorization.k8s.io/subjectaccessreviews", "certificates.k8s.io/certificatesigningrequests",
	"flowcontrol.apiserver.k8s.io/flowschemas", "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations",
	"networking.k8s.io/ingressclasses", "node.k8s.io/runtimeclasses", "rbac.authorization.k8s.io/clusterrolebindings",
	"rbac.authorization.k8s.io/clusterroles", "scheduling.k8s.io/priorityclasses",
	"security.openshift.io/securitycontextconstraints", "shipwright.io/clusterbuildstrategies", "storage.k8s.io/csidrivers",
	"storage.k8s.io/csinodes", "storage.k8s.io/storageclasses", "storage.k8s.io/volumeattachments",
}

func scopesOf(crds []apiextensionsv1.CustomResourceDefinition) scopes {
	known := scopes{}
	for _, resource := range clusterScoped {
		known[resource] = true
	}
	for _, crd := range crds {
		known[crd.Spec.Group+"/"+crd.Spec.Names.Plural] = crd.Spec.Scope == apiextensionsv1.ClusterScoped
	}
	return known
}

// mustBeClusterScoped finds what a Role could grant as well.
func (s scopes) mustBeClusterScoped(rule rbacv1.PolicyRule) []string {
	return s.find(rule, false, "is in namespaces and must not be granted in all of them")
}

// mustBeNamespaced finds what is without effect in a Role.
func (s scopes) mustBeNamespaced(rule rbacv1.PolicyRule) []string {
	problems := s.find(rule, true, "is not in namespaces, so that no Role can grant it")
	for _, url := range rule.NonResourceURLs {
		problems = append(problems, url+" is not in namespaces, so that no Role can grant it")
	}
	return problems
}

func (s scopes) find(rule rbacv1.PolicyRule, clusterScoped bool, problem string) []string {
	var problems []string
	for _, group := range rule.APIGroups {
		for _, resource := range rule.Resources {
			name, _, _ := strings.Cut(resource, "/")
			if s[group+"/"+name] == clusterScoped {
				problems = append(problems, strings.TrimPrefix(group+"/"+name, "/")+" "+problem)
			}
		}
	}
	return problems
}
