package tekton_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	corev1 "k8s.io/api/core/v1"
	"knative.dev/pkg/apis"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/tekton"
)

// end is what an outcome of a failed PipelineRun is held to.
type end struct {
	reason    buildstrategy.Reason
	temporary bool
	says      string
}

func (e end) check(t *testing.T, got buildstrategy.Outcome) {
	t.Helper()
	assert.Equal(t, buildstrategy.Failed, got.Phase)
	assert.Equal(t, e.reason, got.Reason)
	assert.Equal(t, e.temporary, got.Temporary)
	assert.Empty(t, got.Image)
	assert.Contains(t, got.Message, e.says)
}

func TestAPipelineRunThatTektonEndedItself(t *testing.T) {
	const failed = buildstrategy.BuilderFailed
	cancelled := succeeded(no, "TaskRunCancelled", "TaskRun was cancelled.")
	tests := map[string]struct {
		reason string
		task   *tektonv1.TaskRun
		want   end
	}{
		"its time was up":                    {"PipelineRunTimeout", task(cancelled, stepEnded("fetch", 1, "TaskRunCancelled")), end{buildstrategy.BuildTimeout, false, "timeout of 15m0s"}},
		"its time was up, without a TaskRun": {"PipelineRunTimeout", nil, end{buildstrategy.BuildTimeout, false, "timeout of 15m0s"}},
		"its time was up without a pod":      {"PipelineRunTimeout", task(cancelled, noPod), end{buildstrategy.BuildTimeout, false, "check the namespace's quota"}},
		"somebody cancelled it":              {"Cancelled", task(cancelled), end{buildstrategy.BuildCancelled, false, "Somebody cancelled"}},
		"somebody cancelled it at once":      {"Cancelled", nil, end{buildstrategy.BuildCancelled, false, "Somebody cancelled"}},
		"cancelled since its time was up":    {"Cancelled", task(cancelled, late), end{buildstrategy.BuildTimeout, false, "timeout of 15m0s"}},
		"the results cannot be had":          {"CouldntGetPipelineResult", task(succeeded(yes, "Succeeded", "")), end{buildstrategy.BuildResultInvalid, false, "PipelineRun says so"}},
		"a result of the task is missing":    {"InvalidTaskResultReference", nil, end{buildstrategy.BuildResultInvalid, false, "PipelineRun says so"}},
		"a result of the pipeline is":        {"InvalidPipelineResultReference", nil, end{buildstrategy.BuildResultInvalid, false, "PipelineRun says so"}},
		"the pipeline cannot be had":         {"CouldntGetPipeline", nil, end{failed, false, "Tekton did not run the build. It says (CouldntGetPipeline): PipelineRun says so"}},
		"the task cannot be had":             {"CouldntGetTask", nil, end{failed, false, "(CouldntGetTask)"}},
		"it is not valid":                    {"PipelineValidationFailed", nil, end{failed, false, "(PipelineValidationFailed)"}},
		"the TaskRun cannot be made":         {"CreateRunFailed", nil, end{failed, false, "(CreateRunFailed)"}},
		"a reason that nobody knows yet":     {"Invented", nil, end{failed, false, "(Invented)"}},
		"a task failed, and is gone":         {"Failed", nil, end{failed, true, "its TaskRun is gone"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			seen := parts()
			if test.task != nil {
				seen = parts(test.task)
			}
			run := runWith(t, succeeded(no, test.reason, "PipelineRun says so"))
			assert.True(t, tekton.Strategy{}.Ended(run))
			test.want.check(t, outcome(run, seen, nil))
		})
	}
}

func late(task *tektonv1.TaskRun) {
	task.Spec.StatusMessage = tektonv1.TaskRunCancelledByPipelineTimeoutMsg
}

