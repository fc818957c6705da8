package image

import (
	"fmt"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/rootfs"
)

// Store keeps finished images, with their compressed layers and digests, in the cache.
type Store struct {
	Cache string
}

// Ensure returns the image of the recipe, making it when the cache has none.
func (s Store) Ensure(recipe Recipe) (v1.Image, error) {
	key, err := recipe.key()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(s.Cache, recipe.Name, key)
	if image, err := load(dir); err == nil {
		return image, nil
	}
	if err := progress.Step("make the image "+recipe.Name, func() error { return s.make(recipe, dir) }); err != nil {
		return nil, err
	}
	return load(dir)
}

func load(dir string) (v1.Image, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	if len(manifest.Manifests) != 1 {
		return nil, fmt.Errorf("%s holds %d images instead of one", dir, len(manifest.Manifests))
	}
	return index.Image(manifest.Manifests[0].Digest)
}

// make writes the image beside its final place, so that an interrupted run leaves nothing that looks finished.
func (s Store) make(recipe Recipe, dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "making-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	image, err := assemble(recipe, filepath.Join(fresh, "rootfs.tar"))
	if err != nil {
		return err
	}
	finished := filepath.Join(fresh, "image")
	path, err := layout.Write(finished, empty.Index)
	if err != nil {
		return err
	}
	if err := path.AppendImage(image); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(finished, dir)
}

func assemble(recipe Recipe, archive string) (v1.Image, error) {
	image := v1.Image(empty.Image)
	var layers []v1.Layer
	if len(recipe.Packages) > 0 {
		if err := rootfs.Make(recipe.Packages, archive); err != nil {
			return nil, err
		}
		layer, err := fromArchive(archive)
		if err != nil {
			return nil, err
		}
		layers = append(layers, layer)
	}
	if recipe.Program != "" || len(recipe.Files) > 0 || len(recipe.Writable) > 0 {
		layer, err := fromFiles(recipe)
		if err != nil {
			return nil, err
		}
		layers = append(layers, layer)
	}
	image, err := mutate.AppendLayers(image, layers...)
	if err != nil {
		return nil, err
	}
	return configure(image, recipe)
}

func configure(image v1.Image, recipe Recipe) (v1.Image, error) {
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", "amd64"
	file.Config = v1.Config{
		User: recipe.User,
		Env:  []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
	}
	if len(recipe.Packages) > 0 {
		file.Config.Env = append(file.Config.Env, "LANG=C.UTF-8")
		file.Config.Cmd = []string{"/bin/sh"}
	}
	if recipe.Program != "" {
		file.Config.Entrypoint = []string{"/" + recipe.entrypoint()}
	}
	return mutate.ConfigFile(image, file)
}
