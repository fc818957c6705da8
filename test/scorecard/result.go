package scorecard

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
)

// parse reads the log of a test, which must be a TestStatus in JSON and nothing else.
func parse(log []byte) v1alpha3.TestStatus {
	var status v1alpha3.TestStatus
	if err := json.Unmarshal(log, &status); err != nil {
		return failed(fmt.Errorf("the log is not a result: %w", err), string(log))
	}
	if len(status.Results) == 0 {
		return failed(errors.New("the test printed no result"), string(log))
	}
	return status
}

// failed is the status of a test that gave no result.
func failed(err error, log string) v1alpha3.TestStatus {
	return v1alpha3.TestStatus{Results: []v1alpha3.TestResult{{State: v1alpha3.FailState, Errors: []string{err.Error()}, Log: log}}}
}

// Passed says whether all tests passed, and that there were any.
func Passed(tests v1alpha3.TestList) bool {
	for _, test := range tests.Items {
		if State(test) != v1alpha3.PassState {
			return false
		}
	}
	return len(tests.Items) > 0
}

// State is the state of a test: that of its first result that did not pass.
func State(test v1alpha3.Test) v1alpha3.State {
	for _, result := range test.Status.Results {
		if result.State != v1alpha3.PassState {
			return result.State
		}
	}
	if len(test.Status.Results) == 0 {
		return v1alpha3.ErrorState
	}
	return v1alpha3.PassState
}

// Text renders the tests as `operator-sdk scorecard --output text` does.
func Text(tests v1alpha3.TestList) string {
	if len(tests.Items) == 0 {
		return "0 tests selected\n"
	}
	var text strings.Builder
	for _, test := range tests.Items {
		text.WriteString(test.MarshalText() + "\n")
	}
	return text.String()
}