func TestATaskRunThatDidNotComeToRun(t *testing.T) {
	const pull = `the step "build" in TaskRun "x" failed to pull the image "". The pod errored with the message: "`
	tests := map[string]struct {
		reason, message string
		want            end
	}{
		"an image does not come":           {"TaskRunImagePullFailed", pull + `Back-off pulling image \"registry.example.com/buildah:1\""`, end{buildstrategy.BuilderImagePullFailed, true, "registry.example.com/buildah:1"}},
		"an image's name is none":          {"TaskRunImagePullFailed", pull + `couldn't parse image name \"A B\""`, end{buildstrategy.BuilderImagePullFailed, false, "operator's configuration"}},
		"pod security does not let it in":  {"PodAdmissionFailed", `pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot`, end{buildstrategy.BuilderForbidden, false, "pod-security.kubernetes.io/enforce=baseline"}},
		"an older Tekton says it so":       {"PodCreationFailed", `failed to create task run pod "x": pods "x" is forbidden: violates PodSecurity "restricted:latest". Maybe invalid TaskSpec`, end{buildstrategy.BuilderForbidden, false, "enforce=baseline"}},
		"no security context allows it":    {"PodAdmissionFailed", `pods "x" is forbidden: unable to validate against any security context constraint: []`, end{buildstrategy.BuilderForbidden, false, "anyuid"}},
		"another admission refuses it":     {"PodAdmissionFailed", `pods "x" is forbidden: security context constraint broken`, end{buildstrategy.BuilderFailed, true, "cannot be made"}},
		"the service account is not there": {"PodCreationFailed", `failed to create task run pod "x": serviceaccounts "builder" not found. Maybe invalid TaskSpec`, end{buildstrategy.BuilderFailed, true, `"builder" not found`}},
		"a webhook does not answer":        {"PodCreationFailed", `failed to create task run pod "x": Internal error occurred: failed calling webhook "y": context deadline exceeded. Maybe invalid TaskSpec`, end{buildstrategy.BuilderFailed, true, "failed calling webhook"}},
		"the pod is not valid":             {"PodCreationFailed", `failed to create task run pod "x": Pod "x" is invalid: spec.nodeSelector: Invalid value. Maybe invalid TaskSpec`, end{buildstrategy.BuilderFailed, false, "spec.nodeSelector"}},
		"a container cannot be configured": {"CreateContainerConfigError", "container has runAsNonRoot and image will run as root", end{buildstrategy.BuilderFailed, false, "will run as root"}},
		"it is not valid":                  {"TaskRunValidationFailed", "bad", end{buildstrategy.BuilderFailed, false, "It says (TaskRunValidationFailed): bad"}},
		"its results are too large":        {"TaskRunResultLargerThanAllowedLimit", "too large", end{buildstrategy.BuildResultInvalid, false, "too large"}},
		"its own time was up":              {"TaskRunTimeout", "x", end{buildstrategy.BuildTimeout, false, "timeout of 15m0s"}},
		"somebody cancelled it alone":      {"TaskRunCancelled", "x", end{buildstrategy.BuildCancelled, false, "Somebody cancelled"}},
		"an end that nobody knows yet":     {"Invented", "\x1b[1mx", end{buildstrategy.BuilderFailed, false, "It says (Invented): x"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := outcome(failedRun(t), parts(task(succeeded(no, test.reason, test.message), step("fetch", corev1.ContainerState{}))), nil)
			test.want.check(t, got)
			assert.False(t, got.Cancel, "nothing is left that would go on")
		})
	}
}

func TestAPodThatWouldStayIsCancelled(t *testing.T) {
	why := succeeded(no, "CreateContainerConfigError", "Failed to create pod due to config error")
	got := outcome(failedRun(t), parts(task(why, stepWaits("fetch", "CreateContainerConfigError", `secret "git" not found`))), nil)
	end{buildstrategy.BuilderFailed, false, "cannot be started"}.check(t, got)
	assert.True(t, got.Cancel)
}

func TestAPipelineRunThatFailedWaitsForItsTaskRunToSayWhy(t *testing.T) {
	for name, condition := range map[string]apis.Condition{
		"it runs": succeeded(unknown, "Running", ""), "nobody has touched it": {},
	} {
		t.Run(name, func(t *testing.T) {
			got := outcome(failedRun(t), parts(task(condition, stepRuns("build"))), nil)
			assert.Equal(t, buildstrategy.Running, got.Phase)
			assert.False(t, got.Cancel)
		})
	}
}

