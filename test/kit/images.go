package kit

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// What catalogs are called, as in the Makefile, and the package in them.
const (
	catalogImage   = "notebook-validator-catalog"
	catalogPackage = "notebook-validator-operator"
)

// Image is an image that a test has pushed, by digest.
type Image struct {
	// Published is its name in the registry that published manifests name, from which only the node pulls. It is the same as
	// Local in a cluster that does not know that registry.
	Published string
	// Local is its name in the cluster's registry, for programs and for other images' Dockerfiles.
	Local string
}

// Recipe says how an image is built. Relative paths are below the repository's root, which is the context when there is none.
type Recipe struct {
	Dockerfile string
	Context    string
	// Arguments are the values of the Dockerfile's ARGs.
	Arguments map[string]string
}

// BuildImage builds an image from a Dockerfile, the way a user would, and pushes it. The image is NAME:TAG.
func (c *Cluster) BuildImage(ctx context.Context, image string, recipe Recipe) (Image, error) {
	c.Log("building and pushing %s", image)
	args := []string{"run", "./test/cluster", "load-operator", "--dockerfile=" + recipe.Dockerfile}
	if recipe.Context != "" {
		args = append(args, "--context="+recipe.Context)
	}
	for _, key := range slices.Sorted(maps.Keys(recipe.Arguments)) {
		args = append(args, "--build-arg="+key+"="+recipe.Arguments[key])
	}
	reference, err := c.command(ctx, "go", append(args, "--", image)...)
	if err != nil {
		return Image{}, err
	}
	digest, err := c.imageName(reference)
	if err != nil {
		return Image{}, err
	}
	tag, err := c.publicTag(image)
	return c.image(tag.Context(), digest.DigestStr()), err
}

// BuildCatalog builds the project's catalog.Dockerfile on top of the cluster's opm. The context has the folder catalog; it is
// the repository's root when empty.
func (c *Cluster) BuildCatalog(ctx context.Context, tag, buildContext string) (Image, error) {
	return c.BuildImage(ctx, catalogImage+":"+tag, Recipe{
		Dockerfile: "catalog.Dockerfile", Context: buildContext, Arguments: map[string]string{"OPM_IMAGE": c.Env.Images.Opm},
	})
}

// PushCatalog pushes a catalog of one file, made by a test, on top of the cluster's opm.
func (c *Cluster) PushCatalog(ctx context.Context, tag string, catalog []byte) (Image, error) {
	opm, err := c.imageName(c.Env.Images.Opm)
	if err != nil {
		return Image{}, err
	}
	base, err := remote.Image(opm, c.asPusher(ctx)...)
	if err != nil {
		return Image{}, fmt.Errorf("read the image %s: %w", opm, err)
	}
	file, err := base.ConfigFile()
	if err != nil {
		return Image{}, err
	}
	config := file.Config
	config.Cmd = []string{"serve", "/configs"}
	config.Labels = map[string]string{"operators.operatorframework.io.index.configs.v1": "/configs"}
	files := map[string][]byte{path.Join("configs", catalogPackage, "catalog.yaml"): catalog}
	return c.pushOn(ctx, base, catalogImage+":"+tag, files, config)
}

// PushFiles pushes an image that is made of nothing but files, by their paths in it, such as a bundle's.
func (c *Cluster) PushFiles(ctx context.Context, repository, tag string, files map[string][]byte, config v1.Config) (Image, error) {
	base, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{
		OS: "linux", Architecture: runtime.GOARCH, RootFS: v1.RootFS{Type: "layers"},
	})
	if err != nil {
		return Image{}, err
	}
	return c.pushOn(ctx, base, repository+":"+tag, files, config)
}

// pushOn pushes an image that has the files on top of another one.
func (c *Cluster) pushOn(ctx context.Context, base v1.Image, image string, files map[string][]byte, config v1.Config) (Image, error) {
	tag, err := c.publicTag(image)
	if err != nil {
		return Image{}, err
	}
	layer, err := layerOf(files)
	if err != nil {
		return Image{}, err
	}
	made, err := mutate.AppendLayers(base, layer)
	if err != nil {
		return Image{}, err
	}
	if made, err = mutate.Config(made, config); err != nil {
		return Image{}, err
	}
	digest, err := made.Digest()
	if err != nil {
		return Image{}, err
	}
	if err := remote.Write(tag, made, c.asPusher(ctx)...); err != nil {
		return Image{}, fmt.Errorf("push %s: %w", tag, err)
	}
	return c.image(tag.Context(), digest.String()), nil
}

// publicTag is NAME:TAG where everybody may pull it.
func (c *Cluster) publicTag(image string) (name.Tag, error) {
	reference := c.Env.Registry.Host + "/" + c.Env.Registry.PublicPrefix + image
	if c.Env.Registry.Insecure {
		return name.NewTag(reference, name.Insecure)
	}
	return name.NewTag(reference)
}

// image gives the names of a digest in a public repository.
func (c *Cluster) image(repository name.Repository, digest string) Image {
	local := repository.Name() + "@" + digest
	registry := c.Env.Registry
	if registry.Alias == "" {
		return Image{Published: local, Local: local}
	}
	return Image{Published: registry.Alias + "/" + strings.TrimPrefix(local, registry.Host+"/"+registry.PublicPrefix), Local: local}
}

// layerOf files that everybody may read, in order and without times, so that the same files have the same digest.
func layerOf(files map[string][]byte) (v1.Layer, error) {
	var content bytes.Buffer
	writer := tar.NewWriter(&content)
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if err := writer.WriteHeader(&tar.Header{Name: file, Mode: 0o644, Size: int64(len(files[file]))}); err != nil {
			return nil, err
		}
		if _, err := writer.Write(files[file]); err != nil {
			return nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil })
}
