package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"mlops.dev/notebook-validator-operator/hack/bundle/graph"
	"mlops.dev/notebook-validator-operator/hack/objects"
)

// inputs name the files that a bundle is made from.
type inputs struct {
	kustomize, config, base, icon, examples, scorecard, template string
	version, imageBase                                           string
}

// source is everything that a bundle is made from, read.
type source struct {
	version, imageBase string
	pkg                graph.Package
	release            graph.Release
	// objects are the rendered manifests of the operator.
	objects []unstructured.Unstructured
	// base of the ClusterServiceVersion, kept by hand.
	base     unstructured.Unstructured
	icon     []byte
	examples []unstructured.Unstructured
	// scorecard is its configuration, without images; nil for a bundle without tests.
	scorecard []byte
}

func (s source) image() string { return s.imageBase + ":" + s.version }

func (s source) scorecardImage() string { return s.imageBase + "-scorecard:" + s.version }

// csvName is the name of a ClusterServiceVersion.
func csvName(pkg, version string) string { return pkg + ".v" + version }

func (in inputs) load() (source, error) {
	if in.version == "" || in.imageBase == "" {
		return source{}, errors.New("-version and -image-base are required")
	}
	releases, err := graph.Load(in.template)
	if err != nil {
		return source{}, err
	}
	s := source{version: in.version, imageBase: in.imageBase, pkg: releases.Package}
	if s.release, err = releases.Release(csvName(s.pkg.Name, s.version)); err != nil {
		return s, err
	}
	if s.objects, err = render(in.kustomize, in.config); err != nil {
		return s, err
	}
	if s.base, err = readOne(in.base); err != nil {
		return s, err
	}
	if s.icon, err = os.ReadFile(in.icon); err != nil {
		return s, err
	}
	if s.examples, err = readFolder(in.examples); err != nil {
		return s, err
	}
	if in.scorecard != "" {
		s.scorecard, err = os.ReadFile(in.scorecard)
	}
	return s, err
}

func render(kustomize, config string) ([]unstructured.Unstructured, error) {
	var stdout, stderr bytes.Buffer
	build := exec.Command(kustomize, "build", config)
	build.Stdout, build.Stderr = &stdout, &stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("%s build %s: %w\n%s", kustomize, config, err, stderr.String())
	}
	return objects.Read(&stdout)
}

func readFolder(folder string) ([]unstructured.Unstructured, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var all []unstructured.Unstructured
	for _, file := range files {
		object, err := readOne(file)
		if err != nil {
			return nil, err
		}
		all = append(all, object)
	}
	return all, nil
}

func readOne(file string) (unstructured.Unstructured, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return unstructured.Unstructured{}, err
	}
	found, err := objects.Read(bytes.NewReader(text))
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("there are %d objects instead of one", len(found))
	}
	if err != nil {
		return unstructured.Unstructured{}, fmt.Errorf("%s: %w", file, err)
	}
	return found[0], nil
}
