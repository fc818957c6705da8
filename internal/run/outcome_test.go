package run_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/run"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

func runJob() *builders.RunJobBuilder { return builders.MakeRunJob("iris-run-1", "team") }

func pod(name string) *builders.PodBuilder { return builders.MakePod(name, "team") }

// fetched is a pod whose fetch container ended well, half a minute after Epoch.
func fetched(name string) *builders.PodBuilder {
	return pod(name).Init(run.ContainerFetch, builders.Ended(0, "Completed", "", 30*time.Second))
}

const (
	forbidden = `Error creating: pods "iris-run-1-x" is forbidden: violates PodSecurity "restricted:latest"`
	quota     = `Error creating: pods "iris-run-1-x" is forbidden: exceeded quota: small, requested: memory=2Gi`
)

// outcomeCase is what Read says of a Job, its pods, and the last refusal.
type outcomeCase struct {
	job      *builders.RunJobBuilder
	pods     []*builders.PodBuilder
	refused  string
	state    run.State
	reason   string
	says     string
	deadline time.Duration
	pod      string
}

func (c outcomeCase) check(t *testing.T) {
	t.Helper()
	var pods []corev1.Pod
	for _, p := range c.pods {
		pods = append(pods, *p.Obj())
	}
	got := run.Read(c.job.Obj(), pods, c.refused)
	assert.Equal(t, c.state, got.State, got.Message)
	assert.Equal(t, c.reason, got.Reason)
	assert.Contains(t, got.Message, c.says)
	if c.deadline == 0 {
		assert.Zero(t, got.Deadline)
	} else {
		assert.Equal(t, builders.Epoch.Add(c.deadline), got.Deadline.UTC())
	}
	if c.pod == "" {
		assert.Nil(t, got.Pod)
	} else if assert.NotNil(t, got.Pod) {
		assert.Equal(t, c.pod, got.Pod.Name)
	}
}

func TestReadOfARunThatIsUnderWay(t *testing.T) {
	scheduled := func(status corev1.ConditionStatus, reason, message string) *builders.PodBuilder {
		return pod("a").Condition(corev1.PodScheduled, status, reason, message, 0)
	}
	for name, test := range map[string]outcomeCase{
		"no pod yet":         {job: runJob(), state: run.Pending, says: "Waiting for the pod"},
		"a pod on no node":   {job: runJob(), pods: list(pod("a")), state: run.Pending, says: "is starting"},
		"the image is there": {job: runJob(), pods: list(scheduled(corev1.ConditionTrue, "", "")), state: run.Pending, says: "is starting"},
		"no node takes it, which may change": {
			job: runJob(), pods: list(scheduled(corev1.ConditionFalse, "Unschedulable", "0/3 nodes have a GPU")),
			state: run.Pending, says: "Unschedulable: 0/3 nodes have a GPU. Check podConfig.resources",
		},
		"outlived one of its processes that was killed, so that the node starts no report": {
			job: runJob(), pods: list(fetched("a").Init(run.ContainerExecute, builders.Ended(0, "OOMKilled", `{"cell":2,"done":1,"total":4}`, time.Minute)).
				Main(run.ContainerReport, builders.Waiting("PodInitializing", ""))),
			state: run.Pending, reason: v1alpha1.ReasonOutOfMemory, says: "for lack of memory in cell 2", deadline: 70 * time.Second,
		},
		"killed for lack of memory, on a node that starts the report all the same": {
			job: runJob(), pods: list(fetched("a").Init(run.ContainerExecute, builders.Ended(0, "OOMKilled", "", time.Minute)).
				Main(run.ContainerReport, builders.Running())),
			state: run.Running, says: "pod a",
		},
		"the fetch outlived a kill, so that the node starts nothing more": {
			job: runJob(), pods: list(pod("a").Init(run.ContainerFetch, builders.Ended(0, "OOMKilled", `{"version":1,"commit":"c"}`, time.Minute)).
				Init(run.ContainerExecute, builders.Waiting("PodInitializing", ""))),
			state: run.Pending, reason: v1alpha1.ReasonSourceUnavailable, says: "exit code 0 (OOMKilled)", deadline: 70 * time.Second,
		},
		"fetching": {
			job: runJob(), pods: list(pod("a").Init(run.ContainerFetch, builders.Running()).Init(run.ContainerExecute, builders.Waiting("PodInitializing", ""))),
			state: run.Pending, says: "fetching the commit",
		},
		"pulling the image": {
			job: runJob(), pods: list(fetched("a").Init(run.ContainerExecute, builders.Waiting("PodInitializing", ""))),
			state: run.Pending, says: "pulling the image",
		},
		"the notebook runs": {
			job: runJob(), pods: list(fetched("a").Init(run.ContainerExecute, builders.Running())),
			state: run.Running, says: "executed in pod a",
		},
		"the report is being made": {
			job: runJob(), pods: list(fetched("a").Init(run.ContainerExecute, builders.Ended(0, "Completed", "", time.Minute)).Main(run.ContainerReport, builders.Running())),
			state: run.Running, says: "executed in pod a",
		},
		"the second pod counts once the first was taken away": {
			job: runJob(), pods: list(fetched("a").Init(run.ContainerExecute, builders.Ended(137, "", "", time.Minute)).Phase(corev1.PodFailed), pod("b").Created(2*time.Minute)),
			state: run.Pending, says: "is starting",
		},
	} {
		t.Run(name, test.check)
	}
}

