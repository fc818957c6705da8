package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/hack/bundle/graph"
)

func small() *graph.Graph {
	return &graph.Graph{
		Package: graph.Package{Schema: "olm.package", Name: "thing", DefaultChannel: "stable"},
		Channels: []graph.Channel{{
			Schema: "olm.channel", Package: "thing", Name: "stable",
			Entries: []graph.Entry{{Name: "thing.v1"}, {Name: "thing.v2", Replaces: "thing.v1"}},
		}},
	}
}

func bundle(name string) []byte { return []byte("schema: olm.bundle\nname: " + name + "\n") }

func TestCheck(t *testing.T) {
	tests := map[string]struct {
		documents [][]byte
		problem   string
	}{
		"every version has its bundle":   {[][]byte{bundle("thing.v1"), bundle("thing.v2")}, ""},
		"a version without a bundle":     {[][]byte{bundle("thing.v2")}, "no bundle"},
		"a bundle that nobody can reach": {[][]byte{bundle("thing.v1"), bundle("thing.v2"), bundle("thing.v3")}, "no channel has"},
		"something that is not YAML":     {[][]byte{[]byte("a: [")}, "yaml"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := check(small(), test.documents)
			if test.problem == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.problem)
		})
	}
}

func TestTheHeadIsPackageAndChannels(t *testing.T) {
	documents, err := head(small(), []byte("<svg/>"))
	require.NoError(t, err)
	assert.Equal(t, `---
defaultChannel: stable
icon:
  base64data: PHN2Zy8+
  mediatype: image/svg+xml
name: thing
schema: olm.package
---
entries:
- name: thing.v1
- name: thing.v2
  replaces: thing.v1
name: stable
package: thing
schema: olm.channel
`, string(join(documents)))
}

func TestTrouble(t *testing.T) {
	sound := options{
		opm: "false", template: "../../catalog/template.yaml", icon: "../../config/manifests/icon.svg", imageBase: "registry.example.com/thing",
		out: filepath.Join(t.TempDir(), "catalog.yaml"), bundles: []string{"../../bundle"},
	}
	tests := map[string]func(*options){
		"opm fails":            func(*options) {},
		"there is no opm":      func(o *options) { o.opm = "/nowhere/opm" },
		"no bundles are named": func(o *options) { o.bundles = nil },
		"no image is named":    func(o *options) { o.imageBase = "" },
		"there is no template": func(o *options) { o.template = "/nowhere/template.yaml" },
		"there is no icon":     func(o *options) { o.icon = "/nowhere/icon.svg" },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			o := sound
			edit(&o)
			assert.Error(t, run(o))
			_, err := os.Stat(o.out)
			assert.ErrorIs(t, err, os.ErrNotExist, "nothing is written where something is wrong")
		})
	}
}
