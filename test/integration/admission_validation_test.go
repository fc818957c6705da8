package integration

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

func TestAdmissionOfValidation(t *testing.T) {
	t.Parallel()
	const (
		sayOneCell = "name the cell by exactly one of cell, cellID and tag"
		sayWhat    = "say what is expected: type, shape, range or notEmpty"
		sayLonger  = "cellTimeout must be more than zero and at most 168h, for example 90s"
		sayGolden  = "golden notebook path must stay inside the repository"
		sayVolume  = "path must stay inside the volume"
	)
	type object = map[string]any
	expected := func(entry object) object { return object{"expectedOutputs": []any{entry}} }
	for name, c := range map[string]struct {
		field string
		value any
		says  string // empty where it is admitted
	}{
		"every switch": {field: "validationConfig", value: object{"level": "production", "strictMode": true, "requireExplicitExitCodes": true,
			"failOnStderr": true, "failOnWarnings": true, "checkOutputTypes": false, "detectSilentFailures": false, "verifyAssertions": true, "educationalMode": false}},
		"a level nobody knows":     {field: "validationConfig", value: object{"level": "strict"}, says: `Unsupported value: "strict"`},
		"outputs of existing jobs": {field: "validationConfig", value: expected(object{"cell": int64(3), "type": "pandas.DataFrame", "shape": []any{int64(-1), int64(4)}, "notEmpty": true})},
		"a range of numbers":       {field: "validationConfig", value: expected(object{"tag": "accuracy", "name": "acc", "range": []any{0.5, int64(1)}})},
		"an output of no cell":     {field: "validationConfig", value: expected(object{"type": "float"}), says: sayOneCell},
		"an output of two cells":   {field: "validationConfig", value: expected(object{"cell": int64(1), "tag": "a", "type": "float"}), says: sayOneCell},
		"an output of cell 0":      {field: "validationConfig", value: expected(object{"cell": int64(0), "type": "float"})},
		"nothing expected":         {field: "validationConfig", value: expected(object{"cellID": "a"}), says: sayWhat},
		"half a range":             {field: "validationConfig", value: expected(object{"cellID": "a", "range": []any{int64(1)}}), says: "should have at least 2 items"},
		"a range of texts":         {field: "validationConfig", value: expected(object{"cellID": "a", "range": []any{"1", "2"}}), says: "must be of type number"},
		"a shape below -1":         {field: "validationConfig", value: expected(object{"cellID": "a", "shape": []any{int64(-2)}}), says: "greater than or equal to -1"},
		"a name that is code":      {field: "validationConfig", value: expected(object{"cellID": "a", "name": "a.b()", "type": "float"}), says: "should match"},
		"too many outputs":         {field: "validationConfig", value: object{"expectedOutputs": repeated(object{"cellID": "a", "type": "int"}, 101)}, says: "must have at most 100 items"},
		"comparison of existing jobs": {field: "comparisonConfig", value: object{"strategy": "normalized", "floatingPointTolerance": "0.0001", "ignoreTimestamps": true,
			"ignoreExecutionCount": true, "customTimestampPatterns": []any{`\d+ ago`}, "ignoreOutputTypes": []any{"display_data"}}},
		"every other comparison":      {field: "comparisonConfig", value: object{"strategy": "tolerance", "relativeTolerance": "1e-3", "absoluteTolerance": "0", "masks": []any{"x+"}, "images": "exact", "compareStderr": true, "markedOnly": true}},
		"a strategy nobody knows":     {field: "comparisonConfig", value: object{"strategy": "fuzzy"}, says: "Unsupported value"},
		"a tolerance that is none":    {field: "comparisonConfig", value: object{"floatingPointTolerance": "a little"}, says: "should match"},
		"a golden notebook":           {field: "goldenNotebook", value: object{"path": "golden/a.ipynb"}},
		"one of another repository":   {field: "goldenNotebook", value: object{"path": "a.ipynb", "git": object{"url": "https://git.example.com/golden.git", "credentialsSecret": "golden"}}},
		"one of nowhere":              {field: "goldenNotebook", value: object{"path": "../a.ipynb"}, says: sayGolden},
		"one that is no notebook":     {field: "goldenNotebook", value: object{"path": "a.html"}, says: "golden notebook path must end in .ipynb"},
		"parameters of all types":     {field: "parameters", value: object{"a": int64(1), "b": 0.5, "c": "x", "d": true, "e": nil, "f": []any{int64(1), "x"}, "g": object{"h": int64(1)}}},
		"unknown parameters":          {field: "unknownParameters", value: "warn"},
		"unknown parameters, ignored": {field: "unknownParameters", value: "ignore", says: "Unsupported value"},
		"time for a cell":             {field: "cellTimeout", value: "90s"},
		"no time for a cell":          {field: "cellTimeout", value: "0s", says: sayLonger},
		"a volume for artifacts":      {field: "artifacts", value: object{"persistentVolumeClaim": object{"claimName": "results", "path": "nightly/a"}}},
		"a way out of that volume":    {field: "artifacts", value: object{"persistentVolumeClaim": object{"claimName": "results", "path": "a/../../b"}}, says: sayVolume},
		"artifacts in no volume":      {field: "artifacts", value: object{"persistentVolumeClaim": object{}}, says: "Required value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := fromManifest(t, jobManifest, newNamespace(t))
			set(t, made, "spec."+c.field, c.value)
			err := create(t, made)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.True(t, apierrors.IsInvalid(err), "%v", err)
			assert.ErrorContains(t, err, c.says)
		})
	}
}

func TestDefaultsOfValidation(t *testing.T) {
	t.Parallel()
	made := fromManifest(t, jobManifest, newNamespace(t))
	set(t, made, "spec.validationConfig", map[string]any{})
	set(t, made, "spec.comparisonConfig", map[string]any{})
	require.NoError(t, create(t, made))
	spec := made.Object["spec"].(map[string]any)
	assert.Equal(t, map[string]any{"level": "development", "checkOutputTypes": true, "detectSilentFailures": true, "educationalMode": true}, spec["validationConfig"])
	assert.Equal(t, map[string]any{"strategy": "tolerance", "ignoreTimestamps": true, "ignoreExecutionCount": true, "images": "presence"}, spec["comparisonConfig"])
	assert.Equal(t, string(v1alpha1.UnknownParametersFail), spec["unknownParameters"])
}