func TestAStepThatFailed(t *testing.T) {
	const failed, broke, source = buildstrategy.BuildFailed, buildstrategy.BuilderFailed, buildstrategy.SourceUnavailable
	steps := func(edits ...editTask) []editTask { return edits }
	tests := map[string]struct {
		steps []editTask
		want  end
	}{
		"a step of the Dockerfile":          {steps(fetched(), stepEnded("build", 65, "Error"), leaves("BuildFailed", "ERROR: No matching\ndistribution")), end{failed, false, "ERROR: No matching\ndistribution"}},
		"a refused push":                    {steps(fetched(), stepEnded("build", 65, "Error"), leaves("PushFailed", "denied")), end{buildstrategy.PushFailed, false, "denied"}},
		"a registry that is down":           {steps(fetched(), stepEnded("build", 75, "Error"), leaves("TemporaryPushFailed", "connection refused")), end{buildstrategy.PushFailed, true, "connection refused"}},
		"a base image that does not come":   {steps(fetched(), stepEnded("build", 75, "Error"), leaves("BaseImagePullFailed", "EOF")), end{buildstrategy.BaseImagePullFailed, true, "EOF"}},
		"the build's own timeout":           {steps(fetched(), stepEnded("build", 65, "Error"), leaves("BuildTimeout", "too long")), end{buildstrategy.BuildTimeout, false, "too long"}},
		"a node that forbids it":            {steps(fetched(), stepEnded("build", 65, "Error"), leaves("BuilderForbidden", "CLONE_NEWUSER")), end{buildstrategy.BuilderForbidden, false, "CLONE_NEWUSER"}},
		"a builder that broke down":         {steps(fetched(), stepEnded("build", 65, "Error"), leaves("BuilderFailed", "no room")), end{broke, false, "no room"}},
		"a builder that was stopped":        {steps(fetched(), stepEnded("build", 143, "Error"), leaves("TemporaryBuilderFailed", "stopped")), end{broke, true, "stopped"}},
		"a reason that no build has":        {steps(fetched(), stepEnded("build", 65, "Error"), leaves("Invented", "x")), end{broke, false, "x"}},
		"a reason of the fetch":             {steps(stepEnded("fetch", 65, "Error"), skipped("build"), leaves("CredentialsRejected", "log in")), end{"CredentialsRejected", false, "log in"}},
		"a server that does not answer":     {steps(stepEnded("fetch", 75, "Error"), skipped("build"), leaves("TemporarySourceUnavailable", "timeout")), end{source, true, "timeout"}},
		"a reason that is none":             {steps(stepEnded("fetch", 65, "Error"), skipped("build"), leaves("not a reason", "x")), end{source, false, "x"}},
		"a fetch that says nothing":         {steps(stepEnded("fetch", 2, "Error"), skipped("build")), end{source, false, "ended with code 2 (Error) and said: nothing"}},
		"a build that does not start":       {steps(fetched(), stepEnded("build", 128, "StartError")), end{broke, false, "code 128 (StartError)"}},
		"a build out of memory":             {steps(fetched(), stepEnded("build", 137, "OOMKilled")), end{buildstrategy.OutOfMemory, false, "Raise the build's memory limit"}},
		"one of its programs is":            {steps(fetched(), stepEnded("build", 0, "OOMKilled")), end{buildstrategy.OutOfMemory, false, "container build"}},
		"a fetch out of memory":             {steps(stepEnded("fetch", 137, "OOMKilled"), stepRuns("build")), end{buildstrategy.OutOfMemory, false, "container fetch"}},
		"stopped, with its last words":      {steps(fetched(), stepEnded("build", 143, "Error"), leaves("TemporaryBuildFailed", "The build was stopped.")), end{failed, true, "was stopped"}},
		"stopped, before it said so":        {steps(fetched(), stepEnded("build", 143, "Error"), leaves("BuildFailed", "The build was stopped.")), end{failed, true, "was stopped"}},
		"killed":                            {steps(fetched(), stepEnded("build", 137, "Error")), end{broke, true, "killed before it could say why"}},
		"killed inside Tekton's entrypoint": {steps(fetched(), stepEnded("build", 255, "Error")), end{broke, true, "killed before it could say why"}},
		"stopped without a word":            {steps(stepEnded("fetch", 143, "Error"), skipped("build")), end{broke, true, "step fetch was killed before"}},
		"a fetch that was killed":           {steps(stepEnded("fetch", 137, "Error"), skipped("build")), end{broke, true, "step fetch was killed before"}},
		"the node never saw its end":        {steps(stepEnded("fetch", 137, "ContainerStatusUnknown"), skipped("build")), end{broke, true, "killed before"}},
		"no step at all":                    {nil, end{broke, false, "TaskRun says so"}},
		"no step that failed itself":        {steps(fetched(), skipped("build")), end{broke, false, "TaskRun says so"}},
		"control characters":                {steps(fetched(), stepEnded("build", 65, "Error"), leaves("BuildFailed", "\x1b[31mred\x1b[0m")), end{failed, false, "red"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := outcome(failedRun(t), parts(task(succeeded(no, "Failed", "TaskRun says so"), test.steps...)), nil)
			test.want.check(t, got)
			assert.NotContains(t, got.Message, "\x1b")
			assert.Equal(t, name == "a fetch out of memory", got.Cancel, "the step that waits for it would wait on")
		})
	}
}

