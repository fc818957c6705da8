package run_test

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/run"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// read is what a run means whose container of that name ended so.
func read(container string, state corev1.ContainerState) run.Outcome {
	p := fetched("a")
	switch container {
	case run.ContainerFetch:
		p = pod("a").Init(container, state)
	default:
		p.Init(container, state)
	}
	return run.Read(runJob().Failed(batchv1.JobReasonPodFailurePolicy).Obj(), []corev1.Pod{*p.Obj()}, "")
}

func TestWhatFetchLeavesBehind(t *testing.T) {
	for name, test := range map[string]struct {
		code                int32
		terminated, message string
		reason, says        string
	}{
		"a reason and a sentence":     {1, "Error", `{"version":1,"reason":"RefNotFound","message":"The repository has no branch \"mian\"."}`, v1alpha1.ReasonRefNotFound, `no branch "mian"`},
		"a server that stayed silent": {75, "Error", `{"version":1,"reason":"SourceUnreachable","message":"No answer."}`, v1alpha1.ReasonSourceUnreachable, "No answer."},
		"nothing":                     {2, "Error", "", v1alpha1.ReasonSourceUnavailable, "exit code 2 (Error)"},
		"half a sentence":             {1, "Error", `{"reason":"RefNotFo`, v1alpha1.ReasonSourceUnavailable, `{"reason":"RefNotFo`},
		"another kind of JSON":        {1, "Error", `["RefNotFound"]`, v1alpha1.ReasonSourceUnavailable, "could not be fetched"},
		"no reason":                   {1, "Error", `{"message":"hm"}`, v1alpha1.ReasonSourceUnavailable, "could not be fetched"},
		"a reason that is a sentence": {1, "Error", `{"reason":"no such ref"}`, v1alpha1.ReasonSourceUnavailable, "no such ref"},
		"a kill for lack of memory":   {137, "OOMKilled", "", v1alpha1.ReasonSourceUnavailable, "exit code 137 (OOMKilled)"},
	} {
		t.Run(name, func(t *testing.T) {
			got := read(run.ContainerFetch, builders.Ended(test.code, test.terminated, test.message, 0))
			assert.Equal(t, run.Failed, got.State)
			assert.Equal(t, test.reason, got.Reason)
			assert.Contains(t, got.Message, test.says)
		})
	}
}

func TestAGoldenNotebookThatCannotBeHadIsToldAsSuch(t *testing.T) {
	got := read(run.ContainerFetchGolden, builders.Ended(65, "Error", `{"version":1,"reason":"RefNotFound","message":"The repository has no branch \"v3\"."}`, 0))
	assert.Equal(t, v1alpha1.ReasonRefNotFound, got.Reason)
	assert.Equal(t, `The golden notebook cannot be had: The repository has no branch "v3".`, got.Message)
}

func TestWhatExecuteLeavesBehind(t *testing.T) {
	const progress = `{"cell":7,"id":"c7","done":3,"total":9,"seconds":12.5}`
	for name, test := range map[string]struct {
		code                int32
		terminated, message string
		reason, says        string
	}{
		"a kill for lack of memory, in a known cell":    {137, "OOMKilled", progress, v1alpha1.ReasonOutOfMemory, "lack of memory in cell 7. Raise podConfig.resources.limits.memory"},
		"a kill for lack of memory, nobody knows where": {137, "OOMKilled", "", v1alpha1.ReasonOutOfMemory, "lack of memory. Raise"},
		"an account that is none":                       {137, "OOMKilled", `{"cell":-1,"done":5,"total":2}`, v1alpha1.ReasonOutOfMemory, "lack of memory. Raise"},
		"a kill from outside":                           {137, "Error", progress, v1alpha1.ReasonRunFailed, "killed from outside in cell 7"},
		"no python3, as the runtime says":               {128, "StartError", `exec: "python3": executable file not found in $PATH`, v1alpha1.ReasonRunnerMissing, "python3 cannot be started in the image"},
		"no python3, as a shell says":                   {127, "Error", "not found", v1alpha1.ReasonRunnerMissing, "podConfig.buildConfig.enabled"},
		"a python3 that may not be run":                 {126, "Error", "permission denied", v1alpha1.ReasonRunnerMissing, "permission denied"},
		"a runner that crashed":                         {1, "Error", "Traceback (most recent call last)", v1alpha1.ReasonRunFailed, "The runner ended with exit code 1 (Error): Traceback"},
		"stopped too often":                             {143, "Error", progress, v1alpha1.ReasonRunFailed, "exit code 143 (Error) in cell 7"},
	} {
		t.Run(name, func(t *testing.T) {
			got := read(run.ContainerExecute, builders.Ended(test.code, test.terminated, test.message, time.Minute))
			assert.Equal(t, run.Failed, got.State)
			assert.Equal(t, test.reason, got.Reason)
			assert.Contains(t, got.Message, test.says)
		})
	}
}

