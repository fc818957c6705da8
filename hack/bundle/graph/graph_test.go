package graph

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const template = `
schema: olm.template.basic
entries:
- {schema: olm.package, name: thing, defaultChannel: stable}
- schema: olm.channel
  package: thing
  name: stable
  entries:
  - {name: thing.v1.0.0}
  - {name: thing.v1.0.2, replaces: thing.v1.0.0, skips: [thing.v1.0.1]}
- schema: olm.channel
  package: thing
  name: candidate
  entries:
  - {name: thing.v1.0.0}
  - {name: thing.v1.0.1, replaces: thing.v1.0.0}
  - {name: thing.v1.0.2, replaces: thing.v1.0.1}
`

func TestRelease(t *testing.T) {
	releases, err := Parse([]byte(template))
	require.NoError(t, err)
	tests := map[string]struct {
		name string
		want Release
	}{
		"the first version replaces nothing": {
			"thing.v1.0.0", Release{Channels: []string{"candidate", "stable"}, Entry: Entry{Name: "thing.v1.0.0"}},
		},
		"the default channel has the word": {
			"thing.v1.0.2", Release{Channels: []string{"candidate", "stable"}, Entry: Entry{
				Name: "thing.v1.0.2", Replaces: "thing.v1.0.0", Skips: []string{"thing.v1.0.1"},
			}},
		},
		"a version that never got into the default channel": {
			"thing.v1.0.1", Release{Channels: []string{"candidate"}, Entry: Entry{Name: "thing.v1.0.1", Replaces: "thing.v1.0.0"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			release, err := releases.Release(test.name)
			require.NoError(t, err)
			assert.Equal(t, test.want, release)
		})
	}
	_, err = releases.Release("thing.v2.0.0")
	assert.ErrorContains(t, err, "no channel")
	assert.Equal(t, []string{"thing.v1.0.0", "thing.v1.0.1", "thing.v1.0.2"}, releases.Names())
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]struct{ old, new string }{
		"another form of template":          {"olm.template.basic", "olm.semver"},
		"a word that is misspelt":           {"replaces: thing.v1.0.1", "replace: thing.v1.0.1"},
		"a bundle, which is added later":    {"schema: olm.channel\n  package: thing\n  name: candidate", "schema: olm.bundle\n  package: thing\n  name: candidate"},
		"a default channel that is missing": {"defaultChannel: stable", "defaultChannel: fast"},
		"a channel of another package":      {"package: thing\n  name: candidate", "package: other\n  name: candidate"},
		"a channel that is there twice":     {"name: candidate", "name: stable"},
		"two packages":                      {"entries:\n- {schema: olm.package", "entries:\n- {schema: olm.package, name: other}\n- {schema: olm.package"},
		"no package":                        {"- {schema: olm.package, name: thing, defaultChannel: stable}\n", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, template, test.old)
			_, err := Parse([]byte(strings.Replace(template, test.old, test.new, 1)))
			assert.Error(t, err)
		})
	}
}
