package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/scorecard/checks"
)

const soundBundle = "checks/testdata/bundle"

// result runs the command; what it printed must be one TestStatus and nothing else.
func result(t *testing.T, args ...string) v1alpha3.TestResult {
	t.Helper()
	var out bytes.Buffer
	command := newCommand(&out)
	command.SetArgs(args)
	require.NoError(t, command.ExecuteContext(t.Context()))
	var status v1alpha3.TestStatus
	require.NoError(t, json.Unmarshal(out.Bytes(), &status), out.String())
	require.Len(t, status.Results, 1)
	return status.Results[0]
}

func TestTheCommandPrintsTheResultOfOneTest(t *testing.T) {
	tests := map[string]struct {
		args  []string
		state v1alpha3.State
	}{
		"a test that passes":         {[]string{checks.NameConditions, "--bundle", soundBundle}, v1alpha3.PassState},
		"a test that there is not":   {[]string{"spelling", "--bundle", soundBundle}, v1alpha3.FailState},
		"a bundle that is not there": {[]string{checks.NameConditions, "--bundle", "nowhere"}, v1alpha3.ErrorState},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			is := result(t, test.args...)
			assert.Equal(t, test.args[0], is.Name)
			assert.Equal(t, test.state, is.State)
		})
	}
}

func TestATestThatNeedsAClusterSaysThatThereIsNone(t *testing.T) {
	t.Setenv("KUBECONFIG", "/nowhere/kubeconfig")
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	is := result(t, checks.NameExamplesSchema, "--bundle", soundBundle)
	assert.Equal(t, v1alpha3.ErrorState, is.State)
	require.Len(t, is.Errors, 1)
	assert.Contains(t, is.Errors[0], "connect to the cluster")
}

func TestACommandLineThatIsNotOne(t *testing.T) {
	for name, args := range map[string][]string{
		"no test": {}, "two tests": {"conditions", "reasons"}, "an unknown flag": {"conditions", "--loud"}, "a time that is none": {"conditions", "--timeout", "soon"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			command := newCommand(&out)
			command.SetArgs(args)
			require.Error(t, command.ExecuteContext(t.Context()))
			assert.Empty(t, out.String())
		})
	}
}

func TestTimeoutFrom(t *testing.T) {
	timeout, err := timeoutFrom("")
	require.NoError(t, err)
	assert.Equal(t, defaultTimeout, timeout)
	timeout, err = timeoutFrom("90s")
	require.NoError(t, err)
	assert.Equal(t, 90*time.Second, timeout)
	_, err = timeoutFrom("soon")
	require.ErrorContains(t, err, timeoutVariable)
}
