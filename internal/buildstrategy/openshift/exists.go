package openshift

import (
	"context"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Exists tells whether an image that a build of the namespace pushed into an image stream is still there; handled is
// false for any other image. Such an image lies in the cluster's integrated registry under namespace/stream@digest, so
// its name tells, and other clusters are asked nothing. An error is of type *registry.Error.
func (b *BaseImages) Exists(ctx context.Context, namespace, image string) (exists, handled bool, err error) {
	digest, err := name.NewDigest(image)
	if err != nil || !isIntegratedRegistry(digest.Context().RegistryStr()) {
		return false, false, nil
	}
	owner, stream, ok := strings.Cut(digest.Context().RepositoryStr(), "/")
	if !ok || owner != namespace || !streamPattern.MatchString(stream) {
		return false, false, nil
	}
	_, err = b.Images.ImageStreamImages(namespace).Get(ctx, stream+"@"+digest.DigestStr(), metav1.GetOptions{})
	switch {
	case err == nil:
		return true, true, nil
	case apierrors.IsNotFound(err) && !isAPIMissing(err):
		return false, true, nil
	}
	return false, true, apiError("the image "+image, err)
}
