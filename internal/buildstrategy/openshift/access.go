package openshift

import (
	"context"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/internal/registry"
)

// defaultServiceAccount runs the builds of a namespace that name none.
const defaultServiceAccount = "builder"

// mayPull asks whether the builds of a namespace may pull an image stream of another one. The operator may read every
// image stream; without this question it would tell anybody which images other namespaces have, and the build would
// fail later.
func (b *BaseImages) mayPull(ctx context.Context, namespace string, tag streamTag) error {
	user := "system:serviceaccount:" + namespace + ":" + defaultServiceAccount
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User:   user,
		Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"},
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: tag.namespace, Verb: "get", Group: "image.openshift.io", Resource: "imagestreams", Subresource: "layers", Name: tag.name,
		},
	}}
	answer, err := b.Reviews.Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return apiError("the image stream tag "+tag.String(), err)
	}
	if answer.Status.Allowed && !answer.Status.Denied {
		return nil
	}
	return &registry.Error{Reason: registry.Unauthorized, Message: fmt.Sprintf("Builds of the namespace %s may not pull the image stream tag %s. "+
		"Whoever owns that namespace can allow it: oc policy add-role-to-user system:image-puller %s -n %s.", namespace, tag, user, tag.namespace)}
}
