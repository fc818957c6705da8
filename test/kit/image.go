package kit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// operatorImage builds the program and its image, and returns the image by digest. A program that has not changed is in
// the registry already.
func (c *Cluster) operatorImage(ctx context.Context) (string, error) {
	if Foreign() {
		return os.Getenv(ImageVariable), nil
	}
	c.Log("building the operator")
	// The version is a fixed one, so that the same code gives the same image, whatever has been committed around it.
	if _, err := c.command(ctx, "make", "--silent", "build", "VERSION=under-test"); err != nil {
		return "", err
	}
	tag, err := fingerprint(filepath.Join(c.root, "bin", "notebook-validator"), filepath.Join(c.root, "Dockerfile"))
	if err != nil {
		return "", err
	}
	image := "notebook-validator:" + tag
	if known := c.pushed(ctx, c.Env.Registry.Host+"/"+c.Env.Registry.PublicPrefix+image); known != "" {
		return known, nil
	}
	c.Log("building and pushing the operator's image")
	return c.command(ctx, "go", "run", "./test/cluster", "load-operator", image)
}

// fingerprint of what an image is made from.
func fingerprint(files ...string) (string, error) {
	sum := sha256.New()
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%d\n", len(content))
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// pushed returns the image by digest, empty where the registry does not have it.
func (c *Cluster) pushed(ctx context.Context, image string) string {
	tag, err := name.NewTag(image, name.Insecure)
	if err != nil {
		return ""
	}
	found, err := remote.Head(tag, remote.WithContext(ctx))
	if err != nil {
		return "" // pushing will say what is wrong with the registry
	}
	return tag.Context().Name() + "@" + found.Digest.String()
}