func TestReadOfAStuckPodSaysWhenItCountsAsAFailure(t *testing.T) {
	pull := builders.Waiting("ImagePullBackOff", "manifest unknown")
	for name, test := range map[string]outcomeCase{
		"the operator's image": {
			job: runJob(), pods: list(pod("a").Init(run.ContainerFetch, pull)),
			state: run.Pending, reason: v1alpha1.ReasonImagePullFailed, deadline: 2 * time.Minute, says: "The image of container fetch cannot be pulled: ImagePullBackOff: manifest unknown",
		},
		"the notebook's image, counted from the end of the fetch": {
			job: runJob(), pods: list(fetched("a").Init(run.ContainerExecute, pull)),
			state: run.Pending, reason: v1alpha1.ReasonImagePullFailed, deadline: 2*time.Minute + 30*time.Second, says: "podConfig.imagePullSecrets",
		},
		"a pod that long waited for a node, counted from when it got one": {
			job: runJob(), pods: list(pod("a").Condition(corev1.PodScheduled, corev1.ConditionTrue, "", "", time.Hour).Init(run.ContainerFetch, pull)),
			state: run.Pending, reason: v1alpha1.ReasonImagePullFailed, deadline: time.Hour + 2*time.Minute, says: "cannot be pulled",
		},
		"a Secret that is not there": {
			job: runJob(), pods: list(fetched("a").Init(run.ContainerExecute, builders.Waiting("CreateContainerConfigError", `secret "database" not found`))),
			state: run.Pending, reason: v1alpha1.ReasonPodConfigInvalid, deadline: 2*time.Minute + 30*time.Second, says: `secret "database" not found. Correct what podConfig names`,
		},
		"a container that the node cannot make": {
			job: runJob(), pods: list(fetched("a").Init(run.ContainerExecute, builders.Waiting("CreateContainerError", "no such device"))),
			state: run.Pending, reason: v1alpha1.ReasonPodConfigInvalid, deadline: 2*time.Minute + 30*time.Second, says: "no such device",
		},
		"a stuck pod that is being deleted is not": {
			job: runJob(), pods: list(pod("a").Deleting().Init(run.ContainerFetch, pull)),
			state: run.Pending, says: "is starting",
		},
	} {
		t.Run(name, test.check)
	}
}

func TestReadOfAPodThatTheClusterRefuses(t *testing.T) {
	for name, test := range map[string]outcomeCase{
		"by the Pod Security Standard":        {job: runJob(), refused: forbidden, state: run.Failed, reason: v1alpha1.ReasonPodRejected, says: "Correct podConfig"},
		"by the security context constraints": {job: runJob(), refused: "unable to validate against any security context constraint: []", state: run.Failed, reason: v1alpha1.ReasonPodRejected, says: "security context"},
		"by a webhook":                        {job: runJob(), refused: `admission webhook "policy" denied the request: no GPU`, state: run.Failed, reason: v1alpha1.ReasonPodRejected, says: "no GPU"},
		"as invalid":                          {job: runJob(), refused: `Pod "a" is invalid: spec.containers[0].image`, state: run.Failed, reason: v1alpha1.ReasonPodRejected, says: "is invalid"},
		"by a quota, which may be raised":     {job: runJob(), refused: quota, state: run.Pending, says: "refuses the pod of the run for now: " + quota},
		"for a service account that a new namespace does not have yet": {
			job: runJob(), refused: `Error creating: pods "a-" is forbidden: error looking up service account team/default: serviceaccount "default" not found`,
			state: run.Pending, reason: v1alpha1.ReasonPodConfigInvalid, deadline: 2 * time.Minute, says: "podConfig.serviceAccountName",
		},
		"by a server in trouble":                       {job: runJob(), refused: "Internal error occurred", state: run.Pending, says: "for now: Internal error"},
		"but took one later":                           {job: runJob(), refused: forbidden, pods: list(fetched("a").Init(run.ContainerExecute, builders.Running())), state: run.Running, says: "executed in pod a"},
		"until the deadline":                           {job: runJob().Failed(batchv1.JobReasonDeadlineExceeded).NeverStarted(), refused: quota, state: run.Failed, reason: v1alpha1.ReasonPodRejected, says: "until the deadline: " + quota},
		"at first, and the notebook then ran too long": {job: runJob().Failed(batchv1.JobReasonDeadlineExceeded), refused: quota, state: run.Failed, reason: v1alpha1.ReasonTimeout, says: "Raise spec.timeout"},
		"at first, and the pod is still to be seen": {
			job: runJob().Failed(batchv1.JobReasonDeadlineExceeded).NeverStarted(), refused: quota, pods: list(fetched("a").Init(run.ContainerExecute, builders.Running())),
			state: run.Failed, reason: v1alpha1.ReasonTimeout, says: "Raise spec.timeout",
		},
	} {
		t.Run(name, test.check)
	}
}

