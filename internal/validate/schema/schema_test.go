package schema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	utiljson "k8s.io/apimachinery/pkg/util/json"

	"mlops.dev/notebook-validator-operator/internal/validate/schema"
)

func TestSettingsKeepTheRulesOfTheAPI(t *testing.T) {
	t.Parallel()
	type want struct{ path, message string }
	cases := map[string]struct {
		settings string
		want     []want
	}{
		"nothing": {"{}", nil},
		"everything": {`
timeout: 1h30m
cellTimeout: 90s
parameters: {n: 3, list: [1, {a: null}]}
unknownParameters: warn
goldenNotebook: {path: golden/a.ipynb}
validationConfig:
  level: staging
  strictMode: true
  expectedOutputs: [{cell: 0, type: float, range: [0.5, 1]}, {tag: x, shape: [-1, 4]}]
comparisonConfig: {strategy: exact, masks: ["a+"]}`, nil},
		"a misspelt field": {"validationConfig: {levle: staging}",
			[]want{{"validationConfig.levle", "unknown field; did you mean level?"}}},
		"a field nobody knows": {"goldenNotebook: {path: a.ipynb, branch: main}",
			[]want{{"goldenNotebook.branch", "unknown field; there are path"}}},
		"a field of the cluster alone": {"podConfig: {}",
			[]want{{"podConfig", "unknown field; there are cellTimeout, comparisonConfig, goldenNotebook, parameters, timeout, unknownParameters, validationConfig"}}},
		"a golden notebook of another repository": {"goldenNotebook: {path: a.ipynb, git: {url: x}}",
			[]want{{"goldenNotebook.git", "a golden notebook is taken from this folder; only a job in a cluster fetches one from another repository"}}},
		"a misspelt field in a list": {"validationConfig: {expectedOutputs: [{cell: 1, typ: int}]}",
			[]want{{"validationConfig.expectedOutputs[0].typ", "unknown field; did you mean type?"}}},
		"an unknown level": {"validationConfig: {level: harsh}",
			[]want{{"validationConfig.level", `unsupported value: "harsh": supported values: "learning", "development", "staging", "production"`}}},
		"a wrong type": {"validationConfig: {strictMode: 1}",
			[]want{{"validationConfig.strictMode", `invalid value: "integer": it must be of type boolean: "integer"`}}},
		"an empty section": {"validationConfig:",
			[]want{{"validationConfig", `invalid value: "null": it must be of type object: "null"`}}},
		"a pattern": {"timeout: 1 hour",
			[]want{{"timeout", `invalid value: "1 hour": it should match '^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$'`}}},
		"a bound": {"validationConfig: {expectedOutputs: [{cell: -1, type: int}]}",
			[]want{{"validationConfig.expectedOutputs[0].cell", "invalid value: -1: it should be greater than or equal to 0"}}},
		"too few": {"validationConfig: {expectedOutputs: [{cell: 1, range: [1]}]}",
			[]want{{"validationConfig.expectedOutputs[0].range", "invalid value: 1: it should have at least 2 items"}}},
		"a rule of CEL": {"timeout: 0s",
			[]want{{"timeout", "timeout must be more than zero and at most 168h, for example 30m"}}},
		"two rules of CEL": {"validationConfig: {expectedOutputs: [{cell: 1, tag: x}]}", []want{
			{"validationConfig.expectedOutputs[0]", "name the cell by exactly one of cell, cellID and tag"},
			{"validationConfig.expectedOutputs[0]", "say what is expected: type, shape, range or notEmpty"}}},
		"a name of a parameter": {`parameters: {"a b": 1}`,
			[]want{{"parameters.a b", "names of parameters must be names of Python variables"}}},
		"a path that leads out": {"goldenNotebook: {path: ../a.ipynb}",
			[]want{{"goldenNotebook.path", "golden notebook path must stay inside the repository: relative to its root, without '..' or control characters"}}},
		"a missing field": {"goldenNotebook: {}", []want{{"goldenNotebook.path", "required value"}}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := yaml.YAMLToJSON([]byte(test.settings))
			require.NoError(t, err)
			var settings map[string]any
			require.NoError(t, utiljson.Unmarshal(data, &settings))
			violations, err := schema.Check(settings)
			require.NoError(t, err)
			var got []want
			for _, violation := range violations {
				got = append(got, want{violation.Path, violation.Message})
			}
			assert.Equal(t, test.want, got)
		})
	}
}