func TestAStepsWordsAreFoundInItsContainersMessage(t *testing.T) {
	message := terminationMessage(t, "ERROR_MESSAGE", "denied", "ERROR_REASON", "PushFailed")
	for name, message := range map[string]string{"all of it": message, "the rest": `[{"key":"ERROR_MESSAGE","value":"denied","type":1},{"key":"ERROR_REASON","value":"PushFailed","type":1}]`} {
		t.Run(name, func(t *testing.T) {
			ended := &corev1.ContainerStateTerminated{ExitCode: 65, Reason: "Error", Message: message}
			got := outcome(failedRun(t), parts(task(succeeded(no, "Failed", ""), fetched(), step("build", corev1.ContainerState{Terminated: ended}))), nil)
			end{buildstrategy.PushFailed, false, "denied"}.check(t, got)
		})
	}
}

func TestAPodThatTheClusterTookAway(t *testing.T) {
	const low = "The node was low on resource: memory. Container step-build was using 4Gi, request is 0, has larger consumption of memory. "
	const own = "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. "
	evicted := buildstrategy.BuildEvicted
	stopped := []editTask{fetched(), stepEnded("build", 143, "Error"), leaves("TemporaryBuildFailed", "stopped")}
	tests := map[string]struct {
		message string
		steps   []editTask
		pod     *corev1.Pod
		want    end
	}{
		"a drained node":                       {"x", stopped, pod(disrupted("EvictionByEvictionAPI", "Eviction API: evicting")), end{evicted, true, "EvictionByEvictionAPI"}},
		"preempted":                            {"x", stopped, pod(disrupted("PreemptionByScheduler", "preempting")), end{evicted, true, "PreemptionByScheduler"}},
		"a lost node":                          {"x", nil, pod(disrupted("DeletionByTaintManager", "Taint manager: deleting")), end{evicted, true, "DeletionByTaintManager"}},
		"a lost node, in an older cluster":     {"x", nil, pod(podReason("NodeLost", "Node is unresponsive")), end{evicted, true, "unresponsive"}},
		"a node in trouble":                    {"x", nil, pod(podReason("Evicted", low)), end{evicted, true, "low on resource"}},
		"a node in trouble, the pod gone":      {low, nil, nil, end{evicted, true, "low on resource"}},
		"its own storage":                      {"x", nil, pod(podReason("Evicted", own)), end{evicted, false, "Give the build the storage"}},
		"its own storage, the pod gone":        {own, []editTask{fetched(), stepEnded("build", 137, "Error")}, nil, end{evicted, false, "exceeds the total limit"}},
		"one container's storage":              {`Container step-build exceeded its local ephemeral storage limit "1Gi". `, nil, nil, end{evicted, false, "exceeded its local"}},
		"a full volume":                        {`Usage of EmptyDir volume "storage" exceeds the limit "1Gi". `, nil, nil, end{evicted, false, "storage"}},
		"evicted for what nobody knows yet":    {"x", nil, pod(podReason("Evicted", "because")), end{evicted, true, "because"}},
		"a failure before it was taken away":   {"x", []editTask{fetched(), stepEnded("build", 65, "Error"), leaves("PushFailed", "denied")}, pod(disrupted("EvictionByEvictionAPI", "")), end{buildstrategy.PushFailed, false, "denied"}},
		"an ordinary failure, the pod as well": {"x", []editTask{fetched(), stepEnded("build", 75, "Error"), leaves("TemporaryPushFailed", "EOF")}, pod(), end{buildstrategy.PushFailed, true, "EOF"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := outcome(failedRun(t), parts(task(succeeded(no, "Failed", test.message), test.steps...)), test.pod)
			test.want.check(t, got)
		})
	}
}