func TestReadOfAFinishedRun(t *testing.T) {
	for name, test := range map[string]outcomeCase{
		"its pod holds the report": {job: runJob().Complete(), pods: list(pod("a").Phase(corev1.PodSucceeded)), state: run.Finished, pod: "a"},
		"not the pod that was evicted, though it is newer": {
			job: runJob().Complete(), pods: list(pod("a").Phase(corev1.PodSucceeded), pod("b").Created(time.Minute).Phase(corev1.PodFailed)),
			state: run.Finished, pod: "a",
		},
		"its pod was removed":        {job: runJob().Complete(), state: run.Failed, reason: v1alpha1.ReasonReportInvalid, says: "removed before its report was read"},
		"no pod of it has succeeded": {job: runJob().Complete(), pods: list(pod("a").Phase(corev1.PodFailed)), state: run.Failed, reason: v1alpha1.ReasonReportInvalid, says: "spec.rerun"},
	} {
		t.Run(name, test.check)
	}
}

func TestReadOfAFailedRun(t *testing.T) {
	backoff := batchv1.JobReasonBackoffLimitExceeded
	for name, test := range map[string]outcomeCase{
		"its pod is gone": {job: runJob().Failed(backoff), state: run.Failed, reason: v1alpha1.ReasonRunFailed, says: "its pod is gone"},
		"taken away too often": {
			job: runJob().Failed(backoff), pods: list(pod("a").Phase(corev1.PodFailed).Condition(corev1.DisruptionTarget, corev1.ConditionTrue, "EvictionByEvictionAPI", "drained", 0)),
			state: run.Failed, reason: v1alpha1.ReasonRunFailed, says: "took the pod of the run away too often: EvictionByEvictionAPI: drained",
		},
		"a pod that says only itself why": {
			job: runJob().Failed(backoff), pods: list(pod("a").Phase(corev1.PodFailed, "UnexpectedAdmissionError", "no GPU left")),
			state: run.Failed, reason: v1alpha1.ReasonRunFailed, says: "UnexpectedAdmissionError no GPU left",
		},
		"the report container failed": {
			job: runJob().Failed(backoff), pods: list(fetched("a").Init(run.ContainerExecute, builders.Ended(0, "Completed", "", 0)).Main(run.ContainerReport, builders.Ended(2, "Error", "disk full", 0))),
			state: run.Failed, reason: v1alpha1.ReasonRunFailed, says: "Container report of pod a ended with exit code 2 (Error) disk full",
		},
		"the deadline, while the notebook ran": {
			job: runJob().Failed(batchv1.JobReasonDeadlineExceeded), pods: list(fetched("a").Init(run.ContainerExecute, builders.Running())),
			state: run.Failed, reason: v1alpha1.ReasonTimeout, says: "Raise spec.timeout",
		},
		"the deadline, and the pod never started": {
			job: runJob().Failed(batchv1.JobReasonDeadlineExceeded), pods: list(pod("a").Condition(corev1.PodScheduled, corev1.ConditionFalse, "Unschedulable", "no GPU", 0)),
			state: run.Failed, reason: v1alpha1.ReasonTimeout, says: "did not start before the deadline. No node takes the pod of the run yet: Unschedulable: no GPU",
		},
		"the deadline, and nobody knows what the pod waited for": {
			job: runJob().Failed(batchv1.JobReasonDeadlineExceeded), pods: list(pod("a")),
			state: run.Failed, reason: v1alpha1.ReasonTimeout, says: "did not start before the deadline.",
		},
		"the deadline, and the pod is gone": {
			job:   runJob().Failed(batchv1.JobReasonDeadlineExceeded),
			state: run.Failed, reason: v1alpha1.ReasonTimeout, says: "Raise spec.timeout",
		},
	} {
		t.Run(name, test.check)
	}
}

func TestEnded(t *testing.T) {
	assert.False(t, run.Ended(runJob().Obj()))
	assert.True(t, run.Ended(runJob().Complete().Obj()))
	assert.True(t, run.Ended(runJob().Failed(batchv1.JobReasonBackoffLimitExceeded).Obj()))
	notYet := runJob().Complete().Obj()
	notYet.Status.Conditions[0].Status = corev1.ConditionFalse
	assert.False(t, run.Ended(notYet))
}

func list(pods ...*builders.PodBuilder) []*builders.PodBuilder { return pods }
