package tekton_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/tekton"
)

const repository = "registry.example.com/team/iris"

var digest = "sha256:" + strings.Repeat("a", 64)

func TestTheStrategyNamesWhatItBuildsWith(t *testing.T) {
	s := tekton.Strategy{}
	assert.Equal(t, "tekton", s.Name())
	assert.Equal(t, "tekton.dev/v1, Kind=PipelineRun", s.Kind().String())
	assert.IsType(t, &tektonv1.TaskRunList{}, s.NewParts())
	assert.Empty(t, s.Companions(inputs()))
	assert.Equal(t, map[string]string{"tekton.dev/pipelineRunUID": "7"},
		s.Selector(&tektonv1.PipelineRun{ObjectMeta: metav1.ObjectMeta{UID: types.UID("7")}}))
}

func TestASucceededPipelineRunIsASuccessOnlyWithTheImageThatWasAskedFor(t *testing.T) {
	tests := map[string]struct {
		results []string
		image   string
		says    string
	}{
		"the image with its digest":          {[]string{"IMAGE_URL", repository + ":build-1", "IMAGE_DIGEST", digest}, repository + "@" + digest, ""},
		"another tag of the repository":      {[]string{"IMAGE_URL", repository + ":other", "IMAGE_DIGEST", digest}, repository + "@" + digest, ""},
		"no results":                         {nil, "", "left no IMAGE_URL or no IMAGE_DIGEST"},
		"no address":                         {[]string{"IMAGE_DIGEST", digest}, "", "left no IMAGE_URL"},
		"no digest":                          {[]string{"IMAGE_URL", repository + ":build-1"}, "", "no IMAGE_DIGEST"},
		"an address that is none":            {[]string{"IMAGE_URL", "a b", "IMAGE_DIGEST", digest}, "", "no image with a tag"},
		"an address with its digest":         {[]string{"IMAGE_URL", repository + "@" + digest, "IMAGE_DIGEST", digest}, "", "no image with a tag"},
		"a digest that is none":              {[]string{"IMAGE_URL", repository + ":build-1", "IMAGE_DIGEST", "latest"}, "", "no image with a digest"},
		"a short digest":                     {[]string{"IMAGE_URL", repository + ":build-1", "IMAGE_DIGEST", "sha256:aa"}, "", "no image with a digest"},
		"a digest of another algorithm":      {[]string{"IMAGE_URL", repository + ":build-1", "IMAGE_DIGEST", "sha512:" + strings.Repeat("a", 128)}, "", "no image with a digest"},
		"a digest with something after it":   {[]string{"IMAGE_URL", repository + ":build-1", "IMAGE_DIGEST", digest + "\nx"}, "", "no image with a digest"},
		"another repository":                 {[]string{"IMAGE_URL", "registry.example.com/evil:build-1", "IMAGE_DIGEST", digest}, "", "was asked for"},
		"another registry":                   {[]string{"IMAGE_URL", "evil.example.com/team/iris:build-1", "IMAGE_DIGEST", digest}, "", "was asked for"},
		"a repository that begins like ours": {[]string{"IMAGE_URL", repository + "s:build-1", "IMAGE_DIGEST", digest}, "", "was asked for"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			run := runWith(t, succeeded(yes, "Succeeded", ""), test.results...)
			assert.True(t, tekton.Strategy{}.Ended(run))
			got := outcome(run, nil, nil)
			if test.says == "" {
				assert.Equal(t, buildstrategy.Outcome{Phase: buildstrategy.Succeeded, Image: test.image, Message: got.Message}, got)
				return
			}
			assert.Equal(t, buildstrategy.Failed, got.Phase)
			assert.Equal(t, buildstrategy.BuildResultInvalid, got.Reason)
			assert.Empty(t, got.Image)
			assert.Contains(t, got.Message, test.says)
		})
	}
}

func TestTheImageComesFromTheResultsOnly(t *testing.T) {
	t.Run("an array is no name of an image", func(t *testing.T) {
		run := runWith(t, succeeded(yes, "Succeeded", ""), "IMAGE_DIGEST", digest)
		run.Status.Results = append(run.Status.Results,
			tektonv1.PipelineRunResult{Name: "IMAGE_URL", Value: *tektonv1.NewStructuredValues(repository+":build-1", "x")})
		assert.Equal(t, buildstrategy.BuildResultInvalid, outcome(run, nil, nil).Reason)
	})
	t.Run("a PipelineRun that does not say what was asked for", func(t *testing.T) {
		run := runWith(t, succeeded(yes, "Succeeded", ""), "IMAGE_URL", repository+":build-1", "IMAGE_DIGEST", digest)
		run.Spec.PipelineSpec = nil
		got := outcome(run, nil, nil)
		assert.Equal(t, buildstrategy.BuildResultInvalid, got.Reason)
		assert.Contains(t, got.Message, "which image was asked for")
	})
	t.Run("a completed one with skipped tasks counts like any other", func(t *testing.T) {
		run := runWith(t, succeeded(yes, "Completed", ""), "IMAGE_URL", repository+":build-1", "IMAGE_DIGEST", digest)
		assert.Equal(t, buildstrategy.Succeeded, outcome(run, nil, nil).Phase)
	})
}

