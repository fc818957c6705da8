package olm

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/test/kit"
)

// Versions. The first two are the project's own releases; the others come after them in the tests only.
const (
	first   = "0.1.0"
	current = "0.2.0"
	broken  = "0.2.1" // its image crashes
	mended  = "0.2.2" // takes the place of the broken one
)

// firstCommit is what the first version was made of.
const firstCommit = "850b225"

// operatorName is the name of the operator's image; those of the others begin with it.
const operatorName = "notebook-validator"

// releases are the versions whose images and bundles are in the registry.
type releases struct {
	// root of the repository.
	root string
	// bundles are the folders of the bundles by version.
	bundles map[string]string
	// images are the bundles' images, by digest, by version.
	images map[string]string
	// operators are the operator's images, by digest, by version.
	operators map[string]string
}

// publish makes the operators' images and the bundles, as a release does. What differs from the repository's bundles is said
// by the functions that change it.
func publish(ctx context.Context) (releases, error) {
	root, err := kit.Root(ctx)
	if err != nil {
		return releases{}, err
	}
	work, err := os.MkdirTemp("", "nbv-olm-")
	if err != nil {
		return releases{}, err
	}
	r := releases{root: root, bundles: map[string]string{}, images: map[string]string{}, operators: map[string]string{}}
	source := filepath.Join(root, "bundle")
	for _, release := range []struct {
		version, bundle string
		tree            func(context.Context, string) (string, error)
		change          func(manifests) error
		image           func(ctx context.Context, name, dir string) (kit.Image, error)
	}{
		{first, filepath.Join(root, "catalog", "releases", first), r.firstTree, withArguments, pushBundle},
		{current, source, r.presentTree, unchanged, r.buildBundle},
		{broken, source, r.brokenTree, successor(broken), r.buildBundle},
		{mended, source, r.presentTree, successor(mended), r.buildBundle},
	} {
		dir := filepath.Join(work, release.version, "bundle")
		tree, err := release.tree(ctx, filepath.Join(work, "tree-"+release.version))
		if err != nil {
			return releases{}, fmt.Errorf("version %s: %w", release.version, err)
		}
		image, err := operatorImage(ctx, release.version, tree)
		if err != nil {
			return releases{}, fmt.Errorf("version %s: %w", release.version, err)
		}
		r.operators[release.version] = image
		if err := copyBundle(release.bundle, dir, image, release.change); err != nil {
			return releases{}, fmt.Errorf("version %s: %w", release.version, err)
		}
		bundle, err := release.image(ctx, operatorName+"-bundle:"+release.version, dir)
		if err != nil {
			return releases{}, fmt.Errorf("version %s: %w", release.version, err)
		}
		r.bundles[release.version], r.images[release.version] = dir, bundle.Published
	}
	return r, serveCatalog(ctx, r.graph())
}

// operatorImage builds the operator's image from a tree and returns it by digest, under its published name.
func operatorImage(ctx context.Context, version, tree string) (string, error) {
	if _, err := execute(ctx, tree, "make", "--silent", "build", "VERSION="+version); err != nil {
		return "", err
	}
	image, err := cluster.BuildImage(ctx, operatorName+":"+version, kit.Recipe{Dockerfile: filepath.Join(tree, "Dockerfile"), Context: tree})
	return image.Published, err
}

// copyBundle copies a bundle and changes it. The operator's image is named by digest in it, so that nothing that the node still
// has from an earlier run is taken for it.
func copyBundle(from, to, image string, change func(manifests) error) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return manifests{dir: to, image: image}.rewrite(change)
}

// buildBundle makes a bundle's image from bundle.Dockerfile, as a release does.
func (r releases) buildBundle(ctx context.Context, name, dir string) (kit.Image, error) {
	return cluster.BuildImage(ctx, name, kit.Recipe{Dockerfile: filepath.Join(r.root, "bundle.Dockerfile"), Context: filepath.Dir(dir)})
}

// pushBundle makes a bundle's image of a release before the present bundle.Dockerfile.
func pushBundle(ctx context.Context, name, dir string) (kit.Image, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[path], err = os.ReadFile(filepath.Join(dir, path))
		return err
	})
	if err != nil {
		return kit.Image{}, err
	}
	labels, err := annotations(dir)
	if err != nil {
		return kit.Image{}, err
	}
	repository, tag, _ := strings.Cut(name, ":")
	return cluster.PushFiles(ctx, repository, tag, files, v1.Config{Labels: labels})
}

// annotations of a bundle are its image's labels too.
func annotations(bundle string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(bundle, "metadata", "annotations.yaml"))
	if err != nil {
		return nil, err
	}
	var file struct {
		Annotations map[string]string `json:"annotations"`
	}
	return file.Annotations, yaml.UnmarshalStrict(text, &file)
}

// firstTree is the first version's source, where the repository has its history; a shallow clone has the present one only,
// which then takes its place.
func (r releases) firstTree(ctx context.Context, dir string) (string, error) {
	if _, err := execute(ctx, r.root, "git", "cat-file", "-e", firstCommit+"^{tree}"); err != nil {
		cluster.Log("the history of this clone lacks %s: version %s is made of the present tree", firstCommit, first)
		return r.root, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	archive := dir + ".tar"
	if _, err := execute(ctx, r.root, "git", "archive", "--output="+archive, firstCommit); err != nil {
		return "", err
	}
	_, err := execute(ctx, dir, "tar", "-xf", archive)
	return dir, err
}

func (r releases) presentTree(context.Context, string) (string, error) { return r.root, nil }

// brokenTree is the present one with an image that ends at once.
func (r releases) brokenTree(_ context.Context, dir string) (string, error) {
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		return "", err
	}
	program, err := os.ReadFile(filepath.Join(r.root, "bin", "notebook-validator"))
	if err != nil {
		return "", err
	}
	dockerfile, err := os.ReadFile(filepath.Join(r.root, "Dockerfile"))
	if err != nil {
		return "", err
	}
	crashing := strings.ReplaceAll(string(dockerfile), `ENTRYPOINT ["/notebook-validator"]`, `ENTRYPOINT ["/notebook-validator", "--no-such-flag"]`)
	if crashing == string(dockerfile) {
		return "", fmt.Errorf("the Dockerfile has another entrypoint than the test breaks")
	}
	for name, content := range map[string][]byte{"bin/notebook-validator": program, "Dockerfile": []byte(crashing), "Makefile": []byte("build:\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o755); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// execute runs a program and returns what it printed.
func execute(ctx context.Context, dir, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = dir
	output, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, output)
	}
	return strings.TrimSpace(string(output)), nil
}
