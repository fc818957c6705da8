package openshift

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	imagev1client "github.com/openshift/client-go/image/clientset/versioned/typed/image/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	authorizationv1client "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"

	"mlops.dev/notebook-validator-operator/internal/registry"
)

// ImageStreamTagPrefix begins a base image that is a tag of an image stream: imagestreamtag:NAME:TAG, or
// imagestreamtag:NAMESPACE/NAME:TAG.
const ImageStreamTagPrefix = "imagestreamtag:"

// BaseImages asks OpenShift which image a tag of an image stream is, and whether an image is still there.
type BaseImages struct {
	// Images reads image streams.
	Images imagev1client.ImageV1Interface
	// Reviews tells what the builds of a namespace may read in another one.
	Reviews authorizationv1client.SubjectAccessReviewInterface
}

// NewBaseImages returns one that talks to the cluster of the configuration. It asks the cluster nothing yet.
func NewBaseImages(config *rest.Config, httpClient *http.Client) (*BaseImages, error) {
	images, err := imagev1client.NewForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, err
	}
	reviews, err := authorizationv1client.NewForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, err
	}
	return &BaseImages{Images: images, Reviews: reviews.SubjectAccessReviews()}, nil
}

// Pin returns the image that a tag of an image stream is now, as repository@sha256:digest; handled is false for a
// reference of any other form. An error is of type *registry.Error.
func (b *BaseImages) Pin(ctx context.Context, namespace, reference string) (pinned string, handled bool, err error) {
	rest, ok := strings.CutPrefix(reference, ImageStreamTagPrefix)
	if !ok {
		return "", false, nil
	}
	tag, err := parseStreamTag(namespace, rest)
	if err != nil {
		return "", true, err
	}
	if tag.namespace != namespace {
		if err := b.mayPull(ctx, namespace, tag); err != nil {
			return "", true, err
		}
	}
	found, err := b.Images.ImageStreamTags(tag.namespace).Get(ctx, tag.name+":"+tag.tag, metav1.GetOptions{})
	if err != nil {
		return "", true, tagError(tag, err)
	}
	digest, err := name.NewDigest(found.Image.DockerImageReference)
	if err != nil || !digestPattern.MatchString(digest.DigestStr()) {
		return "", true, &registry.Error{Reason: registry.NotFound, Err: err,
			Message: fmt.Sprintf("The image stream tag %s has no image with a digest. Import or push its image again.", tag)}
	}
	return fullName(digest.Context()) + "@" + digest.DigestStr(), true, nil
}

// streamTag is a tag of an image stream.
type streamTag struct{ namespace, name, tag string }

func (t streamTag) String() string { return t.namespace + "/" + t.name + ":" + t.tag }

var (
	streamPattern = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$`)
	tagPattern    = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
)

func parseStreamTag(namespace, text string) (streamTag, error) {
	stream, tag, tagged := strings.Cut(text, ":")
	if owner, inside, ok := strings.Cut(stream, "/"); ok {
		namespace, stream = owner, inside
	}
	if !tagged || len(validation.IsDNS1123Label(namespace)) > 0 || !streamPattern.MatchString(stream) || !tagPattern.MatchString(tag) {
		return streamTag{}, &registry.Error{Reason: registry.ReferenceInvalid, Message: fmt.Sprintf("baseImage is %q, which is no tag of an "+
			"image stream. Write %sNAME:TAG, or %sNAMESPACE/NAME:TAG.", ImageStreamTagPrefix+text, ImageStreamTagPrefix, ImageStreamTagPrefix)}
	}
	return streamTag{namespace, stream, tag}, nil
}

func tagError(tag streamTag, err error) error {
	if apierrors.IsNotFound(err) && !isAPIMissing(err) {
		return &registry.Error{Reason: registry.NotFound, Err: err, Message: fmt.Sprintf("There is no image stream tag %s, or no image has "+
			"come to it. Where baseImage names it, correct that, or import or push the image (oc describe imagestream %s -n %s).", tag, tag.name, tag.namespace)}
	}
	return apiError("the image stream tag "+tag.String(), err)
}

// apiError translates what every question to the image API can end in.
func apiError(what string, err error) error {
	switch {
	case isAPIMissing(err):
		return &registry.Error{Reason: registry.NotFound, Err: err, Message: fmt.Sprintf("This cluster has no image streams, so it has not %s. "+
			"Name the image by its registry, repository and tag.", what)}
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return &registry.Error{Reason: registry.Unauthorized, Err: err, Message: fmt.Sprintf("The operator may not read %s. Have an "+
			"administrator bind the ClusterRole build-openshift to the operator's service account.", what)}
	}
	return &registry.Error{Reason: registry.Unreachable, Err: err, Temporary: true,
		Message: fmt.Sprintf("The cluster does not say what %s is: %v.", what, err)}
}

// isAPIMissing tells a cluster without the image API from an object that is not there: nobody serves the path, so the
// answer is not one of the API.
func isAPIMissing(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && apierrors.IsNotFound(err) && apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse)
}
