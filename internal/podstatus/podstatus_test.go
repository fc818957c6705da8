package podstatus_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/podstatus"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

func pod(name string) *builders.PodBuilder { return builders.MakePod(name, "team") }

func TestNewest(t *testing.T) {
	old, mid, young := *pod("z").Obj(), *pod("a").Created(time.Minute).Obj(), *pod("m").Created(time.Hour).Obj()
	twin := *pod("b").Created(time.Hour).Obj()
	tests := map[string]struct {
		pods []corev1.Pod
		want string
	}{
		"the youngest, whatever the order": {[]corev1.Pod{mid, young, old}, "m"},
		"the youngest, whatever its name":  {[]corev1.Pod{old, mid}, "a"},
		"of one age, always the same one":  {[]corev1.Pod{young, twin}, "m"},
		"of one age, whatever the order":   {[]corev1.Pod{twin, young}, "m"},
		"the only one":                     {[]corev1.Pod{old}, "z"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, podstatus.Newest(test.pods).Name) })
	}
	assert.Nil(t, podstatus.Newest(nil))
}

func TestNewestFirst(t *testing.T) {
	given := []corev1.Pod{*pod("a").Created(time.Minute).Obj(), *pod("z").Obj(), *pod("b").Created(time.Minute).Obj()}
	var names []string
	for _, p := range podstatus.NewestFirst(given) {
		names = append(names, p.Name)
	}
	assert.Equal(t, []string{"b", "a", "z"}, names)
	assert.Equal(t, "a", given[0].Name, "the given pods keep their order")
}

func TestWaiting(t *testing.T) {
	unschedulable := func(p *builders.PodBuilder) *builders.PodBuilder {
		return p.Condition(corev1.PodScheduled, corev1.ConditionFalse, "Unschedulable", "0/3 nodes", time.Hour)
	}
	placed := func(p *builders.PodBuilder, after time.Duration) *builders.PodBuilder {
		return p.Condition(corev1.PodScheduled, corev1.ConditionTrue, "", "", after)
	}
	tests := map[string]struct {
		pod   *builders.PodBuilder
		kind  podstatus.WaitKind
		name  string
		says  string
		since time.Duration
	}{
		"an image that is not there":       {pod("a").Init("x", builders.Waiting("ErrImagePull", "not found")), podstatus.WaitImage, "x", "ErrImagePull: not found", 0},
		"an image that was tried again":    {pod("a").Init("x", builders.Waiting("ImagePullBackOff", "b")), podstatus.WaitImage, "x", "ImagePullBackOff: b", 0},
		"an image name that is none":       {pod("a").Main("x", builders.Waiting("InvalidImageName", "b")), podstatus.WaitImage, "x", "InvalidImageName: b", 0},
		"an image that may not be pulled":  {pod("a").Main("x", builders.Waiting("ErrImageNeverPull", "b")), podstatus.WaitImage, "x", "ErrImageNeverPull: b", 0},
		"an image that cannot be read":     {pod("a").Main("x", builders.Waiting("ImageInspectError", "b")), podstatus.WaitImage, "x", "ImageInspectError: b", 0},
		"a registry that does not answer":  {pod("a").Main("x", builders.Waiting("RegistryUnavailable", "b")), podstatus.WaitImage, "x", "RegistryUnavailable: b", 0},
		"an image that nobody signed":      {pod("a").Main("x", builders.Waiting("SignatureValidationFailed", "b")), podstatus.WaitImage, "x", "SignatureValidationFailed: b", 0},
		"a Secret that is not there":       {pod("a").Main("x", builders.Waiting("CreateContainerConfigError", "b")), podstatus.WaitConfig, "x", "CreateContainerConfigError: b", 0},
		"a container that cannot be made":  {pod("a").Main("x", builders.Waiting("CreateContainerError", "b")), podstatus.WaitCreate, "x", "CreateContainerError: b", 0},
		"a container that does not start":  {pod("a").Main("x", builders.Waiting("RunContainerError", "b")), podstatus.WaitCreate, "x", "RunContainerError: b", 0},
		"since the container before ended": {pod("a").Init("x", builders.Ended(0, "", "", time.Minute)).Main("y", builders.Waiting("ErrImagePull", "b")), podstatus.WaitImage, "y", "ErrImagePull: b", time.Minute},
		"since a node took the pod":        {placed(pod("a"), time.Hour).Init("x", builders.Waiting("ErrImagePull", "b")), podstatus.WaitImage, "x", "ErrImagePull: b", time.Hour},
		"since the container before ended, after a node took the pod": {
			placed(pod("a"), time.Minute).Init("x", builders.Ended(0, "", "", time.Hour)).Main("y", builders.Waiting("ErrImagePull", "b")),
			podstatus.WaitImage, "y", "ErrImagePull: b", time.Hour,
		},
		"no node takes it":     {unschedulable(pod("a").Created(time.Minute)), podstatus.WaitScheduling, "", "Unschedulable: 0/3 nodes", time.Minute},
		"an image comes first": {unschedulable(pod("a").Init("x", builders.Waiting("ErrImagePull", "b"))), podstatus.WaitImage, "x", "ErrImagePull: b", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := podstatus.Waiting(test.pod.Obj())
			require.NotNil(t, got)
			permanent := strings.HasPrefix(test.says, "InvalidImageName") || strings.HasPrefix(test.says, "ErrImageNeverPull")
			assert.Equal(t, podstatus.Wait{Kind: test.kind, Container: test.name, Message: test.says, Permanent: permanent, Since: builders.At(test.since).Time}, *got)
		})
	}
}

