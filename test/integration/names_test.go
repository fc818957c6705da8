package integration

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// Names of jobs may be longer than labels and the names of Kubernetes Jobs, and may have dots.
func TestLongNames(t *testing.T) {
	t.Parallel()
	for what, name := range map[string]string{
		"64 characters":           many("a", 64),
		"253 characters":          many("a", 253),
		"dots where it is cut":    many("a", 30) + strings.Repeat(".b", 30),
		"253 with dots":           strings.Repeat("a-1.", 63) + "b",
		"digits first, as a year": "2026.03.14-" + many("9", 60),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			job := w.create(name, withBuild)
			w.finishBuild(job, "a")
			w.finishRun(job, w.passing())
			w.awaitSucceeded(job)
			assertOneOfEach(t, w, 1)
			assertReport(t, w, job, true)
		})
	}
	err := kube.Create(t.Context(), newJob(newNamespace(t), many("a", 254)))
	require.True(t, apierrors.IsInvalid(err), "%v", err)
	assert.ErrorContains(t, err, "must be no more than 253")
}

// Two names that are cut to the same label, or to the same name of a Job, are two jobs.
func TestLongNamesThatBeginAlikeDoNotMeet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.create(many("a", 252)+"b", withOwnBuild), w.create(many("a", 252)+"c", withOwnBuild)
	w.finishBuild(first, "b")
	w.finishBuild(second, "c")
	w.finishRun(first, w.passing())
	w.finishRun(second, failing(w))
	assert.Equal(t, w.image("b"), w.awaitSucceeded(first).Status.Validation.Image)
	assert.Equal(t, w.image("c"), w.awaitFailed(second, v1alpha1.ReasonCellFailed).Status.Validation.Image)
	assertReport(t, w, first, true)
	assertReport(t, w, second, false)
	assertOneOfEach(t, w, 2)
}

func TestPathWithADotIsTheSameNotebook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild, func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Path = "./notebooks//one.ipynb" })
	w.finishBuild(job, "a")
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)
}
