// Command bundle writes the bundle of a release for the Operator Lifecycle Manager: the rendered manifests of config/,
// the hand-kept base of the ClusterServiceVersion and the examples in, a folder that OLM installs out. The same input
// gives the same bytes.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	var in inputs
	var out string
	flag.StringVar(&in.kustomize, "kustomize", "kustomize", "kustomize program")
	flag.StringVar(&in.config, "config", "config/manifests", "kustomization with the operator's manifests")
	flag.StringVar(&in.base, "base", "config/manifests/bases/notebook-validator-operator.clusterserviceversion.yaml", "base of the ClusterServiceVersion")
	flag.StringVar(&in.icon, "icon", "config/manifests/icon.svg", "icon of the operator")
	flag.StringVar(&in.examples, "examples", "config/manifests/examples", "folder with an example of each kind, with status")
	flag.StringVar(&in.scorecard, "scorecard", "config/scorecard/config.yaml", "scorecard's configuration; none when empty")
	flag.StringVar(&in.template, "template", "catalog/template.yaml", "the upgrade graph")
	flag.StringVar(&in.version, "version", "", "version of the release, for example 0.2.0")
	flag.StringVar(&in.imageBase, "image-base", "", "operator's image without tag")
	flag.StringVar(&out, "out", "bundle", "folder to write; what it held is replaced")
	dockerfile := flag.String("dockerfile", "", "Dockerfile of the bundle's image to write; none when empty")
	flag.Parse()
	if err := run(in, out, *dockerfile); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

func run(in inputs, out, dockerfile string) error {
	source, err := in.load()
	if err != nil {
		return err
	}
	files, err := generate(source)
	if err != nil {
		return err
	}
	if err := write(out, files); err != nil {
		return err
	}
	if dockerfile == "" {
		return nil
	}
	return os.WriteFile(dockerfile, imageFile(out, annotations(source)), 0o644)
}
