package golden

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

var (
	exactConfig      = v1alpha1.ComparisonConfig{Strategy: v1alpha1.StrategyExact}
	normalizedConfig = v1alpha1.ComparisonConfig{Strategy: v1alpha1.StrategyNormalized}
	toleranceConfig  = v1alpha1.ComparisonConfig{Strategy: v1alpha1.StrategyTolerance}
)

func mustRules(t testing.TB, config v1alpha1.ComparisonConfig) *rules {
	t.Helper()
	r, err := newRules(config)
	require.NoError(t, err)
	return r
}

func TestValidateSaysWhatToWriteInstead(t *testing.T) {
	type config = v1alpha1.ComparisonConfig
	cases := map[string]struct {
		config config
		want   string
	}{
		"nothing is set":          {config{}, ""},
		"everything is set":       {config{Strategy: "normalized", FloatingPointTolerance: "1e-4", Masks: []string{"a+"}, Images: "exact", IgnoreOutputTypes: []string{"stream", "text/html"}}, ""},
		"a strategy":              {config{Strategy: "fuzzy"}, `strategy "fuzzy" is not known: write exact, normalized or tolerance`},
		"images":                  {config{Images: "similar"}, `images "similar" is not known: write presence, exact or ignore`},
		"no number":               {config{FloatingPointTolerance: "small"}, `floatingPointTolerance "small" is not a number: write for example "0.0001"`},
		"not a number":            {config{AbsoluteTolerance: "nan"}, `absoluteTolerance "nan" is not a number`},
		"hexadecimal":             {config{AbsoluteTolerance: "0x1p-2"}, `is not a number`},
		"negative":                {config{RelativeTolerance: "-1e-6"}, `relativeTolerance "-1e-6" is negative: write 0`},
		"more than everything":    {config{RelativeTolerance: "1.5"}, `is more than 1, which would forgive every difference`},
		"infinite":                {config{AbsoluteTolerance: "inf"}, `absoluteTolerance "inf" would forgive every difference`},
		"a bad mask":              {config{Masks: []string{"a", "(b"}}, `masks[1] "(b" is not a regular expression`},
		"a look-ahead":            {config{CustomTimestampPatterns: []string{"(?=x)"}}, `customTimestampPatterns[0] "(?=x)" is not a regular expression that can be used (RE2`},
		"a bad pattern of no use": {config{Strategy: "exact", CustomTimestampPatterns: []string{"("}}, `customTimestampPatterns[0]`},
		"too many masks":          {config{Masks: slices.Repeat([]string{"a"}, 33)}, "masks has 33 patterns: at most 32"},
		"an output type":          {config{IgnoreOutputTypes: []string{"png"}}, `ignoreOutputTypes has "png": write one of stream, display_data, execute_result, error, or a MIME type such as text/html`},
		"too many output types":   {config{IgnoreOutputTypes: slices.Repeat([]string{"stream"}, 33)}, "ignoreOutputTypes has 33 entries"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := Validate(test.config)
			if test.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.want)
		})
	}
}

func TestNumbersAreTheSame(t *testing.T) {
	type config = v1alpha1.ComparisonConfig
	cases := map[string]struct {
		config config
		a, b   string
		want   bool
	}{
		"by the relative tolerance":                 {config{}, "1.0000001", "1.0000002", true},
		"beyond it":                                 {config{}, "0.123", "0.124", false},
		"by the absolute tolerance":                 {config{}, "6.1e-17", "-1.2e-16", true},
		"integers exactly":                          {config{}, "10000000", "10000001", false},
		"integers beyond float64":                   {config{}, "90071992547409930", "90071992547409931", false},
		"integers with and without commas":          {config{}, "1,000", "1000", true},
		"a plus sign":                               {config{}, "+5", "5", true},
		"an integer and a float":                    {config{}, "1", "1.0", true},
		"NaN is NaN":                                {config{}, "nan", "NaN", true},
		"NaN is nothing else":                       {config{}, "nan", "0.5", false},
		"infinity":                                  {config{}, "inf", "Infinity", true},
		"infinity has a sign":                       {config{}, "inf", "-inf", false},
		"infinity is no large number":               {config{}, "inf", "1e308", false},
		"minus zero":                                {config{}, "-0.0", "0.0", true},
		"one unit of five digits":                   {config{}, "0.12345", "0.12346", true},
		"two units of five digits":                  {config{}, "0.12345", "0.12347", false},
		"one unit of four digits":                   {config{}, "0.1234", "0.1235", false},
		"one unit, fewer digits on one side":        {config{}, "0.123456", "0.1235", false},
		"one unit with exponents":                   {config{}, "1.2345e-05", "1.2346e-05", true},
		"leading zeros are not significant":         {config{}, "0.00012", "0.00013", false},
		"not 0.9 for 1.0":                           {config{}, "0.9", "1.0", false},
		"a dot without places was not rounded":      {config{}, "12345.", "12346.", false},
		"beyond the range":                          {config{}, "1e999", "1e998", false},
		"beyond the range, the same":                {config{}, "1e999", "1e999", true},
		"a wide relative tolerance":                 {config{RelativeTolerance: "0.01"}, "1.00", "1.01", true},
		"a wide absolute tolerance":                 {config{AbsoluteTolerance: "0.5"}, "1.0", "1.4", true},
		"both at once":                              {config{FloatingPointTolerance: "0.1"}, "0.0", "0.09", true},
		"the nearer word wins":                      {config{FloatingPointTolerance: "0.1", AbsoluteTolerance: "0", RelativeTolerance: "0"}, "0.0", "0.09", false},
		"integers in spite of a wide tolerance":     {config{FloatingPointTolerance: "1"}, "1", "2", false},
		"normalized forgives no number":             {config{Strategy: "normalized"}, "0.1000000001", "0.1", false},
		"normalized forgives with a tolerance":      {config{Strategy: "normalized", FloatingPointTolerance: "1e-6"}, "0.1000000001", "0.1", true},
		"normalized does not look at the other two": {config{Strategy: "normalized", RelativeTolerance: "0.5"}, "0.1000000001", "0.1", false},
		"exact forgives no number":                  {config{Strategy: "exact", FloatingPointTolerance: "0.5"}, "0.1000000001", "0.1", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			r := mustRules(t, test.config)
			assert.Equal(t, test.want, r.sameNumber(test.a, test.b))
			assert.Equal(t, test.want, r.sameNumber(test.b, test.a))
		})
	}
}
