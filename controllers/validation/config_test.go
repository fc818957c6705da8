package validation

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

func TestAConfigThatCannotBeUsedIsToldBeforeTheRun(t *testing.T) {
	long := apiextensionsv1.JSON{Raw: []byte(`"` + strings.Repeat("x", maxParametersBytes) + `"`)}
	var outputs []v1alpha1.ExpectedOutput
	for i := range 100 {
		outputs = append(outputs, v1alpha1.ExpectedOutput{Tag: strings.Repeat("\x01", 100), Type: strings.Repeat("\x01", 150), Name: fmt.Sprint("n", i)})
	}
	for name, test := range map[string]struct {
		change func(*v1alpha1.NotebookValidationJobSpec)
		says   string // empty where the run is made
	}{
		"nothing out of the way": {func(s *v1alpha1.NotebookValidationJobSpec) {
			s.Parameters = map[string]apiextensionsv1.JSON{"n": {Raw: []byte("1")}}
			s.ComparisonConfig = &v1alpha1.ComparisonConfig{Masks: []string{"a+"}}
		}, ""},
		"a mask that is no pattern": {func(s *v1alpha1.NotebookValidationJobSpec) {
			s.ComparisonConfig = &v1alpha1.ComparisonConfig{Masks: []string{"(a"}}
		}, "comparisonConfig cannot be used"},
		"parameters that are too large": {func(s *v1alpha1.NotebookValidationJobSpec) {
			s.Parameters = map[string]apiextensionsv1.JSON{"n": long}
		}, "Put large values into a file"},
		"parameters that are no JSON": {func(s *v1alpha1.NotebookValidationJobSpec) {
			s.Parameters = map[string]apiextensionsv1.JSON{"n": {Raw: []byte("{")}}
		}, "parameters cannot be written down"},
		"expectations that are too large": {func(s *v1alpha1.NotebookValidationJobSpec) {
			s.ValidationConfig = &v1alpha1.ValidationConfig{ExpectedOutputs: outputs}
		}, "Shorten expectedOutputs or masks"},
	} {
		t.Run(name, func(t *testing.T) {
			job := image().Spec(test.change).Obj()
			p := planAt(0, job, seen{})
			if test.says == "" {
				assert.NotNil(t, p.createRun)
				return
			}
			assert.Nil(t, p.createRun, "nothing is run")
			require.Len(t, p.status.Conditions, 1)
			assert.Equal(t, metav1.ConditionFalse, p.status.Conditions[0].Status)
			assert.Equal(t, v1alpha1.ReasonValidationConfigInvalid, p.status.Conditions[0].Reason)
			assert.Contains(t, p.status.Conditions[0].Message, test.says)
		})
	}
}
