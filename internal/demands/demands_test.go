package demands

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

func TestWhatAJobDemandsTravelsWhole(t *testing.T) {
	spec := v1alpha1.NotebookValidationJobSpec{
		ValidationConfig: &v1alpha1.ValidationConfig{
			Level: v1alpha1.LevelStaging, DetectSilentFailures: ptr.To(false),
			ExpectedOutputs: []v1alpha1.ExpectedOutput{{Cell: ptr.To[int32](0), Range: []v1alpha1.Number{v1alpha1.NumberOf(-0.5), v1alpha1.NumberOf(1e300)}}},
		},
		ComparisonConfig: &v1alpha1.ComparisonConfig{Masks: []string{`"$(x)\d`}},
		GoldenNotebook:   &v1alpha1.GoldenNotebook{Path: "golden/a.ipynb"},
	}
	sent := Of(spec, []string{"numpy>=1"})
	text, err := sent.Encode()
	require.NoError(t, err)
	received, err := Parse(text)
	require.NoError(t, err)
	assert.Equal(t, sent, received)
	assert.Equal(t, "golden/a.ipynb", received.Golden)
	assert.Equal(t, v1alpha1.LevelStaging, received.Level())
}

func TestNothingDemandedIsLevelDevelopment(t *testing.T) {
	wanted, err := Parse("{}")
	require.NoError(t, err)
	assert.Equal(t, v1alpha1.LevelDevelopment, wanted.Level())
	assert.Equal(t, wanted, Of(v1alpha1.NotebookValidationJobSpec{}, nil))
	assert.True(t, wanted.NeedValues())
	assert.Empty(t, wanted.Watched())
}

func TestDemandsThatAreNotUnderstoodAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":          "",
		"no JSON":          "level: staging",
		"a demand unknown": `{"validation":{"levle":"staging"}}`,
		"a second one":     `{}{}`,
		"a number of text": `{"validation":{"expectedOutputs":[{"range":["1","2"]}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(text)
			assert.ErrorContains(t, err, "what is demanded of the run cannot be read")
		})
	}
}

func TestValuesAreNeededByWhatLooksAtThem(t *testing.T) {
	off := ptr.To(false)
	expected := []v1alpha1.ExpectedOutput{{Name: "a"}, {Name: "b"}, {Name: "a"}, {}}
	for name, test := range map[string]struct {
		config v1alpha1.ValidationConfig
		want   bool
	}{
		"silent failures":                   {v1alpha1.ValidationConfig{}, true},
		"nothing":                           {v1alpha1.ValidationConfig{DetectSilentFailures: off}, false},
		"expected outputs":                  {v1alpha1.ValidationConfig{DetectSilentFailures: off, ExpectedOutputs: expected}, true},
		"expected outputs, not looked into": {v1alpha1.ValidationConfig{DetectSilentFailures: off, CheckOutputTypes: off, ExpectedOutputs: expected}, false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, Demands{Validation: test.config}.NeedValues())
		})
	}
	assert.Equal(t, []string{"a", "b"}, Demands{Validation: v1alpha1.ValidationConfig{ExpectedOutputs: expected}}.Watched())
}
