package main

import (
	"fmt"
	"slices"

	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/hack/bundle/graph"
)

// check holds that every version of the graph has its bundle, and every bundle its place in the graph. opm validate
// finds this too, but says nothing of where to look.
func check(releases *graph.Graph, documents [][]byte) error {
	var bundles []string
	for _, document := range documents {
		var entry struct {
			Schema string `json:"schema"`
			Name   string `json:"name"`
		}
		if err := yaml.Unmarshal(document, &entry); err != nil {
			return err
		}
		if entry.Schema == "olm.bundle" {
			bundles = append(bundles, entry.Name)
		}
	}
	for _, name := range releases.Names() {
		if !slices.Contains(bundles, name) {
			return fmt.Errorf("a channel has %s, but there is no bundle of it", name)
		}
	}
	for _, name := range bundles {
		if _, err := releases.Release(name); err != nil {
			return err
		}
	}
	return nil
}
