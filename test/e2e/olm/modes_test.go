package olm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/test/kit"
)

func TestSubscriptionInEachInstallMode(t *testing.T) {
	for name, test := range map[string]struct {
		// own and targets say which namespaces are watched; jobs are made in the first, and in another that is not.
		own      bool
		targets  int
		watchAll bool
		// variables has the operator be set up by the Subscription alone.
		variables bool
	}{
		"AllNamespaces":   {watchAll: true},
		"OwnNamespace":    {own: true},
		"SingleNamespace": {targets: 1, variables: true},
		"MultiNamespace":  {targets: 2},
	} {
		t.Run(name, func(t *testing.T) {
			outside := newWork(t, "endings")
			var inside []*work
			var names []string
			for range test.targets {
				inside = append(inside, newWork(t, "colours"))
				names = append(names, inside[len(inside)-1].namespace)
			}
			i := subscribe(t, wish{targets: names, own: test.own, variables: test.variables})
			i.awaitVersion(current)
			if test.variables {
				i.awaitVariables()
			}

			outside.apply("outside", "passes.ipynb")
			for _, w := range inside {
				w.apply("inside", "heights.ipynb", kit.Build)
			}
			for _, w := range inside {
				w.requireSucceeded("inside")
				w.requireOnce("inside", wholeWay...)
			}
			if test.own {
				// Nothing is built here: the operator's own namespace enforces the restricted standard.
				own := workIn(t, repository(t, "endings"), i.namespace)
				own.apply("inside", "passes.ipynb")
				own.requireSucceeded("inside")
				own.requireOnce("inside", phasesOfARun...)
			}
			if test.watchAll {
				outside.requireSucceeded("outside")
				requireEditorsMayValidate(t, outside.namespace)
				return
			}
			// The jobs inside came later and have ended: one that were watched would have begun.
			assert.True(t, outside.untouched("outside"), "the operator works where it was not asked to")
		})
	}
}

// requireEditorsMayValidate checks that OLM gave the rights to use the kinds to the cluster's own roles.
func requireEditorsMayValidate(t *testing.T, namespace string) {
	t.Helper()
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "editor"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "ada"}},
	}
	require.NoError(t, cluster.Client.Create(t.Context(), binding))
	for _, verb := range []string{"create", "get", "delete"} {
		// The API server learns of the binding by a watch of its own.
		assert.Eventually(t, func() bool { return adaMay(t, verb, namespace) }, time.Minute, 100*time.Millisecond, verb)
	}
	assert.False(t, adaMay(t, "impersonate", namespace))
}

func adaMay(t *testing.T, verb, namespace string) bool {
	t.Helper()
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: "ada",
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Group: "mlops.mlops.dev", Resource: "notebookvalidationjobs", Verb: verb,
		},
	}}
	return assert.NoError(t, cluster.Client.Create(t.Context(), review)) && review.Status.Allowed
}
