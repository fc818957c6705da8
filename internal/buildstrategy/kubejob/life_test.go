package kubejob_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/kubejob"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

const (
	down   = "The built image cannot be pushed, because the registry cannot be reached or is in trouble."
	denied = "The built image cannot be pushed, because the registry refuses the credentials or has none. Check the name of the image and the push secret."
	policy = batchv1.JobReasonPodFailurePolicy
	late   = batchv1.JobReasonDeadlineExceeded
)

// said is what a container that failed leaves.
func said(code int32, reason buildstrategy.Reason, message string) corev1.ContainerState {
	return builders.Ended(code, "Error", result(buildstrategy.Result{Reason: reason, Message: message}), time.Minute)
}

// fetched is a pod whose fetch ended well.
func fetched(name string) *builders.PodBuilder {
	return builders.MakePod(name, "team").Init("fetch", builders.Ended(0, "Completed", result(buildstrategy.Result{Commit: commit}), 0))
}

// pushedTo is an attempt that came as far as the push.
func pushedTo(name string, after time.Duration, code int32, message string) *builders.PodBuilder {
	return fetched(name).Created(after).Main("build", said(code, buildstrategy.PushFailed, message)).Phase(corev1.PodFailed)
}

// takenAway is a pod that the cluster disrupts.
func takenAway(p *builders.PodBuilder, reason, message string) *builders.PodBuilder {
	return p.Condition(corev1.DisruptionTarget, corev1.ConditionTrue, reason, message, time.Minute)
}

// lifeCase is a moment in a build's life; ended is the reason for which the Job has failed, empty for one that goes on.
type lifeCase struct {
	ended   string
	pods    []*builders.PodBuilder
	refused string
	phase   buildstrategy.Phase
	reason  buildstrategy.Reason
	cancel  bool
	// temporary is what the Job does not try again by itself, though it may pass.
	temporary bool
	says      []string
}

func (c lifeCase) check(t *testing.T) {
	t.Helper()
	child := job(t)
	if c.ended != "" {
		child.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobFailed, Status: corev1.ConditionTrue, Reason: c.ended, Message: "the Job says so"}}
	}
	seen := buildstrategy.Seen{Child: child, Refused: c.refused}
	for _, p := range c.pods {
		seen.Pods = append(seen.Pods, *p.Obj())
	}
	got := kubejob.Strategy{}.Outcome(seen)
	assert.Equal(t, c.phase, got.Phase, got.Message)
	assert.Equal(t, c.reason, got.Reason)
	assert.Equal(t, c.cancel, got.Cancel)
	assert.Equal(t, c.temporary, got.Temporary, "most of what may pass a Job tries again by itself")
	assert.Empty(t, got.Image)
	for _, text := range c.says {
		assert.Contains(t, got.Message, text)
	}
}

func list(pods ...*builders.PodBuilder) []*builders.PodBuilder { return pods }

