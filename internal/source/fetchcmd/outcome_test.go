package fetchcmd

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestALongMessageFitsWhatIsKeptOfIt(t *testing.T) {
	for name, answer := range map[string]string{"text": "a line\n", "a web page": "<b>&amp;", "quotes": `"\`, "wide characters": "日本"} {
		t.Run(name, func(t *testing.T) {
			r := outcome(t.Context(), strings.Repeat("0", 40), errors.New("The server said: "+strings.Repeat(answer, 3000)+" THE END"))
			data, err := json.Marshal(r)
			require.NoError(t, err)
			assert.LessOrEqual(t, len(data), 4096)
			assert.True(t, strings.HasPrefix(r.Message, "The server said: "))
			assert.True(t, strings.HasSuffix(r.Message, " THE END"))
		})
	}
}
