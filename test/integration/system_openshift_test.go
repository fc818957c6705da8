package integration

import (
	"context"
	"strings"
	"testing"
	"time"

	buildv1 "github.com/openshift/api/build/v1"
	imagev1 "github.com/openshift/api/image/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/registry"
)

// tagOf is the tag that the job's build pushes.
func tagOf(w *world, job *v1alpha1.NotebookValidationJob) string {
	w.Helper()
	return naming.ImageTag(w.buildOf(job))
}

// inPhase writes what a Build says of a phase that it comes to.
func inPhase(phase buildv1.BuildPhase, reason buildv1.StatusReason, message string) func(*buildv1.Build) {
	return func(build *buildv1.Build) {
		build.Status.Phase, build.Status.Reason, build.Status.Message = phase, reason, message
		if to := build.Spec.Output.To; to != nil {
			build.Status.OutputDockerImageReference = to.Name
		}
	}
}

// endsIn has OpenShift take note of an end too: so long ago that nothing more is to come.
func endsIn(phase buildv1.BuildPhase, reason buildv1.StatusReason, message string) func(*buildv1.Build) {
	return func(build *buildv1.Build) {
		inPhase(phase, reason, message)(build)
		build.Status.CompletionTimestamp = &metav1.Time{Time: time.Now().Add(-time.Minute)}
	}
}

// awaitUndecided waits until the job's build says in one word what it is at.
func awaitUndecided(w *world, job *v1alpha1.NotebookValidationJob, reason string) {
	w.Helper()
	eventually(w, func(c *assert.CollectT) {
		is := meta.FindStatusCondition(w.buildOf(job).Status.Conditions, v1alpha1.ConditionSucceeded)
		require.NotNil(c, is)
		assert.Equal(c, "Unknown "+reason, string(is.Status)+" "+is.Reason, is.Message)
	})
}

// tagging are registries that have one image, under every tag.
type tagging struct {
	registries
	digest string
	asked  []string
}

func (t *tagging) Pin(_ context.Context, reference string, _ registry.Access) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = append(t.asked, reference)
	repository, _, _ := strings.Cut(reference, ":") // these registries have no ports
	return repository + "@" + t.digest, nil
}

func (t *tagging) references() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.asked...)
}

func TestOpenShiftThroughEveryPhaseToTheImage(t *testing.T) {
	openshiftAPI.install(t)
	w := newWorld(t)
	job := w.create("job", withStrategy("s2i"))
	build := workOf(w, job, &buildv1.Build{})
	require.NotNil(t, build.Spec.Source.Dockerfile)
	assert.Equal(t, w.repository.head(t), build.Spec.Source.Git.Ref, "the commit, never the ref")

	becomes(w, build, inPhase(buildv1.BuildPhaseNew, "", ""))
	w.awaitMessage(job, "Waiting for OpenShift to start")
	becomes(w, build, inPhase(buildv1.BuildPhaseNew, buildv1.StatusReasonCannotCreateBuildPod, "Failed creating build pod."))
	w.awaitMessage(job, "kubectl describe build.build.openshift.io "+build.Name) // a reason that is not an end
	awaitUndecided(w, job, v1alpha1.ReasonBuilderWaiting)
	becomes(w, build, inPhase(buildv1.BuildPhasePending, buildv1.StatusReasonMissingPushSecret, "missing push secret"))
	w.awaitMessage(job, "push")
	becomes(w, build, inPhase(buildv1.BuildPhaseRunning, "", ""))
	w.awaitMessage(job, "Fetching the source and building")
	becomes(w, build, func(build *buildv1.Build) {
		build.Status.Output.To = &buildv1.BuildStatusOutputTo{ImageDigest: digest("a")}
	})
	w.awaitMessage(job, "The image has been pushed")
	becomes(w, build, inPhase(buildv1.BuildPhaseComplete, "", ""))
	w.finishRun(job, w.passing())
	end := w.awaitSucceeded(job)
	assert.Equal(t, w.image("a"), end.Status.BuildStatus.ImageReference)
	assert.Equal(t, "s2i", end.Status.BuildStatus.Strategy)
	assertOnlyImage(t, w.history.until(t, end), w.image("a"))

	becomes(w, build, func(build *buildv1.Build) { build.Status.LogSnippet = "the log comes last" })
	assert.Equal(t, end.Status, w.awaitSucceeded(job).Status, "a decision stays")
}

func TestOpenShiftEndsThatAreNone(t *testing.T) {
	openshiftAPI.install(t)
	tests := map[string]struct {
		phase  buildv1.BuildPhase
		cause  buildv1.StatusReason
		reason string
	}{
		"a step fails":                    {buildv1.BuildPhaseFailed, buildv1.StatusReasonDockerBuildFailed, v1alpha1.ReasonBuildFailed},
		"a Dockerfile that is none":       {buildv1.BuildPhaseFailed, buildv1.StatusReasonGenericBuildFailed, v1alpha1.ReasonBuildFailed},
		"a base image that does not come": {buildv1.BuildPhaseFailed, buildv1.StatusReasonPullBuilderImageFailed, v1alpha1.ReasonBaseImagePullFailed},
		"a push that is refused":          {buildv1.BuildPhaseFailed, buildv1.StatusReasonPushImageToRegistryFailed, v1alpha1.ReasonPushFailed},
		"a source that does not come":     {buildv1.BuildPhaseFailed, buildv1.StatusReasonFetchSourceFailed, v1alpha1.ReasonSourceUnavailable},
		"too little memory":               {buildv1.BuildPhaseFailed, buildv1.StatusReasonOutOfMemoryKilled, v1alpha1.ReasonOutOfMemory},
		"somebody cancelled it":           {buildv1.BuildPhaseCancelled, buildv1.StatusReasonCancelledBuild, v1alpha1.ReasonBuildCancelled},
		"the builder breaks down":         {buildv1.BuildPhaseError, buildv1.StatusReasonNoBuildContainerStatus, v1alpha1.ReasonBuilderFailed},
		"neither digest nor image":        {buildv1.BuildPhaseComplete, "", v1alpha1.ReasonBuildResultInvalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			job := w.create("job", withStrategy("s2i"))
			build := workOf(w, job, &buildv1.Build{})
			becomes(w, build, endsIn(test.phase, test.cause, "OpenShift's own words"))
			end := w.awaitFailed(job, v1alpha1.ReasonBuildFailed)
			assert.Contains(t, end.Status.Message, test.reason+": ")
			assertNoRun(t, w.history.until(t, end))
		})
	}
}