func TestTroubleThatPassesIsTriedAgainAndSaysWhichAttemptItIs(t *testing.T) {
	running := buildstrategy.Running
	for name, test := range map[string]lifeCase{
		"the registry is down": {
			pods:  list(pushedTo("a", 0, 75, down)),
			phase: running, says: []string{"in attempt 1 of 3, and is tried again after a pause. " + down},
		},
		"the second attempt is under way": {
			pods:  list(pushedTo("a", 0, 75, down+"\nthe log"), fetched("b").Created(time.Hour).Main("build", builders.Running())),
			phase: running, says: []string{"Building the image. This is attempt 2 of 3. The one before ended without an image: " + down},
		},
		"it is still down": {
			pods:  list(pushedTo("a", 0, 75, down), pushedTo("b", time.Hour, 75, down)),
			phase: running, says: []string{"in attempt 2 of 3, and is tried again"},
		},
		"that was the last attempt": {
			pods:  list(pushedTo("a", 0, 75, down), pushedTo("b", time.Hour, 75, down), pushedTo("c", 2*time.Hour, 75, down)),
			phase: running, says: []string{"The build ended without an image. " + down},
		},
		"the attempts are used up": {
			ended: batchv1.JobReasonBackoffLimitExceeded,
			pods:  list(pushedTo("a", 0, 75, "first"), pushedTo("b", time.Hour, 75, "second"), pushedTo("c", 2*time.Hour, 75, down)),
			phase: buildstrategy.Failed, reason: buildstrategy.PushFailed, says: []string{"The build was tried 3 times. The last time: " + down},
		},
		"a pod that somebody deleted": {
			pods:  list(fetched("a").Main("build", said(143, buildstrategy.BuildFailed, "The build was stopped.")).Phase(corev1.PodFailed)),
			phase: running, says: []string{"attempt 1 of 3, and is tried again"},
		},
		"a pod that is being deleted": {
			pods:  list(fetched("a").Main("build", builders.Running()).Deleting()),
			phase: running, says: []string{"being deleted"},
		},
		"a Git server that is down": {
			pods:  list(builders.MakePod("a", "team").Init("fetch", said(75, "SourceUnreachable", "The Git server does not answer.")).Phase(corev1.PodFailed)),
			phase: running, says: []string{"attempt 1 of 3, and is tried again", "The Git server does not answer."},
		},
	} {
		t.Run(name, test.check)
	}
}

func TestTroubleThatStaysIsNotTriedAgain(t *testing.T) {
	failed := buildstrategy.Failed
	for name, test := range map[string]lifeCase{
		"the push is denied": {
			ended: policy, pods: list(pushedTo("a", 0, 65, denied)),
			phase: failed, reason: buildstrategy.PushFailed, says: []string{"Check the name of the image and the push secret"},
		},
		"the push is denied, and the Job is about to fail": {
			pods: list(pushedTo("a", 0, 65, denied)), phase: buildstrategy.Running, says: []string{"The build ended without an image. " + denied},
		},
		"a build out of memory": {
			ended: policy, pods: list(fetched("a").Main("build", builders.Ended(137, "OOMKilled", "", 0)).Phase(corev1.PodFailed)),
			phase: failed, reason: buildstrategy.OutOfMemory, says: []string{"container build", "Raise the build's memory limit."},
		},
		"a step of a build out of memory": {
			ended: policy, pods: list(fetched("a").Main("build", builders.Ended(65, "OOMKilled", result(buildstrategy.Result{Reason: buildstrategy.BuildFailed, Message: "at RUN make: cc1plus was killed"}), 0)).Phase(corev1.PodFailed)),
			phase: failed, reason: buildstrategy.OutOfMemory, says: []string{"Raise the build's memory limit.", "at RUN make: cc1plus was killed"},
		},
		"a fetch out of memory": {
			ended: policy, pods: list(builders.MakePod("a", "team").Init("fetch", builders.Ended(137, "OOMKilled", "", 0)).Phase(corev1.PodFailed)),
			phase: failed, reason: buildstrategy.OutOfMemory, says: []string{"container fetch"},
		},
		"a fetch that outlived a kill, so that the node starts no build": {
			pods:  list(builders.MakePod("a", "team").Init("fetch", builders.Ended(0, "OOMKilled", "", 0)).Main("build", builders.Waiting("PodInitializing", ""))),
			phase: failed, reason: buildstrategy.OutOfMemory, cancel: true, says: []string{"container fetch"},
		},
		"the same, seen only at the deadline": {
			ended: late, pods: list(builders.MakePod("a", "team").Init("fetch", builders.Ended(0, "OOMKilled", "", 0)).Main("build", builders.Waiting("PodInitializing", ""))),
			phase: failed, reason: buildstrategy.OutOfMemory, says: []string{"container fetch"},
		},
		"a fetch that outlived a kill, on a node that starts the build all the same": {
			pods:  list(builders.MakePod("a", "team").Init("fetch", builders.Ended(0, "OOMKilled", "", 0)).Main("build", builders.Running())),
			phase: buildstrategy.Running, says: []string{"Building the image."},
		},
		"put out for what it used itself": {
			ended: policy, pods: list(fetched("a").Main("build", builders.Ended(137, "Error", "", 0)).Phase(corev1.PodFailed, "Evicted", "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi.")),
			phase: failed, reason: buildstrategy.BuildEvicted, says: []string{"Give the build the storage and memory", "exceeds the total limit"},
		},
		"out of memory at the deadline": {
			ended: late, pods: list(fetched("a").Main("build", builders.Ended(143, "OOMKilled", "", 0)).Phase(corev1.PodFailed)),
			phase: failed, reason: buildstrategy.OutOfMemory, says: []string{"container build"},
		},
		"the deadline": {ended: late, phase: failed, reason: buildstrategy.BuildTimeout, says: []string{"Raise podConfig.buildConfig.timeout"}},
	} {
		t.Run(name, test.check)
	}
}

