package outputs_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/outputs"
)

func printed(text string) *nbformat.Notebook {
	return &nbformat.Notebook{Cells: []nbformat.Cell{{
		Type: nbformat.CodeCell, Outputs: []nbformat.Output{{Type: nbformat.StreamOutput, Name: nbformat.Stdout, Text: text}},
	}}}
}

func TestANumberThatStandsAloneIsFoundAndChanged(t *testing.T) {
	for name, tc := range map[string]struct{ text, changed string }{
		"a fraction":             {"loss 0.5\n", "loss 0.505\n"},
		"an integer":             {"(200, 4)", "(202, 4)"},
		"a small integer":        {"n = 3", "n = 4"},
		"a negative one":         {"[-50 2]", "[-51 2]"},
		"zero":                   {"0", "1"},
		"a number with a point":  {"array([100., 1.])", "array([101., 1.])"},
		"after a line of timing": {"Wall time: 3 ms\n7", "Wall time: 3 ms\n8"},
	} {
		t.Run(name, func(t *testing.T) {
			notebook := printed(tc.text)
			places := outputs.Numbers(notebook)
			require.NotEmpty(t, places)
			changed := outputs.Change(notebook, places[0])
			assert.Equal(t, tc.changed, changed.Cells[0].Outputs[0].Text)
			assert.Equal(t, tc.text, notebook.Cells[0].Outputs[0].Text, "the notebook itself stays")
		})
	}
}

func TestWhatIsPartOfSomethingLongerIsNoNumber(t *testing.T) {
	for _, text := range []string{"x1", "2021-03-04", "v1.2.3", "12:30:05", "<A at 0x7f0012ab>", "10%", "a_1"} {
		assert.Empty(t, outputs.Numbers(printed(text)), text)
	}
}

func TestNoiseReachesFractionsOnly(t *testing.T) {
	noisy := outputs.Noise(printed("3 0.25 [0.5, 2]"))
	assert.Equal(t, "3 0.25000000000025 [0.5000000000005, 2]", noisy.Cells[0].Outputs[0].Text)
}

func TestDifferencesForgiveWhatNoTwoProcessesShare(t *testing.T) {
	assert.Empty(t, outputs.Differences(printed("<A at 0x7f0012ab>"), printed("<A at 0x7f9912ab>")))
	assert.Contains(t, outputs.Differences(printed("loss 0.5"), printed("loss 0.6"))[0], `"stdout loss 0.5"`)
}

func TestDifferencesSeeCountsAndMissingOutputs(t *testing.T) {
	one, two := printed("a"), printed("a")
	count := 3
	two.Cells[0].ExecutionCount = &count
	assert.Equal(t, map[int]string{0: "execution count none and 3"}, outputs.Differences(one, two))
	two = printed("a")
	two.Cells[0].Outputs = nil
	assert.Equal(t, map[int]string{0: "1 and 0 outputs"}, outputs.Differences(one, two))
}
