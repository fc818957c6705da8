package notebooks

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Notebooks are committed without outputs, but for golden ones, and with cells that a test can name.
func TestNotebooksAreWellFormed(t *testing.T) {
	broken := map[string]bool{"not-json.ipynb": true, "nbformat-3.ipynb": true}
	for _, folder := range []string{"colours", "unknown-package", "endings", "podconfig", "hostile", "lab", "validation"} {
		files, err := Repository(folder)
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for name, content := range files {
			if !strings.HasSuffix(name, ".ipynb") || broken[name] {
				continue
			}
			var notebook struct {
				Cells []struct {
					ID      string
					Outputs []json.RawMessage
				}
				NBFormat int
			}
			require.NoError(t, json.Unmarshal(content, &notebook), "%s/%s", folder, name)
			assert.Equal(t, 4, notebook.NBFormat, name)
			for _, cell := range notebook.Cells {
				assert.NotEmpty(t, cell.ID, name)
				if !strings.HasPrefix(name, "golden/") {
					assert.Empty(t, cell.Outputs, name)
				}
			}
		}
	}
}

func TestRepositoryThatIsNotThere(t *testing.T) {
	_, err := Repository("no-such-folder")
	require.Error(t, err)
}