func TestAPodThatTheClusterTakesAwayIsTriedAgainWithoutBeingCounted(t *testing.T) {
	gone := takenAway(fetched("a").Main("build", builders.Ended(137, "Error", "", 0)).Phase(corev1.PodFailed, "Evicted", "The node was low on resource: memory."),
		"TerminationByKubelet", "The node was low on resource: memory.")
	for name, test := range map[string]lifeCase{
		"evicted by a node in trouble": {
			pods: list(gone), phase: buildstrategy.Running,
			says: []string{"TerminationByKubelet: The node was low on resource: memory.", "the build is tried again"},
		},
		"tried again": {
			pods: list(gone, fetched("b").Created(time.Hour).Main("build", builders.Running())), phase: buildstrategy.Running,
			says: []string{"Building the image. It is done again, because the cluster took the pod before away: TerminationByKubelet"},
		},
		"on a node that is lost, and does not say that the pod ended": {
			pods:  list(takenAway(fetched("a").Main("build", builders.Running()).Deleting(), "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint")),
			phase: buildstrategy.Running, says: []string{"its node is drained, lost or in trouble (DeletionByTaintManager", "as soon as the cluster knows that the pod is gone"},
		},
		"removed together with its node": {
			pods:  list(takenAway(fetched("a").Main("build", builders.Running()).Phase(corev1.PodFailed), "DeletionByPodGC", "PodGC: node no longer exists")),
			phase: buildstrategy.Running, says: []string{"PodGC: node no longer exists", "tried again"},
		},
		"and then it failed for good": {
			ended: policy, pods: list(gone, pushedTo("b", time.Hour, 65, denied)),
			phase: buildstrategy.Failed, reason: buildstrategy.PushFailed, says: []string{denied},
		},
		"and the attempt after it is the first that counts": {
			pods: list(gone, pushedTo("b", time.Hour, 75, down)), phase: buildstrategy.Running, says: []string{"attempt 1 of 3"},
		},
	} {
		t.Run(name, test.check)
	}
}

