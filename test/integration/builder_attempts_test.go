package integration

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

// What the Job controller of Kubernetes makes of a builder's pods. It pauses for 10 seconds before the second attempt and
// for 20 before the third.

// attempts is a build whose pods a test has end one by one.
type attempts struct {
	*world
	build *v1alpha1.NotebookBuild
	job   *batchv1.Job
}

func newAttempts(t *testing.T) *attempts {
	t.Helper()
	w := newWorld(t)
	build := w.createBuild("build")
	return &attempts{w, build, w.childOf(build)}
}

// fails has the next pod's build end like that.
func (a *attempts) fails(end ending) {
	a.Helper()
	theNode.run(a, theNode.podOf(a, a.job), ending{}, end)
}

// isTakenAway has the cluster put the next pod out while it builds.
func (a *attempts) isTakenAway() {
	a.Helper()
	pod := theNode.podOf(a, a.job)
	theNode.run(a, pod, ending{})
	require.NoError(a, kube.Get(a.Context(), client.ObjectKeyFromObject(pod), pod))
	status := pod.Status.DeepCopy()
	status.Phase, status.Reason, status.Message = corev1.PodFailed, "Evicted", "The node was low on resource: memory."
	status.Conditions = append(status.Conditions, corev1.PodCondition{
		Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "TerminationByKubelet", Message: status.Message,
		LastTransitionTime: metav1.Now(),
	})
	status.ContainerStatuses[0].State = containerState(0, []ending{{code: 137}})
	theNode.report(a, pod, *status)
}

// pods are all that there were: a Job keeps those that have ended.
func (a *attempts) pods() int {
	a.Helper()
	var pods corev1.PodList
	require.NoError(a, kube.List(a.Context(), &pods, client.InNamespace(a.namespace), client.MatchingLabels{batchv1.ControllerUidLabel: string(a.job.UID)}))
	return len(pods.Items)
}

// failed is how many attempts the Job counts.
func (a *attempts) failed() int32 {
	a.Helper()
	require.NoError(a, kube.Get(a.Context(), client.ObjectKeyFromObject(a.job), a.job))
	return a.job.Status.Failed
}

// temporary is how a builder ends that met trouble which may pass.
func temporary(reason buildstrategy.Reason, message string) ending {
	result := buildstrategy.Result{Reason: reason, Message: message}
	return ending{code: podspec.ExitTemporary, message: string(result.Encode(buildstrategy.ResultLimit))}
}

const registryIsDown = "The registry registry.example.com does not answer."

func TestTheJobControllerDecidesWhetherABuilderIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		play func(a *attempts)
		// reason that the build ends with, and a part of its message.
		reason, says string
		// pods that there were, and how many of them the Job counts as failed.
		pods   int
		failed int32
	}{
		"trouble that passes is met once": {
			play: func(a *attempts) {
				a.fails(temporary(buildstrategy.PushFailed, registryIsDown))
				a.awaitTold(a.build, "attempt 1 of 3")
				a.awaitTold(a.build, registryIsDown)
				a.finishBuilder(a.build, "a")
			},
			reason: v1alpha1.ReasonBuildSucceeded, pods: 2, failed: 1,
		},
		"trouble that passes is met again and again": {
			play: func(a *attempts) {
				for range 3 {
					a.fails(temporary(buildstrategy.PushFailed, registryIsDown))
				}
			},
			reason: v1alpha1.ReasonPushFailed, says: "tried 3 times", pods: 3, failed: 3,
		},
		"more memory than the limit is used": {
			play:   func(a *attempts) { a.fails(ending{code: 137, reason: "OOMKilled"}) },
			reason: v1alpha1.ReasonOutOfMemory, says: "memory", pods: 1, failed: 1,
		},
		"the cluster takes the pod away": {
			play: func(a *attempts) {
				a.isTakenAway()
				a.finishBuilder(a.build, "a")
			},
			reason: v1alpha1.ReasonBuildSucceeded, pods: 2, failed: 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAttempts(t)
			test.play(a)
			end := a.awaitBuild(a.build, test.reason)
			assert.Contains(t, succeeded(end).Message, test.says)
			assert.Equal(t, test.reason == v1alpha1.ReasonBuildSucceeded, end.Status.ImageReference == a.image("a"))
			assert.Equal(t, test.pods, a.pods())
			eventually(t, func(c *assert.CollectT) { assert.Equal(c, test.failed, a.failed()) })
			assert.Zero(t, end.Status.Retries, "the operator itself did not try again")
			assert.Len(t, a.builders(), 1)
		})
	}
}
