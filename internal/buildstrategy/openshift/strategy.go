package openshift

import (
	buildv1 "github.com/openshift/api/build/v1"
	imagev1 "github.com/openshift/api/image/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// Name is the value of spec.podConfig.buildConfig.strategy that chooses this strategy.
const Name = "s2i"

// Kinds that a Build's output may have, and the tag of an image stream that it goes to.
const (
	dockerImage    = "DockerImage"
	imageStreamTag = "ImageStreamTag"
	outputTag      = "latest"
)

// Strategy builds with an OpenShift Build.
type Strategy struct{}

var _ buildstrategy.Strategy = Strategy{}

// Name returns "s2i".
func (Strategy) Name() string { return Name }

// Kind returns that of a Build.
func (Strategy) Kind() schema.GroupVersionKind { return buildv1.GroupVersion.WithKind("Build") }

// NewChild returns an empty Build.
func (Strategy) NewChild() client.Object { return &buildv1.Build{} }

// NewParts returns nil: the Build itself tells everything.
func (Strategy) NewParts() client.ObjectList { return nil }

// Selector returns nil: OpenShift puts what its pods say into the Build.
func (Strategy) Selector(client.Object) map[string]string { return nil }

// Companions returns the image stream that the image goes to where nobody names a registry: OpenShift does not start a
// build whose output is missing. It has no spec and no status, so that applying it leaves alone what OpenShift writes.
func (Strategy) Companions(in buildstrategy.Inputs) []client.Object {
	if in.Image != "" {
		return nil
	}
	stream := &unstructured.Unstructured{}
	stream.SetGroupVersionKind(imagev1.GroupVersion.WithKind("ImageStream"))
	stream.SetName(in.Name)
	stream.SetNamespace(in.Namespace)
	stream.SetLabels(in.Labels)
	stream.SetAnnotations(in.Annotations)
	return []client.Object{stream}
}
