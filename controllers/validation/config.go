package validation

import (
	"encoding/json"
	"fmt"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/demands"
	"mlops.dev/notebook-validator-operator/internal/golden"
)

const (
	maxParametersBytes = 32 << 10
	// maxDemandsBytes keeps what a container is told below the 128 KiB that one argument of a program may have.
	maxDemandsBytes = 96 << 10
)

// configProblem says what of the spec no run can be made from although the API server took it; empty for nothing.
func configProblem(spec v1alpha1.NotebookValidationJobSpec) string {
	parameters, err := json.Marshal(spec.Parameters)
	switch {
	case err != nil:
		return fmt.Sprintf("parameters cannot be written down: %v. Correct them.", err)
	case len(parameters) > maxParametersBytes:
		return fmt.Sprintf("parameters have %d bytes as JSON, at most %d are allowed. Put large values into a file that the notebook reads.",
			len(parameters), maxParametersBytes)
	}
	if spec.ComparisonConfig != nil {
		if err := golden.Validate(*spec.ComparisonConfig); err != nil {
			return fmt.Sprintf("comparisonConfig cannot be used: %v.", err)
		}
	}
	told, err := demands.Of(spec, nil).Encode()
	switch {
	case err != nil:
		return fmt.Sprintf("%v. Correct validationConfig.", err)
	case len(told) > maxDemandsBytes:
		return fmt.Sprintf("validationConfig and comparisonConfig have %d bytes as JSON, at most %d are allowed. Shorten expectedOutputs or masks.",
			len(told), maxDemandsBytes)
	}
	return ""
}
