// Package graph reads the upgrade graph of the operator's releases: which version is in which channel, and which one it
// replaces. catalog/template.yaml is the only place where that is written; bundles and catalog follow it.
package graph

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"sigs.k8s.io/yaml"
)

const (
	templateSchema = "olm.template.basic"
	packageSchema  = "olm.package"
	channelSchema  = "olm.channel"
)

// Graph is a package and its channels, in the order of the template.
type Graph struct {
	Package  Package
	Channels []Channel
}

// Package is what a catalog says of the operator as a whole.
type Package struct {
	Schema         string `json:"schema"`
	Name           string `json:"name"`
	DefaultChannel string `json:"defaultChannel"`
	Description    string `json:"description,omitempty"`
	Icon           *Icon  `json:"icon,omitempty"`
}

// Icon is a picture; Data is written in base64.
type Icon struct {
	Data      []byte `json:"base64data"`
	MediaType string `json:"mediatype"`
}

// Channel is one line of upgrades.
type Channel struct {
	Schema  string  `json:"schema"`
	Package string  `json:"package"`
	Name    string  `json:"name"`
	Entries []Entry `json:"entries"`
}

// Entry is a version in a channel.
type Entry struct {
	Name      string   `json:"name"`
	Replaces  string   `json:"replaces,omitempty"`
	Skips     []string `json:"skips,omitempty"`
	SkipRange string   `json:"skipRange,omitempty"`
}

// Release is the place of one version in the graph.
type Release struct {
	// Channels that have the version, sorted.
	Channels []string
	// Entry of the default channel, or of the first one that has the version.
	Entry Entry
}

// Load reads the template.
func Load(path string) (*Graph, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	graph, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return graph, nil
}

// Parse reads a template. It refuses what it does not know: a misspelt replaces would be a broken upgrade.
func Parse(text []byte) (*Graph, error) {
	var template struct {
		Schema  string           `json:"schema"`
		Entries []map[string]any `json:"entries"`
	}
	if err := yaml.UnmarshalStrict(text, &template); err != nil {
		return nil, err
	}
	if template.Schema != templateSchema {
		return nil, fmt.Errorf("the schema is %q instead of %s", template.Schema, templateSchema)
	}
	graph := &Graph{}
	for _, entry := range template.Entries {
		if err := graph.add(entry); err != nil {
			return nil, err
		}
	}
	return graph, graph.check()
}

func (g *Graph) add(entry map[string]any) error {
	text, err := yaml.Marshal(entry)
	if err != nil {
		return err
	}
	switch entry["schema"] {
	case packageSchema:
		if g.Package.Name != "" {
			return errors.New("there is more than one package")
		}
		return yaml.UnmarshalStrict(text, &g.Package)
	case channelSchema:
		channel := Channel{}
		if err := yaml.UnmarshalStrict(text, &channel); err != nil {
			return err
		}
		g.Channels = append(g.Channels, channel)
		return nil
	default:
		return fmt.Errorf("unknown schema %v: bundles are added by make catalog", entry["schema"])
	}
}

func (g *Graph) check() error {
	if g.Package.Name == "" {
		return errors.New("there is no package")
	}
	names := map[string]bool{}
	for _, channel := range g.Channels {
		if channel.Package != g.Package.Name {
			return fmt.Errorf("channel %s is of package %q instead of %s", channel.Name, channel.Package, g.Package.Name)
		}
		if names[channel.Name] {
			return fmt.Errorf("channel %s is there twice", channel.Name)
		}
		names[channel.Name] = true
	}
	if !names[g.Package.DefaultChannel] {
		return fmt.Errorf("the default channel %q is not there", g.Package.DefaultChannel)
	}
	return nil
}

// Release finds a version, by the name of its ClusterServiceVersion.
func (g *Graph) Release(name string) (Release, error) {
	var release Release
	for _, channel := range g.Channels {
		index := slices.IndexFunc(channel.Entries, func(e Entry) bool { return e.Name == name })
		if index < 0 {
			continue
		}
		if len(release.Channels) == 0 || channel.Name == g.Package.DefaultChannel {
			release.Entry = channel.Entries[index]
		}
		release.Channels = append(release.Channels, channel.Name)
	}
	if len(release.Channels) == 0 {
		return release, fmt.Errorf("no channel has %s: add it to the catalog's template", name)
	}
	slices.Sort(release.Channels)
	return release, nil
}

// Names returns every version that a channel has, sorted and each once.
func (g *Graph) Names() []string {
	var names []string
	for _, channel := range g.Channels {
		for _, entry := range channel.Entries {
			names = append(names, entry.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
