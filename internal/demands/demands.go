// Package demands holds what a user demands of a run beyond that it raises nothing. It travels as JSON from the controller
// to the report container, and straight to the judgement on one machine.
package demands

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// Demands are what to hold a run against.
type Demands struct {
	// Validation says what counts as a pass; its zero value is level development with the defaults of the API.
	Validation v1alpha1.ValidationConfig `json:"validation"`
	// Comparison says how outputs are compared where a golden notebook is demanded.
	Comparison v1alpha1.ComparisonConfig `json:"comparison"`
	// Golden is the path of the golden notebook, empty for none.
	Golden string `json:"golden,omitempty"`
	// Unpinned are requirement lines of the environment that name no exact version.
	Unpinned []string `json:"unpinned,omitempty"`
}

// Of is what a job demands. unpinned are the requirements of its image that name no exact version.
func Of(spec v1alpha1.NotebookValidationJobSpec, unpinned []string) Demands {
	demands := Demands{Unpinned: unpinned}
	if spec.ValidationConfig != nil {
		demands.Validation = *spec.ValidationConfig
	}
	if spec.ComparisonConfig != nil {
		demands.Comparison = *spec.ComparisonConfig
	}
	if spec.GoldenNotebook != nil {
		demands.Golden = spec.GoldenNotebook.Path
	}
	return demands
}

// Encode is the JSON form.
func (d Demands) Encode() (string, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("encode what is demanded of the run: %w", err)
	}
	return string(data), nil
}

// Parse reads the JSON form and nothing else: a demand that is not understood must not go unheard.
func Parse(text string) (Demands, error) {
	var demands Demands
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&demands); err != nil {
		return Demands{}, fmt.Errorf("what is demanded of the run cannot be read: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Demands{}, errors.New("what is demanded of the run cannot be read: text follows it")
	}
	return demands, nil
}

// Watched are the names that expected outputs speak of.
func (d Demands) Watched() []string {
	var names []string
	seen := map[string]bool{"": true}
	for _, expected := range d.Validation.ExpectedOutputs {
		if !seen[expected.Name] {
			names = append(names, expected.Name)
		}
		seen[expected.Name] = true
	}
	return names
}

// NeedValues says whether anything is judged that only the observer sees.
func (d Demands) NeedValues() bool {
	silent, outputs := d.Validation.DetectSilentFailures, d.Validation.CheckOutputTypes
	return silent == nil || *silent || (outputs == nil || *outputs) && len(d.Validation.ExpectedOutputs) > 0
}

// Level is how strict the validation is.
func (d Demands) Level() v1alpha1.ValidationLevel {
	return cmp.Or(d.Validation.Level, v1alpha1.LevelDevelopment)
}