func TestAnUndecidedPipelineRunSaysWhatItDoes(t *testing.T) {
	const waiting = buildstrategy.BuilderWaiting
	running := succeeded(unknown, "Running", "Tasks Completed: 0")
	tests := map[string]struct {
		run    func(*tektonv1.PipelineRun)
		task   *tektonv1.TaskRun
		reason buildstrategy.Reason
		says   string
	}{
		"nobody has touched it":           {task: nil, says: "Waiting for Tekton"},
		"it is held back":                 {run: because("PipelineRunPending", ""), reason: waiting, says: "holds the build's PipelineRun back"},
		"it is being cancelled":           {run: because("Cancelled", ""), says: "being stopped"},
		"a task was cancelled":            {run: because("PipelineRunStopping", ""), says: "being stopped"},
		"it cannot be cancelled":          {run: because("PipelineRunCouldntCancel", "no rights"), reason: waiting, says: "no rights"},
		"the quota is used up":            {task: task(succeeded(unknown, "ExceededResourceQuota", "pods is forbidden: exceeded quota: q"), noPod), reason: waiting, says: "waits for the namespace's quota"},
		"the quota is being changed":      {task: task(succeeded(unknown, "Pending", "ResourceQuotaConflictError"), noPod), says: "Starting"},
		"no node is large enough":         {task: task(succeeded(unknown, "ExceededNodeResources", "TaskRun Pod exceeded available resources")), reason: waiting, says: "No node takes"},
		"no node is chosen":               {task: task(succeeded(unknown, "Pending", `pod status "PodScheduled":"False"; message: "0/1 nodes are available: 1 node(s) had untolerated taint"`)), reason: waiting, says: "untolerated taint"},
		"a new pod":                       {task: task(succeeded(unknown, "Pending", "Pending")), says: "Starting"},
		"its containers are being made":   {task: task(succeeded(unknown, "Pending", "Pending"), stepWaits("fetch", "PodInitializing", ""), stepWaits("build", "PodInitializing", "")), says: "Starting"},
		"one container is there":          {task: task(running, stepWaits("fetch", "ContainerCreating", ""), stepRuns("build")), says: "Starting"},
		"an image does not come":          {task: task(succeeded(unknown, "PullImageFailed", "x"), stepWaits("fetch", "PodInitializing", ""), stepWaits("build", "ImagePullBackOff", "Back-off")), reason: buildstrategy.BuilderImagePullFailed, says: "The image registry.example.com/buildah:1 of the build's container build cannot be pulled"},
		"the operator's image does not":   {task: task(succeeded(unknown, "PullImageFailed", "x"), stepWaits("fetch", "ErrImagePull", "EOF")), reason: buildstrategy.BuilderImagePullFailed, says: "registry.example.com/operator:1"},
		"a container cannot be made":      {task: task(running, stepWaits("fetch", "CreateContainerError", "no space")), says: "no space"},
		"a TaskRun without a condition":   {task: &tektonv1.TaskRun{}, says: "Starting"},
		"fetching, and build waits":       {task: task(running, stepRuns("fetch"), stepRuns("build")), says: "Fetching the source."},
		"building":                        {task: task(running, fetched(), stepRuns("build")), says: "Building the image."},
		"both steps are done":             {task: task(running, fetched(), stepEnded("build", 0, "Completed")), says: "has been pushed"},
		"a step failed":                   {task: task(running, fetched(), stepEnded("build", 65, "Error")), says: "step build failed"},
		"the TaskRun is done":             {task: task(succeeded(yes, "Succeeded", "")), says: "has been pushed"},
		"the TaskRun failed":              {task: task(succeeded(no, "Failed", "")), says: "about to say so"},
		"the TaskRun runs, without steps": {task: task(running), says: "Starting"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			run := pipelineRun(t)
			if test.run != nil {
				test.run(run)
			}
			assert.False(t, tekton.Strategy{}.Ended(run))
			seen := parts()
			if test.task != nil {
				seen = parts(test.task)
			}
			got := outcome(run, seen, nil)
			assert.Equal(t, buildstrategy.Running, got.Phase)
			assert.Equal(t, test.reason, got.Reason)
			assert.Empty(t, got.Image)
			assert.False(t, got.Cancel)
			assert.Contains(t, got.Message, test.says)
		})
	}
}

func because(reason, message string) func(*tektonv1.PipelineRun) {
	return func(run *tektonv1.PipelineRun) {
		condition := succeeded(unknown, reason, message)
		run.Status.SetCondition(&condition)
	}
}

func TestAnImageThatNeverComesEndsTheBuildAtOnce(t *testing.T) {
	got := outcome(pipelineRun(t), parts(task(succeeded(unknown, "PullImageFailed", ""), stepWaits("fetch", "InvalidImageName", "no name"))), nil)
	assert.Equal(t, buildstrategy.Failed, got.Phase)
	assert.Equal(t, buildstrategy.BuilderImagePullFailed, got.Reason)
	assert.True(t, got.Cancel, "Tekton may wait for it")
	assert.False(t, got.Temporary)
}

func TestTheNewestTaskRunCounts(t *testing.T) {
	older := task(succeeded(no, "Failed", ""), stepEnded("fetch", 65, "Error"), leaves("SourceUnavailable", "gone"))
	newer := task(succeeded(unknown, "Running", ""), fetched(), stepRuns("build"))
	newer.CreationTimestamp = metav1.NewTime(older.CreationTimestamp.Add(time.Minute))
	got := outcome(pipelineRun(t), parts(newer, older), nil)
	assert.Equal(t, "Building the image.", got.Message)
}

func TestAnObjectThatIsNoPipelineRunIsAFailure(t *testing.T) {
	got := outcome(&corev1.Pod{}, nil, nil)
	assert.Equal(t, buildstrategy.Failed, got.Phase)
	assert.Equal(t, buildstrategy.BuilderFailed, got.Reason)
	assert.False(t, tekton.Strategy{}.Ended(&corev1.Pod{}))
}
