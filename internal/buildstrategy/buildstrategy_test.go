package buildstrategy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// named is a strategy that has nothing but a name.
type named string

func (n named) Name() string                                      { return string(n) }
func (n named) Kind() schema.GroupVersionKind                     { return schema.GroupVersionKind{} }
func (n named) NewChild() client.Object                           { return nil }
func (n named) NewParts() client.ObjectList                       { return nil }
func (n named) Selector(client.Object) map[string]string          { return nil }
func (n named) Companions(buildstrategy.Inputs) []client.Object   { return nil }
func (n named) Child(buildstrategy.Inputs) (client.Object, error) { return nil, nil }
func (n named) Ended(client.Object) bool                          { return false }
func (n named) Outcome(buildstrategy.Seen) buildstrategy.Outcome  { return buildstrategy.Outcome{} }

func TestSelect(t *testing.T) {
	both := []buildstrategy.Strategy{named("tekton"), named("job")}
	tests := map[string]struct {
		name      string
		available []buildstrategy.Strategy
		want      string
		says      string
	}{
		"auto takes the best":              {"auto", both, "tekton", ""},
		"an empty name is auto":            {"", both, "tekton", ""},
		"a name takes that one":            {"job", both, "job", ""},
		"a missing one lists what is here": {"s2i", both, "", `"s2i" is not available in this cluster, which offers tekton, job`},
		"nothing at all":                   {"auto", nil, "", "no way to build"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := buildstrategy.Select(test.name, test.available)
			if test.says != "" {
				var unavailable *buildstrategy.Unavailable
				require.ErrorAs(t, err, &unavailable)
				assert.Contains(t, err.Error(), test.says)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, got.Name())
		})
	}
}
