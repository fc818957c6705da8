package kubejob_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/kubejob"
)

var digest = "sha256:" + strings.Repeat("a", 64)

const repository = "registry.example.com/team/iris"

// pod builds a pod of the Job, the newer the larger its age in n.
func pod(n int, phase corev1.PodPhase, edit ...func(*corev1.PodStatus)) corev1.Pod {
	p := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", CreationTimestamp: metav1.NewTime(time.Unix(int64(n), 0))}}
	p.Status.Phase = phase
	for _, e := range edit {
		e(&p.Status)
	}
	return p
}

type edit = func(*corev1.PodStatus)

func state(container string, s corev1.ContainerState) edit {
	status := corev1.ContainerStatus{Name: container, Image: "registry.example.com/x:1", State: s}
	return func(p *corev1.PodStatus) {
		if container == "fetch" {
			p.InitContainerStatuses = append(p.InitContainerStatuses, status)
			return
		}
		p.ContainerStatuses = append(p.ContainerStatuses, status)
	}
}

func ended(container string, code int32, reason, message string) edit {
	return state(container, corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Reason: reason, Message: message}})
}

func waits(container, reason, message string) edit {
	return state(container, corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}})
}

func runs(container string) edit {
	return state(container, corev1.ContainerState{Running: &corev1.ContainerStateRunning{}})
}

func result(r buildstrategy.Result) string { return string(r.Encode(buildstrategy.ResultLimit)) }

func built(image string) edit {
	return ended("build", 0, "Completed", result(buildstrategy.Result{Image: image}))
}

func disturbed(p *corev1.PodStatus) {
	p.Conditions = append(p.Conditions, corev1.PodCondition{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue})
}

func evicted(p *corev1.PodStatus) {
	p.Reason, p.Message = "Evicted", "Pod ephemeral local storage usage exceeds the total limit"
}

func unschedulable(p *corev1.PodStatus) {
	p.Conditions = append(p.Conditions, corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionFalse,
		Reason: "Unschedulable", Message: "0/1 nodes are available: 1 Insufficient memory."})
}

// outcomeOf gives the Job that condition, unless it is empty, and asks for its meaning.
func outcomeOf(t *testing.T, kind batchv1.JobConditionType, reason string, pods []corev1.Pod) buildstrategy.Outcome {
	t.Helper()
	j := job(t)
	if kind != "" {
		j.Status.Conditions = []batchv1.JobCondition{{Type: kind, Status: corev1.ConditionTrue, Reason: reason, Message: "the Job says so"}}
	}
	return kubejob.Strategy{}.Outcome(buildstrategy.Seen{Child: j, Pods: pods})
}

func TestACompleteJobIsASuccessOnlyWithTheDigestThatWasAskedFor(t *testing.T) {
	tests := map[string]struct {
		pods  []corev1.Pod
		image string
		says  string
	}{
		"the image with its digest":        {[]corev1.Pod{pod(1, corev1.PodSucceeded, built(repository+"@"+digest))}, repository + "@" + digest, ""},
		"after a failed attempt":           {[]corev1.Pod{pod(2, corev1.PodFailed, ended("build", 75, "Error", "")), pod(1, corev1.PodSucceeded, built(repository+"@"+digest))}, repository + "@" + digest, ""},
		"no pod":                           {nil, "", "pod is gone"},
		"only a failed pod":                {[]corev1.Pod{pod(1, corev1.PodFailed, built(repository+"@"+digest))}, "", "pod is gone"},
		"no container status":              {[]corev1.Pod{pod(1, corev1.PodSucceeded)}, "", "has no end"},
		"no result":                        {[]corev1.Pod{pod(1, corev1.PodSucceeded, ended("build", 0, "Completed", ""))}, "", "left no result"},
		"a result that is not JSON":        {[]corev1.Pod{pod(1, corev1.PodSucceeded, ended("build", 0, "Completed", "done!"))}, "", "not JSON"},
		"no image":                         {[]corev1.Pod{pod(1, corev1.PodSucceeded, built(""))}, "", "no image with a digest"},
		"a tag":                            {[]corev1.Pod{pod(1, corev1.PodSucceeded, built(repository+":build-1"))}, "", "no image with a digest"},
		"a short digest":                   {[]corev1.Pod{pod(1, corev1.PodSucceeded, built(repository+"@sha256:aaaa"))}, "", "no image with a digest"},
		"a digest of another algorithm":    {[]corev1.Pod{pod(1, corev1.PodSucceeded, built(repository+"@sha512:"+strings.Repeat("a", 128)))}, "", "no image with a digest"},
		"another repository":               {[]corev1.Pod{pod(1, corev1.PodSucceeded, built("registry.example.com/evil@"+digest))}, "", "was asked for"},
		"another registry":                 {[]corev1.Pod{pod(1, corev1.PodSucceeded, built("evil.example.com/team/iris@"+digest))}, "", "was asked for"},
		"a digest with something after it": {[]corev1.Pod{pod(1, corev1.PodSucceeded, built(repository+"@"+digest+"\nx"))}, "", "no image with a digest"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := outcomeOf(t, batchv1.JobComplete, "", test.pods)
			if test.says == "" {
				assert.Equal(t, buildstrategy.Succeeded, got.Phase)
				assert.Equal(t, test.image, got.Image)
				return
			}
			assert.Equal(t, buildstrategy.Failed, got.Phase)
			assert.Equal(t, buildstrategy.BuildResultInvalid, got.Reason)
			assert.Empty(t, got.Image)
			assert.Contains(t, got.Message, test.says)
		})
	}
}

