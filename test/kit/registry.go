package kit

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// ImageConfig reads the configuration of an image from the registry.
func (c *Cluster) ImageConfig(ctx context.Context, reference string) (*v1.ConfigFile, error) {
	image, err := c.imageName(reference)
	if err != nil {
		return nil, err
	}
	found, err := remote.Image(image, c.asPusher(ctx)...)
	if err != nil {
		return nil, fmt.Errorf("read the image %s: %w", reference, err)
	}
	return found.ConfigFile()
}

// DeleteImage has the registry lose the image of a digest, under all of its tags.
func (c *Cluster) DeleteImage(ctx context.Context, reference string) error {
	image, err := c.imageName(reference)
	if err != nil {
		return err
	}
	return remote.Delete(image, c.asPusher(ctx)...)
}

func (c *Cluster) imageName(reference string) (name.Digest, error) {
	if c.Env.Registry.Insecure {
		return name.NewDigest(reference, name.Insecure)
	}
	return name.NewDigest(reference)
}

func (c *Cluster) asPusher(ctx context.Context) []remote.Option {
	login := &authn.Basic{Username: c.Env.Registry.Username, Password: c.Env.Registry.Password}
	return []remote.Option{remote.WithContext(ctx), remote.WithAuth(login)}
}
