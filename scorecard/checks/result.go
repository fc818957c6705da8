package checks

import "github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"

// verdict passes where there is no problem.
func verdict(name string, problems []string, suggestions ...string) v1alpha3.TestResult {
	if len(problems) == 0 {
		return v1alpha3.TestResult{Name: name, State: v1alpha3.PassState}
	}
	return v1alpha3.TestResult{Name: name, State: v1alpha3.FailState, Errors: problems, Suggestions: suggestions}
}

// broken says that a check could not be made.
func broken(name string, err error) v1alpha3.TestResult {
	return v1alpha3.TestResult{Name: name, State: v1alpha3.ErrorState, Errors: []string{err.Error()}}
}
