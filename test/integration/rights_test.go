package integration

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authorizationv1 "k8s.io/api/authorization/v1"
)

// may asks the API server whether a user may do something: VERB RESOURCE.GROUP[/SUBRESOURCE] [NAME]; the path of a resource
// that is none begins with a slash.
func may(t testing.TB, user, namespace, question string) bool {
	t.Helper()
	words := append(strings.Fields(question), "")
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{User: user}}
	if strings.HasPrefix(words[1], "/") {
		review.Spec.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Verb: words[0], Path: words[1]}
	} else {
		kind, sub, _ := strings.Cut(words[1], "/")
		resource, group, _ := strings.Cut(kind, ".")
		review.Spec.ResourceAttributes = &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: words[0], Resource: resource, Group: group, Subresource: sub, Name: words[2],
		}
	}
	require.NoError(t, kube.Create(t.Context(), review))
	return review.Status.Allowed
}

// Rights that the operator does not need; each of them would be worth something to whoever gets hold of its token.
func TestWhatTheOperatorMayNotDo(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	for _, question := range []string{
		"list secrets", "watch secrets", "create secrets", "update secrets", "patch secrets", "delete secrets",
		"list configmaps", "watch configmaps", "delete configmaps", "deletecollection configmaps",
		"create pods", "delete pods", "patch pods", "create pods/exec", "get pods/exec", "create pods/eviction", "create serviceaccounts/token",
		"get serviceaccounts", "impersonate serviceaccounts", "create events", "delete events.events.k8s.io",
		"update jobs.batch", "patch jobs.batch", "deletecollection jobs.batch", "create deployments.apps", "create cronjobs.batch",
		"create notebookvalidationjobs.mlops.mlops.dev", "update notebookvalidationjobs.mlops.mlops.dev", "delete notebookvalidationjobs.mlops.mlops.dev",
		"patch notebookvalidationjobs.mlops.mlops.dev", "update notebookbuilds.mlops.mlops.dev", "patch notebookbuilds.mlops.mlops.dev",
		"create roles.rbac.authorization.k8s.io", "bind clusterroles.rbac.authorization.k8s.io", "escalate clusterroles.rbac.authorization.k8s.io",
		"create customresourcedefinitions.apiextensions.k8s.io", "update customresourcedefinitions.apiextensions.k8s.io",
		"create localsubjectaccessreviews.authorization.k8s.io", "use securitycontextconstraints.security.openshift.io privileged",
		"get nodes", "list nodes", "list namespaces", "create persistentvolumeclaims", "get persistentvolumeclaims",
		"list imagestreams.image.openshift.io", "delete imagestreams.image.openshift.io", "update pipelineruns.tekton.dev", "create taskruns.tekton.dev",
		"get leases.coordination.k8s.io", "get /metrics", "get /logs",
	} {
		assert.False(t, may(t, operatorName, namespace, question), question)
	}
	assert.True(t, may(t, operatorName, namespace, "get secrets git-token"), "the test asks as it should")
}

// The lease is the operator's alone; others of its namespace are not.
func TestWhatTheOperatorMayDoWithLeases(t *testing.T) {
	t.Parallel()
	a := newOperatorAccount(t)
	for question, want := range map[string]bool{
		"get leases.coordination.k8s.io notebook-validator.mlops.dev":    true,
		"update leases.coordination.k8s.io notebook-validator.mlops.dev": true,
		"create leases.coordination.k8s.io":                              true,
		"get leases.coordination.k8s.io other":                           false,
		"update leases.coordination.k8s.io other":                        false,
		"delete leases.coordination.k8s.io notebook-validator.mlops.dev": false,
		"list leases.coordination.k8s.io":                                false,
		"watch leases.coordination.k8s.io":                               false,
		"get secrets git-token":                                          false, // it was given nothing else in this namespace
	} {
		assert.Equal(t, want, may(t, a.user(), a.namespace, question), question)
	}
	assert.False(t, may(t, a.user(), newNamespace(t), "update leases.coordination.k8s.io notebook-validator.mlops.dev"), "in another namespace")
}
