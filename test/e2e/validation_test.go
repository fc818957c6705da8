package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
)

func level(chosen v1alpha1.ValidationLevel, more ...func(*v1alpha1.ValidationConfig)) change {
	return func(spec *v1alpha1.NotebookValidationJobSpec) {
		spec.ValidationConfig = &v1alpha1.ValidationConfig{Level: chosen}
		for _, set := range more {
			set(spec.ValidationConfig)
		}
	}
}

func golden(path string, config v1alpha1.ComparisonConfig) change {
	return func(spec *v1alpha1.NotebookValidationJobSpec) {
		spec.GoldenNotebook = &v1alpha1.GoldenNotebook{Path: path}
		spec.ComparisonConfig = &config
	}
}

func parameters(values map[string]string) change {
	return func(spec *v1alpha1.NotebookValidationJobSpec) {
		spec.Parameters = map[string]apiextensionsv1.JSON{}
		for name, value := range values {
			spec.Parameters[name] = apiextensionsv1.JSON{Raw: []byte(value)}
		}
	}
}

func expect(outputs ...v1alpha1.ExpectedOutput) func(*v1alpha1.ValidationConfig) {
	return func(c *v1alpha1.ValidationConfig) { c.ExpectedOutputs = outputs }
}

// truths are what other tools of this kind get wrong, and how each part of the validation ends.
func truths() map[string]ending {
	failed, succeeded := v1alpha1.PhaseFailed, v1alpha1.PhaseSucceeded
	learning, development, staging, production := v1alpha1.LevelLearning, v1alpha1.LevelDevelopment, v1alpha1.LevelStaging, v1alpha1.LevelProduction
	between := func(low, high float64) []v1alpha1.Number {
		return []v1alpha1.Number{v1alpha1.NumberOf(low), v1alpha1.NumberOf(high)}
	}
	tolerant := v1alpha1.ComparisonConfig{}
	return map[string]ending{
		"failure swallowed":                   {notebook: "swallowed", phase: failed, reason: v1alpha1.ReasonSilentFailure, message: "prices", failed: 2},
		"failure swallowed, of a learner":     {notebook: "swallowed", change: level(learning), phase: succeeded, reason: v1alpha1.ReasonPassed, message: "warning", failed: none},
		"failure swallowed, nobody asks":      {notebook: "swallowed", change: level(development, func(c *v1alpha1.ValidationConfig) { c.DetectSilentFailures = ptr.To(false) }), phase: succeeded, reason: v1alpha1.ReasonPassed, failed: none},
		"command that fails":                  {notebook: "failed-shell", phase: succeeded, reason: v1alpha1.ReasonPassed, message: "warning", failed: none},
		"command that fails, strictly":        {notebook: "failed-shell", change: level(development, func(c *v1alpha1.ValidationConfig) { c.StrictMode = true }), phase: failed, reason: v1alpha1.ReasonSilentFailure, failed: 1},
		"command that fails, in staging":      {notebook: "failed-shell", change: level(staging), phase: failed, reason: v1alpha1.ReasonSilentFailure, message: "2", failed: 1},
		"exit() in the middle, in staging":    {notebook: "exits-by-hand", change: level(staging), phase: failed, reason: v1alpha1.ReasonLintFailed, message: "exit", failed: 2},
		"sys.exit in the middle, in staging":  {notebook: "sys-exits-in-the-middle", change: level(staging), phase: failed, reason: v1alpha1.ReasonSilentFailure, message: "never ran", failed: 1},
		"expected exception that never comes": {notebook: "does-not-raise", change: level(staging), phase: failed, reason: v1alpha1.ReasonSilentFailure, message: "raised", failed: 1},
		"time of the whole notebook":          {notebook: "slow-cells", change: timeout(40 * time.Second), phase: failed, reason: v1alpha1.ReasonTimeout, message: "spec.timeout", failed: none, unsteady: true},
		"time of one cell":                    {notebook: "slow-cells", change: cellTimeout(5 * time.Second), phase: failed, reason: v1alpha1.ReasonTimeout, message: "cellTimeout", failed: 1},
		"crash in a library":                  {notebook: "segfault", phase: failed, reason: v1alpha1.ReasonKernelDied, message: "SIGSEGV", failed: 2},
		"full disk":                           {notebook: "disk-full", phase: failed, reason: v1alpha1.ReasonCellFailed, message: "No space left", failed: 1, unsteady: true},
		"missing module":                      {notebook: "missing-module", phase: failed, reason: v1alpha1.ReasonCellFailed, message: "no_such_package_anywhere", failed: 1},
		"service that is not there":           {notebook: "network-refused", phase: failed, reason: v1alpha1.ReasonCellFailed, message: "ConnectionRefusedError", failed: 1},
		"parameters":                          {notebook: "parameters", change: parameters(map[string]string{"count": "4", "weights": "[0.5, 1]"}), phase: succeeded, reason: v1alpha1.ReasonPassed, failed: none},
		"parameter nobody knows":              {notebook: "parameters", change: parameters(map[string]string{"colour": `"red"`}), phase: failed, reason: v1alpha1.ReasonParametersInvalid, message: "colour", failed: none},
		"golden notebook":                     {notebook: "squares", change: golden("golden/squares.ipynb", tolerant), phase: succeeded, reason: v1alpha1.ReasonPassed, failed: none},
		"golden notebook, but for noise":      {notebook: "squares", change: golden("golden/squares-noise.ipynb", tolerant), phase: succeeded, reason: v1alpha1.ReasonPassed, failed: none},
		"golden notebook, noise counts": {notebook: "squares", change: golden("golden/squares-noise.ipynb", v1alpha1.ComparisonConfig{Strategy: v1alpha1.StrategyNormalized}),
			phase: failed, reason: v1alpha1.ReasonGoldenMismatch, failed: 2},
		"golden notebook of other numbers":  {notebook: "squares", change: golden("golden/squares-wrong.ipynb", tolerant), phase: failed, reason: v1alpha1.ReasonGoldenMismatch, failed: 2},
		"golden notebook that never ran":    {notebook: "squares", change: golden("golden/squares-never-run.ipynb", tolerant), phase: failed, reason: v1alpha1.ReasonGoldenMismatch, message: "never executed", failed: none},
		"golden notebook that is not there": {notebook: "squares", change: golden("golden/none.ipynb", tolerant), phase: failed, reason: v1alpha1.ReasonGoldenMismatch, message: "golden/none.ipynb", failed: none, unsteady: true},
		"outputs as expected":               {notebook: "squares", change: level(development, expect(v1alpha1.ExpectedOutput{CellID: "code-2", Type: "float", Range: between(5, 7)}, v1alpha1.ExpectedOutput{Cell: ptr.To[int32](1), Name: "squares", Type: "list", NotEmpty: true})), phase: succeeded, reason: v1alpha1.ReasonPassed, failed: none},
		"output out of range":               {notebook: "squares", change: level(learning, expect(v1alpha1.ExpectedOutput{CellID: "code-2", Range: between(7, 8)})), phase: failed, reason: v1alpha1.ReasonOutputMismatch, failed: 2},
		"explicit exit":                     {notebook: "explicit-exit", change: level(production, func(c *v1alpha1.ValidationConfig) { c.RequireExplicitExitCodes, c.VerifyAssertions = true, true }), phase: succeeded, reason: v1alpha1.ReasonPassed, failed: none},
		"explicit exit that is missing":     {notebook: "squares", change: level(development, func(c *v1alpha1.ValidationConfig) { c.RequireExplicitExitCodes = true }), phase: failed, reason: v1alpha1.ReasonPolicyViolated, failed: 2},
	}
}

func cellTimeout(d time.Duration) change {
	return func(spec *v1alpha1.NotebookValidationJobSpec) { spec.CellTimeout = &metav1.Duration{Duration: d} }
}

func TestAPassMeansThatItWorks(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Restricted, "validation")
	for name, tc := range truths() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var changes []change
			if tc.change != nil {
				changes = append(changes, tc.change)
			}
			job := s.validate(t, s.job("truth-"+suffix(t), tc.notebook+".ipynb", changes...))
			requireEnd(t, job, tc.phase, tc.reason)
			assert.Contains(t, job.Status.Message, tc.message)
			assert.Len(t, s.Pods(job.Name, kit.ComponentRun), 1, "what failed once has failed")
			if tc.failed != none {
				require.NotNil(t, job.Status.Validation.FailedCell)
				assert.Equal(t, tc.failed, *job.Status.Validation.FailedCell)
				assert.Equal(t, v1alpha1.CellFailure, cell(t, job, tc.failed).Status)
			}
			if !tc.unsteady {
				requireSameOnOneMachine(t, s, job)
			}
		})
	}
}
