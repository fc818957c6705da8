package v1alpha1

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestANumberIsAFiniteJSONNumber(t *testing.T) {
	for text, want := range map[string]float64{"1": 1, "-0.5": -0.5, "1e-9": 1e-9, "7.0": 7, "0": 0} {
		var n Number
		require.NoError(t, json.Unmarshal([]byte(text), &n), text)
		assert.InDelta(t, want, n.Float64(), 0)
		encoded, err := json.Marshal(n)
		require.NoError(t, err)
		var again Number
		require.NoError(t, json.Unmarshal(encoded, &again))
		assert.Equal(t, n, again)
	}
	for _, text := range []string{`"1"`, `1e999`, `true`, `null`, `[1]`, `{}`} {
		n := NumberOf(3)
		assert.Error(t, json.Unmarshal([]byte(text), &n), text)
	}
}