// TestTheFailurePolicyTriesAgainOnlyWhatIsNotTheNotebooksFault reads the rules as the Job controller does: the first that
// matches counts, and what none matches is counted against the limit.
func TestTheFailurePolicyTriesAgainOnlyWhatIsNotTheNotebooksFault(t *testing.T) {
	const again = "" // no rule: tried again until backoffLimit
	job := run.Job(minimal())
	assert.Equal(t, corev1.RestartPolicyNever, job.Spec.Template.Spec.RestartPolicy)
	assert.Equal(t, int32(3), *job.Spec.BackoffLimit)
	assert.Equal(t, batchv1.Failed, *job.Spec.PodReplacementPolicy, "a pod is replaced when it is over, so that two never run at once")
	evicted := fetched("a").Condition(corev1.DisruptionTarget, corev1.ConditionTrue, "EvictionByEvictionAPI", "", 0)
	for name, test := range map[string]struct {
		pod  *builders.PodBuilder
		code int32
		want batchv1.PodFailurePolicyAction
	}{
		"evicted":                       {evicted, 137, batchv1.PodFailurePolicyActionIgnore},
		"a cell failed the runner":      {fetched("a"), 1, batchv1.PodFailurePolicyActionFailJob},
		"no python3":                    {fetched("a"), 127, batchv1.PodFailurePolicyActionFailJob},
		"out of memory":                 {fetched("a"), 137, batchv1.PodFailurePolicyActionFailJob},
		"the Git server did not answer": {pod("a"), 75, again},
		"asked to stop by the node":     {fetched("a"), 143, again},
	} {
		t.Run(name, func(t *testing.T) {
			p := test.pod.Init("ended", builders.Ended(test.code, "Error", "", 0)).Obj()
			assert.Equal(t, test.want, matchPolicy(t, job.Spec.PodFailurePolicy, p))
		})
	}
}

func matchPolicy(t *testing.T, policy *batchv1.PodFailurePolicy, p *corev1.Pod) batchv1.PodFailurePolicyAction {
	t.Helper()
	for _, rule := range policy.Rules {
		if rule.OnExitCodes != nil {
			require.Equal(t, batchv1.PodFailurePolicyOnExitCodesOpNotIn, rule.OnExitCodes.Operator)
			require.Nil(t, rule.OnExitCodes.ContainerName, "whichever container it was")
			if exitsNotIn(p, rule.OnExitCodes.Values) {
				return rule.Action
			}
		}
		for _, pattern := range rule.OnPodConditions {
			for _, c := range p.Status.Conditions {
				if c.Type == pattern.Type && c.Status == pattern.Status {
					return rule.Action
				}
			}
		}
	}
	return ""
}

func exitsNotIn(p *corev1.Pod, values []int32) bool {
	for _, c := range p.Status.InitContainerStatuses {
		if c.State.Terminated == nil || c.State.Terminated.ExitCode == 0 {
			continue
		}
		found := false
		for _, value := range values {
			found = found || value == c.State.Terminated.ExitCode
		}
		if !found {
			return true
		}
	}
	return false
}

// conditionReason is what the API server accepts as the reason of a condition.
var conditionReason = regexp.MustCompile(`^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$`)

// FuzzReadFetch holds that whatever the fetch container leaves, the run has failed for a reason that the API server takes.
func FuzzReadFetch(f *testing.F) {
	for _, seed := range []string{
		"", "text", "{}", "null", "[]", `{"reason":"RefNotFound","message":"m"}`, `{"reason":"RefNotFound","reason":""}`, `{"reason":"no such ref"}`,
		`{"reason":7}`, `{"reason":"A","message":null}`, "{\"reason\":\"\xff\"}", `{"reason":"Ref\nNotFound"}`, `{"REASON":"a_"}`,
	} {
		f.Add(seed, int32(1))
	}
	f.Fuzz(func(t *testing.T, message string, code int32) {
		if code == 0 {
			return // a container that ended well
		}
		got := read(run.ContainerFetch, builders.Ended(code, "Error", message, 0))
		require.Equal(t, run.Failed, got.State)
		require.Regexp(t, conditionReason, got.Reason)
		require.LessOrEqual(t, len(got.Reason), 1024)
		_, err := json.Marshal(got.Message)
		require.NoError(t, err)
	})
}

// FuzzReadExecute holds that no termination message of the user's image is taken for a pass, nor ends the operator.
func FuzzReadExecute(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"cell":1,"id":"a","done":1,"total":2,"seconds":1}`, `{"cell":1e999}`, `{"done":-1}`, "\x00\xff"} {
		f.Add(seed, int32(137), "OOMKilled")
	}
	f.Fuzz(func(t *testing.T, message string, code int32, reason string) {
		if code == 0 {
			return
		}
		got := read(run.ContainerExecute, builders.Ended(code, reason, message, 0))
		require.Equal(t, run.Failed, got.State)
		require.Regexp(t, conditionReason, got.Reason)
		require.NotEmpty(t, got.Message)
	})
}