func TestAFailedJobSaysWhy(t *testing.T) {
	failed := func(reason buildstrategy.Reason, message string) string {
		return result(buildstrategy.Result{Reason: reason, Message: message})
	}
	one := func(edits ...edit) []corev1.Pod { return []corev1.Pod{pod(1, corev1.PodFailed, edits...)} }
	fetched := ended("fetch", 0, "Completed", result(buildstrategy.Result{Commit: commit}))
	const late = batchv1.JobReasonDeadlineExceeded
	tests := map[string]struct {
		jobReason string
		pods      []corev1.Pod
		reason    buildstrategy.Reason
		says      string
	}{
		"a failed step":                          {"PodFailurePolicy", one(fetched, ended("build", 65, "Error", failed(buildstrategy.BuildFailed, "ERROR: No matching distribution"))), buildstrategy.BuildFailed, "ERROR: No matching distribution"},
		"a refused push":                         {"PodFailurePolicy", one(fetched, ended("build", 65, "Error", failed(buildstrategy.PushFailed, "denied"))), buildstrategy.PushFailed, "denied"},
		"a base image that does not come":        {"PodFailurePolicy", one(fetched, ended("build", 65, "Error", failed(buildstrategy.BaseImagePullFailed, "unknown"))), buildstrategy.BaseImagePullFailed, "unknown"},
		"the build's own timeout":                {"PodFailurePolicy", one(fetched, ended("build", 65, "Error", failed(buildstrategy.BuildTimeout, "too long"))), buildstrategy.BuildTimeout, "too long"},
		"a reason that no build has":             {"PodFailurePolicy", one(fetched, ended("build", 65, "Error", failed("Invented", "x"))), buildstrategy.BuilderFailed, "x"},
		"a fetch with a reason":                  {"PodFailurePolicy", one(ended("fetch", 65, "Error", failed("CredentialsRejected", "log in"))), "CredentialsRejected", "log in"},
		"a fetch with a reason that is none":     {"PodFailurePolicy", one(ended("fetch", 65, "Error", failed("not a reason", "x"))), buildstrategy.SourceUnavailable, "x"},
		"a fetch without a result":               {"PodFailurePolicy", one(ended("fetch", 2, "Error", "panic: \x1b[1mx")), buildstrategy.SourceUnavailable, "ended with code 2 (Error) and said: panic: x"},
		"a build without a result":               {"PodFailurePolicy", one(fetched, ended("build", 128, "StartError", "exec failed")), buildstrategy.BuilderFailed, "code 128 (StartError) and said: exec failed"},
		"a build that says nothing":              {"PodFailurePolicy", one(fetched, ended("build", 1, "Error", "")), buildstrategy.BuilderFailed, "said: nothing"},
		"a build out of memory":                  {"PodFailurePolicy", one(fetched, ended("build", 137, "OOMKilled", "")), buildstrategy.OutOfMemory, "Raise the build's memory limit"},
		"a fetch out of memory":                  {"PodFailurePolicy", one(ended("fetch", 137, "OOMKilled", "")), buildstrategy.OutOfMemory, "container fetch"},
		"an eviction that counts":                {"BackoffLimitExceeded", one(evicted), buildstrategy.BuildEvicted, "ephemeral local storage"},
		"the newest attempt counts":              {"BackoffLimitExceeded", []corev1.Pod{pod(1, corev1.PodFailed, ended("build", 75, "Error", failed(buildstrategy.PushFailed, "first"))), pod(2, corev1.PodFailed, ended("build", 75, "Error", failed(buildstrategy.PushFailed, "second")))}, buildstrategy.PushFailed, "second"},
		"a disturbed attempt does not":           {"PodFailurePolicy", []corev1.Pod{pod(2, corev1.PodFailed, disturbed, ended("build", 137, "Error", "")), pod(1, corev1.PodFailed, ended("build", 65, "Error", failed(buildstrategy.PushFailed, "denied")))}, buildstrategy.PushFailed, "denied"},
		"no pod left":                            {"BackoffLimitExceeded", nil, buildstrategy.BuilderFailed, "the Job says so"},
		"a pod without a sign":                   {"BackoffLimitExceeded", one(), buildstrategy.BuilderFailed, "the Job says so"},
		"late, no pod left":                      {late, nil, buildstrategy.BuildTimeout, "timeout of 15m0s"},
		"late, stopped with its last words":      {late, one(fetched, ended("build", 143, "Error", failed(buildstrategy.BuildFailed, "Collecting torch"))), buildstrategy.BuildTimeout, "Collecting torch"},
		"late, stopped without a word":           {late, one(fetched, ended("build", 143, "Error", "")), buildstrategy.BuildTimeout, "timeout of 15m0s"},
		"late, while it was fetching":            {late, one(ended("fetch", 143, "Error", "")), buildstrategy.BuildTimeout, "timeout of 15m0s"},
		"late, but it had failed before":         {late, one(fetched, ended("build", 65, "Error", failed(buildstrategy.PushFailed, "denied"))), buildstrategy.PushFailed, "denied"},
		"late, the builder's image did not come": {late, []corev1.Pod{pod(1, corev1.PodPending, waits("build", "ImagePullBackOff", "not found"))}, buildstrategy.BuilderImagePullFailed, "registry.example.com/x:1"},
		"late, a Secret did not come":            {late, []corev1.Pod{pod(1, corev1.PodPending, waits("build", "CreateContainerConfigError", "secret not found"))}, buildstrategy.BuildTimeout, "secret not found"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := outcomeOf(t, batchv1.JobFailed, test.jobReason, test.pods)
			assert.Equal(t, buildstrategy.Failed, got.Phase)
			assert.Equal(t, test.reason, got.Reason)
			assert.Contains(t, got.Message, test.says)
			assert.Empty(t, got.Image)
		})
	}
}

