package objects

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadReturnsTheDocumentsInTheirOrder(t *testing.T) {
	all, err := Read(strings.NewReader("# a comment\n---\nkind: A\n---\n---\nkind: B\n"))

	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, "A", all[0].GetKind())
	assert.Equal(t, "B", all[1].GetKind())
}

func TestReadRefusesWhatIsNotYAML(t *testing.T) {
	_, err := Read(strings.NewReader("a: [\n"))

	assert.Error(t, err)
}
