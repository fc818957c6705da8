package main

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// clusterScoped are resources, and questions to the API server, that belong to no namespace. OLM grants the rest in the
// namespaces that the operator watches, and nowhere else.
var clusterScoped = map[string]bool{
	"customresourcedefinitions.apiextensions.k8s.io": true,
	"apiservices.apiregistration.k8s.io":             true,
	"subjectaccessreviews.authorization.k8s.io":      true,
	"tokenreviews.authentication.k8s.io":             true,
}

// namespaced are the other resources that the operator works with. A resource in neither list is an error: in the wrong
// one it would be a right that OLM does not grant, which shows at run time only.
var namespaced = map[string]bool{
	"notebookvalidationjobs.mlops.mlops.dev": true,
	"notebookbuilds.mlops.mlops.dev":         true,
	"jobs.batch":                             true,
	"configmaps":                             true,
	"pods":                                   true,
	"secrets":                                true,
	"events":                                 true,
	"events.events.k8s.io":                   true,
	"leases.coordination.k8s.io":             true,
	"builds.build.openshift.io":              true,
	"imagestreams.image.openshift.io":        true,
	"imagestreamtags.image.openshift.io":     true,
	"imagestreamimages.image.openshift.io":   true,
	"buildruns.shipwright.io":                true,
	"pipelineruns.tekton.dev":                true,
	"taskruns.tekton.dev":                    true,
}

// split divides rules between those for the whole cluster and those for the namespaces that are watched.
func split(rules []rbacv1.PolicyRule) (cluster, namespace []rbacv1.PolicyRule, err error) {
	wide, narrow := grants{}, grants{}
	for _, rule := range rules {
		if len(rule.NonResourceURLs) > 0 {
			return nil, nil, fmt.Errorf("the right to %v is not known to bundles", rule.NonResourceURLs)
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				// The scope of a subresource is that of its resource.
				parent, _, _ := strings.Cut(resource, "/")
				name := strings.TrimSuffix(parent+"."+group, ".")
				switch {
				case clusterScoped[name]:
					wide.add(group, resource, rule.ResourceNames, rule.Verbs)
				case namespaced[name]:
					narrow.add(group, resource, rule.ResourceNames, rule.Verbs)
				default:
					return nil, nil, fmt.Errorf("say in hack/bundle/permissions.go whether %s belongs to a namespace", name)
				}
			}
		}
	}
	return wide.rules(), narrow.rules(), nil
}

// grant is one resource, or some objects of it by their names.
type grant struct{ group, resource, names string }

// grants are the verbs of each.
type grants map[grant][]string

func (g grants) add(group, resource string, names, verbs []string) {
	key := grant{group, resource, strings.Join(names, ",")}
	g[key] = append(g[key], verbs...)
}

// rules are the fewest that say the same: each resource once, and resources with the same verbs together.
func (g grants) rules() []rbacv1.PolicyRule {
	type row struct{ group, names, verbs string }
	rows := map[row][]string{}
	for key, verbs := range g {
		slices.Sort(verbs)
		joined := strings.Join(slices.Compact(verbs), ",")
		at := row{key.group, key.names, joined}
		rows[at] = append(rows[at], key.resource)
	}
	var rules []rbacv1.PolicyRule
	for at, resources := range rows {
		slices.Sort(resources)
		rule := rbacv1.PolicyRule{APIGroups: []string{at.group}, Resources: resources, Verbs: strings.Split(at.verbs, ",")}
		if at.names != "" {
			rule.ResourceNames = strings.Split(at.names, ",")
		}
		rules = append(rules, rule)
	}
	slices.SortFunc(rules, func(a, b rbacv1.PolicyRule) int {
		return strings.Compare(order(a), order(b))
	})
	return rules
}

func order(rule rbacv1.PolicyRule) string {
	return strings.Join(slices.Concat(rule.APIGroups, rule.Resources, rule.ResourceNames), " ")
}