func TestAnUndecidedJobSaysWhatItDoes(t *testing.T) {
	pending := func(edits ...edit) []corev1.Pod { return []corev1.Pod{pod(1, corev1.PodPending, edits...)} }
	tests := map[string]struct {
		pods []corev1.Pod
		says string
	}{
		"no pod":                   {nil, "Waiting for the build's pod."},
		"a new pod":                {pending(), "Starting"},
		"containers being created": {pending(waits("fetch", "PodInitializing", ""), waits("build", "ContainerCreating", "")), "Starting"},
		"no node":                  {pending(unschedulable), "Insufficient memory"},
		"fetching":                 {pending(runs("fetch"), waits("build", "PodInitializing", "")), "Fetching the source."},
		"building":                 {[]corev1.Pod{pod(1, corev1.PodRunning, ended("fetch", 0, "Completed", ""), runs("build"))}, "Building the image."},
		"a missing Secret":         {pending(waits("build", "CreateContainerConfigError", `secret "push" not found`)), `cannot start. The node says: CreateContainerConfigError: secret "push" not found`},
		"pushed, not yet complete": {[]corev1.Pod{pod(1, corev1.PodSucceeded, built(repository+"@"+digest))}, "The image has been pushed."},
		"a disturbed attempt":      {[]corev1.Pod{pod(1, corev1.PodFailed, disturbed)}, "the build is tried again. That does not count"},
		"a failed attempt":         {[]corev1.Pod{pod(1, corev1.PodFailed, ended("build", 75, "Error", result(buildstrategy.Result{Message: "registry is down"})))}, "registry is down"},
		"the newest pod counts":    {[]corev1.Pod{pod(1, corev1.PodFailed, disturbed), pod(2, corev1.PodRunning, runs("build"))}, "Building the image."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := outcomeOf(t, "", "", test.pods)
			assert.Equal(t, buildstrategy.Running, got.Phase)
			assert.Empty(t, got.Reason)
			assert.Empty(t, got.Image)
			assert.Contains(t, got.Message, test.says)
		})
	}
}

func TestAnImageNameThatNeverComesRightFailsAtOnce(t *testing.T) {
	got := outcomeOf(t, "", "", []corev1.Pod{pod(1, corev1.PodPending, waits("fetch", "InvalidImageName", "couldn't parse"))})
	assert.Equal(t, buildstrategy.Failed, got.Phase)
	assert.Equal(t, buildstrategy.BuilderImagePullFailed, got.Reason)
}

func TestAnObjectThatIsNoJobIsAFailure(t *testing.T) {
	got := kubejob.Strategy{}.Outcome(buildstrategy.Seen{Child: &corev1.Pod{}})
	assert.Equal(t, buildstrategy.Failed, got.Phase)
	assert.Equal(t, buildstrategy.BuilderFailed, got.Reason)
}

func TestARefusedPodIsToldAndCancelledWhereItCannotCome(t *testing.T) {
	for name, test := range map[string]struct {
		refused string
		phase   buildstrategy.Phase
		reason  buildstrategy.Reason
		cancel  bool
	}{
		"pod security never lets it in": {`pods "x" is forbidden: violates PodSecurity "restricted:latest": privileged`, buildstrategy.Failed, buildstrategy.BuilderForbidden, true},
		"nothing was refused":           {"", buildstrategy.Running, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			got := kubejob.Strategy{}.Outcome(buildstrategy.Seen{Child: &batchv1.Job{}, Refused: test.refused})
			assert.Equal(t, test.phase, got.Phase)
			assert.Equal(t, test.reason, got.Reason)
			assert.Equal(t, test.cancel, got.Cancel)
		})
	}
}
