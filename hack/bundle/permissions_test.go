package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
)

func rule(groups, resources, verbs []string, names ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: groups, Resources: resources, ResourceNames: names, Verbs: verbs}
}

func TestSplit(t *testing.T) {
	type words = []string
	tests := map[string]struct{ rules, cluster, namespace []rbacv1.PolicyRule }{
		"what belongs to a namespace is granted in namespaces": {
			rules:     []rbacv1.PolicyRule{rule(words{""}, words{"pods"}, words{"get"})},
			namespace: []rbacv1.PolicyRule{rule(words{""}, words{"pods"}, words{"get"})},
		},
		"what belongs to none is granted in the cluster": {
			rules:   []rbacv1.PolicyRule{rule(words{"apiextensions.k8s.io"}, words{"customresourcedefinitions"}, words{"list", "watch"})},
			cluster: []rbacv1.PolicyRule{rule(words{"apiextensions.k8s.io"}, words{"customresourcedefinitions"}, words{"list", "watch"})},
		},
		"questions to the API server are asked of the cluster": {
			rules: []rbacv1.PolicyRule{rule(words{"authentication.k8s.io"}, words{"tokenreviews"}, words{"create"})},
			cluster: []rbacv1.PolicyRule{
				rule(words{"authentication.k8s.io"}, words{"tokenreviews"}, words{"create"}),
			},
		},
		"a subresource goes where its resource goes": {
			rules:     []rbacv1.PolicyRule{rule(words{"build.openshift.io"}, words{"builds/docker"}, words{"create"})},
			namespace: []rbacv1.PolicyRule{rule(words{"build.openshift.io"}, words{"builds/docker"}, words{"create"})},
		},
		"two roles that say the same become one rule": {
			rules: []rbacv1.PolicyRule{
				rule(words{""}, words{"pods", "configmaps"}, words{"get"}), rule(words{""}, words{"pods"}, words{"watch", "get"}),
			},
			namespace: []rbacv1.PolicyRule{
				rule(words{""}, words{"configmaps"}, words{"get"}), rule(words{""}, words{"pods"}, words{"get", "watch"}),
			},
		},
		"a right to one object stays a right to one object": {
			rules: []rbacv1.PolicyRule{
				rule(words{"coordination.k8s.io"}, words{"leases"}, words{"create"}),
				rule(words{"coordination.k8s.io"}, words{"leases"}, words{"update"}, "leader"),
			},
			namespace: []rbacv1.PolicyRule{
				rule(words{"coordination.k8s.io"}, words{"leases"}, words{"create"}),
				rule(words{"coordination.k8s.io"}, words{"leases"}, words{"update"}, "leader"),
			},
		},
		"groups are kept apart": {
			rules: []rbacv1.PolicyRule{rule(words{"", "events.k8s.io"}, words{"events"}, words{"create"})},
			namespace: []rbacv1.PolicyRule{
				rule(words{""}, words{"events"}, words{"create"}), rule(words{"events.k8s.io"}, words{"events"}, words{"create"}),
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cluster, namespace, err := split(test.rules)
			require.NoError(t, err)
			assert.Equal(t, test.cluster, cluster)
			assert.Equal(t, test.namespace, namespace)
		})
	}
}

func TestSplitRefusesWhatItDoesNotKnow(t *testing.T) {
	tests := map[string]rbacv1.PolicyRule{
		"a resource in no list":           rule([]string{""}, []string{"nodes"}, []string{"get"}),
		"a resource of another group":     rule([]string{"example.com"}, []string{"pods"}, []string{"get"}),
		"a wildcard":                      rule([]string{"*"}, []string{"*"}, []string{"*"}),
		"a path that is no resource":      {NonResourceURLs: []string{"/metrics"}, Verbs: []string{"get"}},
		"a resource behind one it knows":  rule([]string{""}, []string{"pods", "nodes"}, []string{"get"}),
		"a subresource of what is no one": rule([]string{""}, []string{"nodes/proxy"}, []string{"get"}),
	}
	for name, unknown := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := split([]rbacv1.PolicyRule{unknown})
			assert.Error(t, err)
		})
	}
}
