// Command catalog writes the operator's file-based catalog: the package and its channels from catalog/template.yaml, and
// the bundles of all its versions as opm renders them.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/hack/bundle/graph"
)

// options name what a catalog is made from.
type options struct {
	opm, template, icon, imageBase, out string
	bundles                             []string
}

func main() {
	var o options
	flag.StringVar(&o.opm, "opm", "opm", "opm program")
	flag.StringVar(&o.template, "template", "catalog/template.yaml", "the upgrade graph")
	flag.StringVar(&o.icon, "icon", "config/manifests/icon.svg", "icon of the operator")
	flag.StringVar(&o.imageBase, "image-base", "", "operator's image without tag; the bundles' images are named after it")
	flag.StringVar(&o.out, "out", "catalog/notebook-validator-operator/catalog.yaml", "file to write")
	flag.Parse()
	o.bundles = flag.Args()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "catalog:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	if o.imageBase == "" || len(o.bundles) == 0 {
		return fmt.Errorf("-image-base and the folders of the bundles are required")
	}
	releases, err := graph.Load(o.template)
	if err != nil {
		return err
	}
	icon, err := os.ReadFile(o.icon)
	if err != nil {
		return err
	}
	documents, err := head(releases, icon)
	if err != nil {
		return err
	}
	for _, folder := range o.bundles {
		document, err := o.render(folder)
		if err != nil {
			return err
		}
		documents = append(documents, document)
	}
	if err := check(releases, documents); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(o.out), 0o755); err != nil {
		return err
	}
	return os.WriteFile(o.out, join(documents), 0o644)
}

// render has opm turn a bundle's folder into a catalog's entry. The image is not read: it is pushed after the catalog
// is written, and its name follows from the version.
func (o options) render(folder string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	render := exec.Command(o.opm, "render", folder, "--output=yaml", "--migrate-level=bundle-object-to-csv-metadata",
		"--alpha-image-ref-template="+o.imageBase+"-bundle:{{.Version}}")
	render.Stdout, render.Stderr = &stdout, &stderr
	if err := render.Run(); err != nil {
		return nil, fmt.Errorf("%s render %s: %w\n%s", o.opm, folder, err, stderr.String())
	}
	return bytes.TrimPrefix(stdout.Bytes(), []byte("---\n")), nil
}

// head are the documents that come from the template.
func head(releases *graph.Graph, icon []byte) ([][]byte, error) {
	pkg := releases.Package
	pkg.Icon = &graph.Icon{Data: icon, MediaType: "image/svg+xml"}
	entries := []any{pkg}
	for _, channel := range releases.Channels {
		entries = append(entries, channel)
	}
	var documents [][]byte
	for _, entry := range entries {
		text, err := yaml.Marshal(entry)
		if err != nil {
			return nil, err
		}
		documents = append(documents, text)
	}
	return documents, nil
}

func join(documents [][]byte) []byte {
	return append([]byte("---\n"), bytes.Join(documents, []byte("---\n"))...)
}