func TestABuildThatItsNodeKilledIsBegunAnew(t *testing.T) {
	const asked = "container build was killed by the node before it ended"
	killed := func(code int32, reason, message string) []*builders.PodBuilder {
		return list(fetched("a").Main("build", builders.Ended(code, reason, message, 0)).Phase(corev1.PodFailed))
	}
	stopped := func(name string, after time.Duration) *builders.PodBuilder {
		return fetched(name).Created(after).Main("build", builders.Ended(143, "Error", "", 0)).Phase(corev1.PodFailed)
	}
	for name, test := range map[string]lifeCase{
		"the node restarted, and the runtime did not see its end": {ended: policy, pods: killed(255, "Unknown", ""), says: []string{asked}},
		"the kubelet restarted, and did not find it": {
			ended: policy, pods: killed(137, "ContainerStatusUnknown", "The container could not be located"), says: []string{asked, "The container could not be located"},
		},
		"the node lacked memory":                  {ended: policy, pods: killed(137, "Error", ""), says: []string{asked}},
		"it was killed while it wrote its result": {ended: policy, pods: killed(137, "Error", `{"version":`), says: []string{asked}},
		"it was stopped again and again without a word": {
			ended: batchv1.JobReasonBackoffLimitExceeded, pods: list(stopped("a", 0), stopped("b", time.Hour), stopped("c", 2*time.Hour)),
			says: []string{"The build was tried 3 times. The last time: The build's " + asked},
		},
		"its fetch was killed": {
			ended: policy, pods: list(builders.MakePod("a", "team").Init("fetch", builders.Ended(255, "Unknown", "", 0)).Phase(corev1.PodFailed)),
			says: []string{"container fetch was killed by the node"},
		},
	} {
		test.phase, test.reason, test.temporary = buildstrategy.Failed, buildstrategy.BuilderFailed, true
		t.Run(name, test.check)
	}
	for name, test := range map[string]lifeCase{
		"the Job is about to fail":         {pods: killed(137, "Error", ""), says: []string{"The build ended without an image. The build's " + asked}},
		"the Job tries it again by itself": {pods: list(stopped("a", 0)), says: []string{"in attempt 1 of 3, and is tried again after a pause. The build's " + asked}},
	} {
		test.phase = buildstrategy.Running
		t.Run(name, test.check)
	}
}

func TestAPodThatItsNodeDoesNotTakeSaysWhy(t *testing.T) {
	const (
		used     = batchv1.JobReasonBackoffLimitExceeded
		sentence = "The node did not let the build's pod run. "
		cpu      = "The node says: OutOfcpu: Node didn't have enough resource: cpu"
	)
	refused := func(name string, after time.Duration, reason, message string) *builders.PodBuilder {
		return builders.MakePod(name, "team").Created(after).Phase(corev1.PodFailed, reason, message)
	}
	outOfCPU := func(name string, after time.Duration) *builders.PodBuilder {
		return refused(name, after, "OutOfcpu", "Node didn't have enough resource: cpu")
	}
	failed, broken := buildstrategy.Failed, buildstrategy.BuilderFailed
	for name, test := range map[string]lifeCase{
		"the Job tries it again": {
			pods: list(outOfCPU("a", 0)), phase: buildstrategy.Running,
			says: []string{"in attempt 1 of 3, and is tried again after a pause. " + sentence, cpu},
		},
		"the next pod runs": {
			pods: list(outOfCPU("a", 0), fetched("b").Created(time.Hour).Main("build", builders.Running())), phase: buildstrategy.Running,
			says: []string{"Building the image. This is attempt 2 of 3.", cpu},
		},
		"that was the last attempt": {
			pods: list(outOfCPU("a", 0), outOfCPU("b", time.Minute), outOfCPU("c", time.Hour)), phase: buildstrategy.Running,
			says: []string{"The build ended without an image. " + sentence, cpu},
		},
		"the attempts are used up": {
			ended: used, pods: list(outOfCPU("a", 0), outOfCPU("b", time.Minute), outOfCPU("c", time.Hour)),
			phase: failed, reason: broken, temporary: true, says: []string{"tried 3 times. The last time: " + sentence, "lower the build's resources", cpu},
		},
		"want of memory": {
			ended: used, pods: list(refused("a", 0, "OutOfmemory", "Node didn't have enough resource: memory")),
			phase: failed, reason: broken, temporary: true, says: []string{"OutOfmemory: Node didn't have enough resource: memory"},
		},
		"a device that is not there": {
			ended: used, pods: list(refused("a", 0, "UnexpectedAdmissionError", "Allocate failed due to no healthy devices")),
			phase: failed, reason: broken, temporary: true, says: []string{"UnexpectedAdmissionError: Allocate failed due to no healthy devices"},
		},
		"a node of another kind": {
			ended: used, pods: list(refused("a", 0, "NodeAffinity", "Predicate NodeAffinity failed").Main("build", builders.Waiting("ContainerCreating", ""))),
			phase: failed, reason: broken, temporary: true, says: []string{"NodeAffinity: Predicate NodeAffinity failed"},
		},
		"the deadline": {
			ended: late, pods: list(outOfCPU("a", 0)),
			phase: failed, reason: buildstrategy.BuildTimeout, says: []string{"timeout of 15m0s", sentence, cpu},
		},
		"a container that failed says more": {
			ended: policy, pods: list(fetched("a").Main("build", said(65, buildstrategy.PushFailed, denied)).Phase(corev1.PodFailed, "NodeAffinity", "Predicate NodeAffinity failed")),
			phase: failed, reason: buildstrategy.PushFailed, says: []string{denied},
		},
	} {
		t.Run(name, test.check)
	}
}