// TestOpenShiftTellsAFailureBitByBit has the builder fail, and OpenShift find out of its pod later that it was killed.
func TestOpenShiftTellsAFailureBitByBit(t *testing.T) {
	openshiftAPI.install(t)
	w := newWorld(t)
	job := w.create("job", withStrategy("s2i"))
	build := workOf(w, job, &buildv1.Build{})
	becomes(w, build, inPhase(buildv1.BuildPhaseFailed, buildv1.StatusReasonDockerBuildFailed, "Dockerfile build strategy has failed."))
	w.awaitMessage(job, "OpenShift is about to say why")
	becomes(w, build, func(build *buildv1.Build) {
		// A clock that is ahead gives the test all the time that it takes.
		build.Status.CompletionTimestamp = &metav1.Time{Time: time.Now().Add(time.Hour)}
	})
	w.awaitMessage(job, "Correct the Dockerfile")
	awaitUndecided(w, job, v1alpha1.ReasonBuilding)
	becomes(w, build, func(build *buildv1.Build) {
		build.Status.Reason, build.Status.LogSnippet = buildv1.StatusReasonOutOfMemoryKilled, "the log comes last"
	})
	end := w.awaitFailed(job, v1alpha1.ReasonBuildFailed)
	assert.Contains(t, end.Status.Message, v1alpha1.ReasonOutOfMemory+": ")
	assert.Contains(t, end.Status.Message, "the log comes last")
}

func TestOpenShiftLeavesTheDigestToTheRegistry(t *testing.T) {
	openshiftAPI.install(t)
	w, images := newWorldWithoutOperator(t), &tagging{digest: digest("c")}
	w.operator = startOperatorWith(t, newLine(), setup{settings: theSettings, images: images}, w.namespace)
	job := w.create("job", withStrategy("s2i"))
	build := workOf(w, job, &buildv1.Build{})
	becomes(w, build, endsIn(buildv1.BuildPhaseComplete, "", ""))
	w.finishRun(job, w.passing())
	end := w.awaitSucceeded(job)
	assert.Equal(t, w.image("c"), end.Status.BuildStatus.ImageReference)
	assertOnlyImage(t, w.history.until(t, end), w.image("c"))
	assert.Contains(t, images.references(), theSettings.Registry.Repository+"/"+w.namespace+":"+tagOf(w, job))
}

func TestOpenShiftTroubleThatPassesIsTriedAgain(t *testing.T) {
	openshiftAPI.install(t)
	w := newWorld(t)
	job := w.create("job", withStrategy("s2i"))
	first := workOf(w, job, &buildv1.Build{})
	becomes(w, first, endsIn(buildv1.BuildPhaseFailed, buildv1.StatusReasonBuildPodEvicted, "The node was low on resource: memory."))
	w.awaitCondition(job, v1alpha1.ConditionBuildReady, metav1.ConditionUnknown, v1alpha1.ReasonBuildRetrying)
	awaitGone(t, first)
	second := workOf(w, job, &buildv1.Build{})
	assert.NotEqual(t, first.Name, second.Name)
	becomes(w, second, inPhase(buildv1.BuildPhaseRunning, "", ""))
	w.awaitMessage(job, "building the image")
}

func TestOpenShiftKeepsTheImageWhereNobodyNamesARegistry(t *testing.T) {
	openshiftAPI.install(t)
	with := setup{settings: theSettings, images: &registries{}}
	with.settings.Registry = v1alpha1.ImageRegistry{}
	w := newWorldWithoutOperator(t)
	w.operator = startOperatorWith(t, newLine(), with, w.namespace)
	job := w.create("job", withStrategy("s2i"))
	build := workOf(w, job, &buildv1.Build{})
	require.Equal(t, "ImageStreamTag", build.Spec.Output.To.Kind)
	stream := &unstructured.Unstructured{}
	stream.SetGroupVersionKind(imagev1.GroupVersion.WithKind("ImageStream"))
	require.NoError(t, kube.Get(t.Context(), client.ObjectKeyFromObject(build), stream), "it is there before the Build")
	place := "image-registry.openshift-image-registry.svc:5000/" + w.namespace + "/" + stream.GetName()
	becomes(w, build, func(build *buildv1.Build) {
		build.Status.Phase, build.Status.OutputDockerImageReference = buildv1.BuildPhaseComplete, place+":latest"
		build.Status.Output.To = &buildv1.BuildStatusOutputTo{ImageDigest: digest("b")}
	})
	w.finishRun(job, w.passing())
	assert.Equal(t, place+"@"+digest("b"), w.awaitSucceeded(job).Status.Validation.Image)

	other := w.create("other", func(job *v1alpha1.NotebookValidationJob) { withStrategy("job")(job) })
	assert.Contains(t, w.awaitFailed(other, v1alpha1.ReasonBuildFailed).Status.Message, v1alpha1.ReasonRegistryNotConfigured)
}
