package nearest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/internal/validate/nearest"
)

func TestTheWordThatWasMeant(t *testing.T) {
	t.Parallel()
	words := []string{"level", "strictMode", "timeout", "cellTimeout", "NB102", "x"}
	cases := map[string]string{
		"levle": "level", "strictmode": "strictMode", "STRICTMODE": "strictMode", "timout": "timeout", "time": "",
		"nb1022": "NB102", "": "", "y": "", "something else": "", "cellTimeoutt": "cellTimeout",
	}
	for typed, want := range cases {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, want, nearest.Word(typed, words))
		})
	}
}
