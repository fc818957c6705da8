package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
)

// builders are the Jobs that built images in a namespace, for whichever job.
func (s *scene) builders() int {
	return len(kit.Latest(s.Recorder, func(job *batchv1.Job) bool { return job.Labels[v1alpha1.LabelComponent] == kit.ComponentBuild }))
}

func TestThirtyJobsOfOneCommitShareOneBuild(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Baseline, "colours")
	reasons := s.wave(t, "first", 30)
	assert.Equal(t, map[string]int{v1alpha1.ReasonBuildSucceeded: 1, v1alpha1.ReasonBuildReused: 29}, reasons)
	assert.Equal(t, 1, s.builders())

	reasons = s.wave(t, "second", 10)
	assert.Equal(t, map[string]int{v1alpha1.ReasonBuildReused: 10}, reasons)
	assert.Equal(t, 1, s.builders(), "the second wave builds nothing")
}

// wave makes jobs at once, checks that all pass in the image of one build, and counts how they came by it.
func (s *scene) wave(t *testing.T, name string, size int) map[string]int {
	t.Helper()
	for i := range size {
		s.create(t, s.job(fmt.Sprintf("%s-%d", name, i+1), "heights.ipynb", kit.Build, fewAtATime))
	}
	reasons := map[string]int{}
	for i := range size {
		job := s.end(t, s.job(fmt.Sprintf("%s-%d", name, i+1), "heights.ipynb"))
		requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
		requireGated(t, s, job)
		requireWholeImage(t, s, job)
		reasons[condition(t, job, v1alpha1.ConditionBuildReady).Reason]++
		s.measureGate("gate: created to open, "+name+" wave of one commit", job)
	}
	return reasons
}

// fewAtATime has as many runs at work as the node has processors for; the others wait for theirs. A kernel that shares two
// processors with thirty others is not there in time, and that is the node's failure.
func fewAtATime(spec *v1alpha1.NotebookValidationJobSpec) {
	spec.PodConfig.Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("250m")}
}

// measureGate adds how long it took from a job's creation until its gate was open, as it was seen from here.
func (s *scene) measureGate(what string, job *v1alpha1.NotebookValidationJob) {
	created := kit.First(s.Recorder, func(seen *v1alpha1.NotebookValidationJob) bool { return seen.UID == job.UID })
	open := kit.First(s.Recorder, func(seen *v1alpha1.NotebookValidationJob) bool {
		return seen.UID == job.UID && kit.ConditionTrue(seen, v1alpha1.ConditionBuildReady)
	})
	figures.add(what, open.At.Sub(created.At))
}

// A job that finds an image ready, with nothing else going on in its namespace.
func TestImageThatIsThereOpensTheGateAtOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Baseline, "colours")
	first := s.validate(t, s.job("first", "heights.ipynb", kit.Build))
	requireBuilt(t, s, first)
	second := s.validate(t, s.job("second", "heights.ipynb", kit.Build))

	requireEnd(t, second, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	assert.Equal(t, v1alpha1.ReasonBuildReused, condition(t, second, v1alpha1.ConditionBuildReady).Reason)
	assert.Equal(t, first.Status.BuildStatus.ImageReference, second.Status.BuildStatus.ImageReference)
	requireGated(t, s, second)
	assert.Equal(t, 1, s.builders())
	s.measureGate("gate: created to open, image there", second)
}

// What the registry has lost is built again, instead of being promised to a run that could not pull it.
func TestImageThatTheRegistryLostIsBuiltAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Baseline, "colours")
	first := s.validate(t, s.job("first", "heights.ipynb", kit.Build))
	requireBuilt(t, s, first)
	lost := first.Status.BuildStatus.ImageReference
	require.NoError(t, cluster.DeleteImage(s.ctx, lost))
	_, err := cluster.ImageConfig(s.ctx, lost)
	require.Error(t, err, "the registry still has the image")

	second := s.validate(t, s.job("second", "heights.ipynb", kit.Build))
	requireBuilt(t, s, second)
	assert.Equal(t, first.Status.Environment.Hash, second.Status.Environment.Hash)
	_, err = cluster.ImageConfig(s.ctx, second.Status.BuildStatus.ImageReference)
	require.NoError(t, err)
	assert.Equal(t, 2, s.builders())
}
