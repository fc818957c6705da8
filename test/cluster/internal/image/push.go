package image

import (
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
)

// Registry is the cluster's registry as a place to push to.
type Registry struct {
	Username, Password string
}

func (r Registry) options() []remote.Option {
	return []remote.Option{remote.WithAuth(&authn.Basic{Username: r.Username, Password: r.Password}), remote.WithJobs(4)}
}

// Ensure pushes the image unless the registry has it, and returns its reference by digest.
func (r Registry) Ensure(recipe Recipe, image v1.Image) (string, error) {
	tag, err := name.NewTag(recipe.Reference(), name.Insecure)
	if err != nil {
		return "", err
	}
	digest, err := image.Digest()
	if err != nil {
		return "", err
	}
	reference := tag.Context().Name() + "@" + digest.String()
	if there, err := remote.Head(tag, r.options()...); err == nil && there.Digest == digest {
		return reference, nil
	}
	return reference, progress.Step("push the image "+recipe.Name, func() error {
		return remote.Write(tag, image, r.options()...)
	})
}