func TestABuildThatIsLateSaysWhatItWasAt(t *testing.T) {
	stopped := func(message string) editPod {
		return containerState("build", corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 143, Message: message}})
	}
	waits := func(reason string) editPod {
		return containerState("build", corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: "why"}})
	}
	for name, test := range map[string]struct {
		pod  *corev1.Pod
		want end
	}{
		"its last words":             {pod(stopped(terminationMessage(t, "ERROR_MESSAGE", "Collecting torch"))), end{buildstrategy.BuildTimeout, false, "Collecting torch"}},
		"no last words":              {pod(stopped("")), end{buildstrategy.BuildTimeout, false, "timeout of 15m0s"}},
		"nothing that can be read":   {pod(stopped("{")), end{buildstrategy.BuildTimeout, false, "timeout of 15m0s"}},
		"an image that did not come": {pod(waits("ImagePullBackOff")), end{buildstrategy.BuilderImagePullFailed, false, "registry.example.com/buildah:1"}},
		"a container that did not":   {pod(waits("CreateContainerError")), end{buildstrategy.BuildTimeout, false, "CreateContainerError: why"}},
		"a pod that was still going": {pod(), end{buildstrategy.BuildTimeout, false, "timeout of 15m0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			run := runWith(t, succeeded(no, "PipelineRunTimeout", ""))
			test.want.check(t, outcome(run, parts(task(succeeded(no, "TaskRunCancelled", ""), late)), test.pod))
		})
	}
	t.Run("a PipelineRun without timeouts", func(t *testing.T) {
		run := runWith(t, succeeded(no, "PipelineRunTimeout", ""))
		run.Spec.Timeouts = nil
		assert.Equal(t, buildstrategy.BuildTimeout, outcome(run, nil, nil).Reason)
	})
}

// FuzzLastWords holds that no message of a step's container panics or gets control characters into a status.
func FuzzLastWords(f *testing.F) {
	for _, seed := range []string{"", "{", "[]", `[{"key":"ERROR_MESSAGE","value":"a","type":1}]`, `[{"key":"ERROR_REASON","value":"TemporaryX"}]`, `[{"type":"x"}]`, "\x1b[1m\xff"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, message, value string) {
		ended := &corev1.ContainerStateTerminated{ExitCode: 65, Message: message}
		got := outcome(failedRun(t), parts(task(succeeded(no, "Failed", ""), step("build", corev1.ContainerState{Terminated: ended}), leaves(value, value))), nil)
		assert.Equal(t, buildstrategy.Failed, got.Phase)
		assert.NotContains(t, got.Message, "\x1b")
		assert.NotEmpty(t, got.Message)
	})
}