func TestAPodThatCannotBeginSaysWhy(t *testing.T) {
	const (
		quota    = `Error creating: pods "x" is forbidden: exceeded quota: q, requested: memory=2Gi`
		security = `Error creating: pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsUser=0`
	)
	pull := builders.Waiting("ImagePullBackOff", "Back-off pulling image")
	failed := buildstrategy.Failed
	for name, test := range map[string]lifeCase{
		"the builder's image does not come": {
			pods: list(fetched("a").Main("build", pull)), phase: buildstrategy.Running, reason: buildstrategy.BuilderImagePullFailed,
			says: []string{"container build cannot be pulled", "ImagePullBackOff: Back-off pulling image", "Check the operator's configuration of its images"},
		},
		"the operator's image does not come until the deadline": {
			ended: late, pods: list(builders.MakePod("a", "team").Init("fetch", pull)),
			phase: failed, reason: buildstrategy.BuilderImagePullFailed, says: []string{"container fetch cannot be pulled"},
		},
		"a quota is used up":                    {refused: quota, phase: buildstrategy.Running, reason: buildstrategy.BuilderWaiting, says: []string{"waits for the namespace's quota", "exceeded quota: q"}},
		"a quota is used up until the deadline": {ended: late, refused: quota, phase: failed, reason: buildstrategy.BuilderWaiting, says: []string{"not let in within the build's timeout of 15m0s", "raise the quota"}},
		"Pod Security does not let it in":       {refused: security, phase: failed, reason: buildstrategy.BuilderForbidden, cancel: true, says: []string{"pod-security.kubernetes.io/enforce=baseline"}},
		"Pod Security, seen at the deadline":    {ended: late, refused: security, phase: failed, reason: buildstrategy.BuilderForbidden, says: []string{"pod-security.kubernetes.io/enforce=baseline"}},
		"no node takes it until the deadline": {
			ended: late, pods: list(builders.MakePod("a", "team").Condition(corev1.PodScheduled, corev1.ConditionFalse, "Unschedulable", "0/3 nodes are available", 0)),
			phase: failed, reason: buildstrategy.BuildTimeout, says: []string{"Unschedulable: 0/3 nodes are available"},
		},
		"the builder's image is being pulled": {
			pods: list(fetched("a").Main("build", builders.Waiting("PodInitializing", ""))), phase: buildstrategy.Running, says: []string{"the builder is being started"},
		},
	} {
		t.Run(name, test.check)
	}
}

func TestAQuotaThatOnceHeldAPodBackIsNotBlamedForASlowBuild(t *testing.T) {
	child := job(t)
	child.Status.Failed = 1 // a Job deletes the pods that run at its deadline, and counts them
	child.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobFailed, Status: corev1.ConditionTrue, Reason: late}}
	got := kubejob.Strategy{}.Outcome(buildstrategy.Seen{Child: child, Refused: "exceeded quota: q"})
	assert.Equal(t, buildstrategy.BuildTimeout, got.Reason)
	assert.NotContains(t, got.Message, "quota")
}
