package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// scorecardPlaceholder is the image of the operator's own tests in the scorecard's configuration.
const scorecardPlaceholder = "notebook-validator-scorecard:latest"

// testConfig is the annotation that says where scorecard's configuration is.
const testConfig = "operators.operatorframework.io.test.config.v1"

const (
	manifestsFolder = "manifests/"
	metadataFolder  = "metadata/"
	scorecardFolder = "tests/scorecard/"
)

// generate returns the files of the bundle, by their paths in it.
func generate(s source) (map[string][]byte, error) {
	parts, err := sortObjects(s.objects)
	if err != nil {
		return nil, err
	}
	csv, err := clusterServiceVersion(s, parts)
	if err != nil {
		return nil, fmt.Errorf("ClusterServiceVersion: %w", err)
	}
	files := map[string][]byte{}
	for _, object := range append(parts.objects, csv) {
		text, err := yaml.Marshal(object.Object)
		if err != nil {
			return nil, err
		}
		name := manifestsFolder + fileName(object, s.pkg.Name)
		if _, taken := files[name]; taken {
			return nil, fmt.Errorf("two manifests would be in %s", name)
		}
		files[name] = text
	}
	if files[metadataFolder+"annotations.yaml"], err = yaml.Marshal(map[string]any{"annotations": annotations(s)}); err != nil {
		return nil, err
	}
	if s.scorecard != nil {
		files[scorecardFolder+"config.yaml"], err = scorecard(s)
	}
	return files, err
}

func fileName(object unstructured.Unstructured, pkg string) string {
	switch object.GetKind() {
	case "ClusterServiceVersion":
		return pkg + ".clusterserviceversion.yaml"
	case "CustomResourceDefinition":
		plural, group, _ := strings.Cut(object.GetName(), ".")
		return group + "_" + plural + ".yaml"
	}
	version := strings.ReplaceAll(object.GetAPIVersion(), "/", "_")
	return fmt.Sprintf("%s_%s_%s.yaml", object.GetName(), version, strings.ToLower(object.GetKind()))
}

// annotations tell OLM and the catalog what a bundle is; the labels of its image say the same.
func annotations(s source) map[string]string {
	const bundle = "operators.operatorframework.io.bundle."
	result := map[string]string{
		bundle + "mediatype.v1":       "registry+v1",
		bundle + "manifests.v1":       manifestsFolder,
		bundle + "metadata.v1":        metadataFolder,
		bundle + "package.v1":         s.pkg.Name,
		bundle + "channels.v1":        strings.Join(s.release.Channels, ","),
		bundle + "channel.default.v1": s.pkg.DefaultChannel,
	}
	if s.scorecard != nil {
		result["operators.operatorframework.io.test.mediatype.v1"] = "scorecard+v1"
		result[testConfig] = scorecardFolder
	}
	return result
}

// scorecard is its configuration with the image of this release's tests.
func scorecard(s source) ([]byte, error) {
	var config v1alpha3.Configuration
	if err := yaml.UnmarshalStrict(s.scorecard, &config); err != nil {
		return nil, fmt.Errorf("scorecard's configuration: %w", err)
	}
	if !bytes.Contains(s.scorecard, []byte(scorecardPlaceholder)) {
		return nil, errors.New("scorecard's configuration does not run " + scorecardPlaceholder)
	}
	return bytes.ReplaceAll(s.scorecard, []byte(scorecardPlaceholder), []byte(s.scorecardImage())), nil
}

// imageFile is the Dockerfile of the bundle's image.
func imageFile(folder string, labels map[string]string) []byte {
	var text strings.Builder
	text.WriteString("# The bundle of one release, as OLM installs it. Written by `make bundle`.\nFROM scratch\n")
	keys := make([]string, 0, len(labels))
	for key := range labels {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		fmt.Fprintf(&text, "LABEL %s=%s\n", key, labels[key])
	}
	parts := []string{manifestsFolder, metadataFolder}
	if slices.Contains(keys, testConfig) {
		parts = append(parts, scorecardFolder)
	}
	for _, part := range parts {
		fmt.Fprintf(&text, "COPY %s /%s\n", filepath.ToSlash(filepath.Join(folder, part)), part)
	}
	return []byte(text.String())
}

// write replaces the folder, so that a file that is no longer generated goes.
func write(folder string, files map[string][]byte) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
