package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
)

type ending struct {
	notebook string
	change   change
	phase    v1alpha1.Phase
	reason   string
	// message is part of what the user is told.
	message string
	// failed is the cell that failed, -1 for none.
	failed int32
	// unsteady is set where what is told depends on the machine or on where the notebook comes from.
	unsteady bool
}

const none = -1

func endings() map[string]ending {
	failed, succeeded := v1alpha1.PhaseFailed, v1alpha1.PhaseSucceeded
	return map[string]ending{
		"nothing goes wrong":                   {notebook: "passes", phase: succeeded, reason: v1alpha1.ReasonPassed, failed: none},
		"kernel ends itself":                   {notebook: "kernel-exits", phase: failed, reason: v1alpha1.ReasonKernelDied, failed: 1},
		"more memory than the limit":           {notebook: "too-much-memory", change: memoryLimit("256Mi"), phase: failed, reason: v1alpha1.ReasonOutOfMemory, message: "memory", failed: 1},
		"cell that never ends":                 {notebook: "hangs", change: timeout(time.Minute), phase: failed, reason: v1alpha1.ReasonTimeout, failed: 1},
		"exit with 0 at the end":               {notebook: "exits-at-the-end", phase: succeeded, reason: v1alpha1.ReasonPassed, failed: none},
		"exit with 0 before the end":           {notebook: "exits-in-the-middle", phase: succeeded, reason: v1alpha1.ReasonExitedEarly, message: "never ran", failed: none},
		"exit with 2":                          {notebook: "exits-with-two", phase: failed, reason: v1alpha1.ReasonNonZeroExit, message: "2", failed: 1},
		"code that is no Python":               {notebook: "syntax-error", phase: failed, reason: v1alpha1.ReasonCellFailed, message: "SyntaxError", failed: 1},
		"kernel that the image lacks":          {notebook: "unknown-kernel", phase: failed, reason: v1alpha1.ReasonKernelUnavailable, message: "kernel", failed: none},
		"kernel of somebody's own environment": {notebook: "own-environment", phase: succeeded, reason: v1alpha1.ReasonPassed, failed: none},
		"page of a website":                    {notebook: "not-json", phase: failed, reason: v1alpha1.ReasonInvalidNotebook, message: "JSON", failed: none},
		"notebook of the third format":         {notebook: "nbformat-3", phase: succeeded, reason: v1alpha1.ReasonPassed, failed: none},
		"notebook of words only":               {notebook: "no-code-cells", phase: failed, reason: v1alpha1.ReasonNoCodeCells, failed: none},
		"image without Python":                 {notebook: "passes", change: image(cluster.Env.Images.Pause), phase: failed, reason: v1alpha1.ReasonRunnerMissing, message: "python3", failed: none},
		"image without the Jupyter parts":      {notebook: "passes", change: image(cluster.Env.Images.Builder), phase: failed, reason: v1alpha1.ReasonRunnerMissing, message: "python3", failed: none},
		"image that no registry has":           {notebook: "passes", change: image(cluster.Env.Registry.Host + "/library/no-such-image:1"), phase: failed, reason: v1alpha1.ReasonImagePullFailed, message: "no-such-image", failed: none},
		"image with a name that is no name":    {notebook: "passes", change: image("Not//An:Image"), phase: failed, reason: v1alpha1.ReasonImagePullFailed, failed: none},
	}
}

func memoryLimit(limit string) change {
	return func(spec *v1alpha1.NotebookValidationJobSpec) {
		spec.PodConfig.Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(limit)}
	}
}

func timeout(d time.Duration) change {
	return func(spec *v1alpha1.NotebookValidationJobSpec) { spec.Timeout = &metav1.Duration{Duration: d} }
}

func image(reference string) change {
	return func(spec *v1alpha1.NotebookValidationJobSpec) { spec.PodConfig.ContainerImage = reference }
}

func TestEveryWayANotebookEndsHasItsVerdict(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Restricted, "endings")
	for name, tc := range endings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := []change{}
			if tc.change != nil {
				changes = append(changes, tc.change)
			}
			job := s.validate(t, s.job("ending-"+suffix(t), tc.notebook+".ipynb", changes...))
			requireEnd(t, job, tc.phase, tc.reason)
			assert.Contains(t, job.Status.Message, tc.message)
			assert.Len(t, s.Runs(job.Name), 1)
			assert.Len(t, s.Pods(job.Name, kit.ComponentRun), 1, "what failed once has failed")
			if tc.failed != none {
				require.NotNil(t, job.Status.Validation.FailedCell)
				assert.Equal(t, tc.failed, *job.Status.Validation.FailedCell)
				assert.Equal(t, v1alpha1.CellFailure, cell(t, job, tc.failed).Status)
			}
			figures.add("run without a build", job.Status.CompletionTime.Sub(job.Status.StartTime.Time))
		})
	}
}

func TestFailingCellIsToldInFullAndTriedOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Restricted, "endings")
	job := s.validate(t, s.job("totals", "failing-cell.ipynb"))

	requireEnd(t, job, v1alpha1.PhaseFailed, v1alpha1.ReasonCellFailed)
	assert.Equal(t, int32(3), *job.Status.Validation.FailedCell, "cells are counted with the Markdown")
	failed := cell(t, job, 3)
	assert.Equal(t, v1alpha1.CellFailure, failed.Status)
	assert.Equal(t, "code-3", failed.CellID)
	assert.Equal(t, "KeyError", failed.ErrorName)
	assert.Equal(t, "'plum'", failed.ErrorMessage)
	assert.Contains(t, failed.Traceback, "return sum(prices[name] for name in basket)")
	assert.NotContains(t, failed.Traceback, "\x1b", "the traceback has no colours")
	assert.Equal(t, "7", cell(t, job, 2).Output)
	assert.Equal(t, v1alpha1.CellSkipped, cell(t, job, 4).Status)
	assert.Contains(t, job.Status.Message, "KeyError")
	assert.Len(t, s.Runs(job.Name), 1)
	assert.Len(t, s.Pods(job.Name, kit.ComponentRun), 1)
}
