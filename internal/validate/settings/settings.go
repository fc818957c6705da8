// Package settings reads what is demanded of notebooks: .notebook-validator.yaml, found upward from the notebook, and the
// flags of the command line, which win. The keys are those of a NotebookValidationJob's spec, and so are the rules.
package settings

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/demands"
)

// defaultTimeout is that of the API.
const defaultTimeout = 30 * time.Minute

// Settings are what is demanded of one notebook, and how it is run.
type Settings struct {
	// File they come from, empty for none.
	File string
	// Golden is the absolute path of the golden notebook, empty for none.
	Golden string
	// Timeout is for the whole notebook, CellTimeout for each cell; 0 is none.
	Timeout, CellTimeout time.Duration
	spec                 document
}

// document is the part of a job's spec that means something without a cluster.
type document struct {
	ValidationConfig  *v1alpha1.ValidationConfig      `json:"validationConfig,omitempty"`
	ComparisonConfig  *v1alpha1.ComparisonConfig      `json:"comparisonConfig,omitempty"`
	GoldenNotebook    *v1alpha1.GoldenNotebook        `json:"goldenNotebook,omitempty"`
	Parameters        map[string]apiextensionsv1.JSON `json:"parameters,omitempty"`
	UnknownParameters v1alpha1.UnknownParameters      `json:"unknownParameters,omitempty"`
	Timeout           *metav1.Duration                `json:"timeout,omitempty"`
	CellTimeout       *metav1.Duration                `json:"cellTimeout,omitempty"`
}

// Demands are what to hold a run against, just as a job's are made.
func (s *Settings) Demands() demands.Demands {
	wanted := demands.Of(v1alpha1.NotebookValidationJobSpec{
		ValidationConfig: s.spec.ValidationConfig,
		ComparisonConfig: s.spec.ComparisonConfig,
	}, nil)
	wanted.Golden = s.Golden
	return wanted
}

// Parameters of the notebook.
func (s *Settings) Parameters() map[string]apiextensionsv1.JSON { return s.spec.Parameters }

// WarnOfUnknownParameters tells whether a parameter that the notebook does not know fails nothing.
func (s *Settings) WarnOfUnknownParameters() bool {
	return s.spec.UnknownParameters == v1alpha1.UnknownParametersWarn
}

// WithGolden are the same settings with another golden notebook, an absolute path.
func (s *Settings) WithGolden(path string) *Settings {
	changed := *s
	changed.Golden = path
	return &changed
}

// tree is a document as JSON has it, not read into types yet: what is not there can be told from what is zero.
type tree = map[string]any

// decode makes settings of a tree that keeps the rules.
func decode(file string, content tree) (*Settings, error) {
	data, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("encode the settings: %w", err)
	}
	found := &Settings{File: file, Timeout: defaultTimeout}
	if err := json.Unmarshal(data, &found.spec); err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	if timeout := found.spec.Timeout; timeout != nil {
		found.Timeout = timeout.Duration
	}
	if timeout := found.spec.CellTimeout; timeout != nil {
		found.CellTimeout = timeout.Duration
	}
	if golden := found.spec.GoldenNotebook; golden != nil {
		found.Golden = filepath.Join(filepath.Dir(file), filepath.FromSlash(golden.Path))
	}
	return found, nil
}

// overlay puts one tree over another: objects are merged, everything else is replaced.
func overlay(under, over tree) tree {
	merged := maps.Clone(under)
	if merged == nil {
		merged = tree{}
	}
	for key, value := range over {
		above, isObject := value.(tree)
		below, wasObject := merged[key].(tree)
		if isObject && wasObject {
			value = overlay(below, above)
		}
		merged[key] = value
	}
	return merged
}