func TestAPodThatGoesOnByItselfIsNotStuck(t *testing.T) {
	for name, p := range map[string]*builders.PodBuilder{
		"a new one":                    pod("a"),
		"one that a node took":         pod("a").Condition(corev1.PodScheduled, corev1.ConditionTrue, "", "", 0),
		"one that is being set up":     pod("a").Init("x", builders.Waiting("PodInitializing", "")).Main("y", builders.Waiting("ContainerCreating", "")),
		"one that crashes and returns": pod("a").Main("x", builders.Waiting("CrashLoopBackOff", "")),
		"one that runs":                pod("a").Init("x", builders.Ended(0, "", "", 0)).Main("y", builders.Running()),
		"one that ended badly":         pod("a").Init("x", builders.Ended(1, "", "", 0)).Main("y", builders.Waiting("PodInitializing", "")),
	} {
		t.Run(name, func(t *testing.T) { assert.Nil(t, podstatus.Waiting(p.Obj())) })
	}
}

func TestContainersInTheOrderInWhichTheyRun(t *testing.T) {
	p := pod("a").Main("last", builders.Ended(3, "Error", "", 0)).Init("first", builders.Ended(0, "", "", 0)).Init("second", builders.Running()).Obj()
	var names []string
	for _, c := range podstatus.Containers(p) {
		names = append(names, c.Name)
	}
	assert.Equal(t, []string{"first", "second", "last"}, names)
	assert.Equal(t, "second", podstatus.Container(p, "second").Name)
	assert.Nil(t, podstatus.Container(p, "third"))
}

func TestStarted(t *testing.T) {
	p := pod("a").Init("ended", builders.Ended(1, "", "", 0)).Init("runs", builders.Running()).Main("waits", builders.Waiting("PodInitializing", "")).Obj()
	assert.True(t, podstatus.Started(p, "ended"))
	assert.True(t, podstatus.Started(p, "runs"))
	assert.False(t, podstatus.Started(p, "waits"))
	assert.False(t, podstatus.Started(p, "none"))
}

func TestEnded(t *testing.T) {
	p := pod("a").Init("ended", builders.Ended(3, "Error", "why", 0)).Main("runs", builders.Running()).Obj()
	assert.Equal(t, "why", podstatus.Ended(p, "ended").Message)
	assert.Nil(t, podstatus.Ended(p, "runs"))
	assert.Nil(t, podstatus.Ended(p, "none"))
}

func TestKilled(t *testing.T) {
	killed, waits := builders.Ended(0, "OOMKilled", "", 0), builders.Waiting("PodInitializing", "")
	well := builders.Ended(0, "Completed", "", 0)
	for name, test := range map[string]struct {
		pod  *builders.PodBuilder
		want string
	}{
		"the first, which seems to have ended well": {pod("a").Init("x", killed).Main("y", waits), "x"},
		"the second":                      {pod("a").Init("w", well).Init("x", killed).Main("y", waits), "x"},
		"one that has a bad exit code":    {pod("a").Init("x", builders.Ended(137, "OOMKilled", "", 0)).Main("y", waits), "x"},
		"none, since the next one runs":   {pod("a").Init("x", killed).Main("y", builders.Running()), ""},
		"none, since the next one ended":  {pod("a").Init("x", killed).Init("y", well).Main("z", waits), ""},
		"none, since it failed otherwise": {pod("a").Init("x", builders.Ended(1, "Error", "", 0)).Main("y", waits), ""},
		"none that anything waits for":    {pod("a").Init("x", well).Main("y", killed), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := podstatus.Killed(test.pod.Obj())
			if test.want == "" {
				assert.Nil(t, got)
				return
			}
			require.NotNil(t, got)
			assert.Equal(t, test.want, got.Name)
		})
	}
}

func TestFailureIsTheFirstContainerThatEndedBadly(t *testing.T) {
	p := pod("a").Init("good", builders.Ended(0, "", "", 0)).Init("bad", builders.Ended(7, "Error", "", 0)).Main("worse", builders.Ended(9, "Error", "", 0)).Obj()
	got := podstatus.Failure(p)
	require.NotNil(t, got)
	assert.Equal(t, "bad", got.Name)
	assert.Equal(t, int32(7), got.State.Terminated.ExitCode)
	assert.Nil(t, podstatus.Failure(pod("b").Init("good", builders.Ended(0, "", "", 0)).Main("runs", builders.Running()).Obj()))
}

func TestDisruption(t *testing.T) {
	tests := map[string]struct {
		pod  *builders.PodBuilder
		want string
	}{
		"drained, preempted or lost":       {pod("a").Condition(corev1.DisruptionTarget, corev1.ConditionTrue, "PreemptionByScheduler", "a larger one came", 0), "PreemptionByScheduler: a larger one came"},
		"put out by the kubelet":           {pod("a").Phase(corev1.PodFailed, "Evicted", "low on memory"), "Evicted: low on memory"},
		"on a node that is gone":           {pod("a").Phase(corev1.PodFailed, "NodeLost", "no word"), "NodeLost: no word"},
		"no longer meant to be taken away": {pod("a").Condition(corev1.DisruptionTarget, corev1.ConditionFalse, "", "", 0), ""},
		"refused by the node":              {pod("a").Phase(corev1.PodFailed, "UnexpectedAdmissionError", "no GPU"), ""},
		"simply failed":                    {pod("a").Phase(corev1.PodFailed), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, podstatus.Disruption(test.pod.Obj()))
			assert.Equal(t, strings.HasPrefix(test.want, "PreemptionByScheduler"), podstatus.Disrupted(test.pod.Obj()), "what a Job does not count")
		})
	}
}
