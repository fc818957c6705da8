package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
)

// executing waits until the notebook of a job is being executed and returns its pod.
func (s *scene) executing(t *testing.T, job string) *corev1.Pod {
	t.Helper()
	var found *corev1.Pod
	s.await(t, "the execution of "+job, func() bool {
		for _, pod := range s.Pods(job, kit.ComponentRun) {
			if kit.Running(pod, executeContainer) {
				found = pod
			}
		}
		return found != nil
	})
	return found
}

func TestPodThatTheClusterTakesAwayIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Restricted, "endings")
	for name, takeAway := range map[string]func(*testing.T, *corev1.Pod){
		"evicted": func(t *testing.T, pod *corev1.Pod) {
			eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name}}
			require.NoError(t, cluster.Clientset.PolicyV1().Evictions(pod.Namespace).Evict(t.Context(), eviction))
		},
		"deleted": func(t *testing.T, pod *corev1.Pod) {
			// Nothing in the container listens to signals before Python has begun; it has when the runner notes its first cell.
			require.Eventually(t, func() bool {
				_, err := cluster.Kubectl(t.Context(), "exec", "--namespace="+pod.Namespace, pod.Name, "--container="+executeContainer,
					"--", "test", "-s", corev1.TerminationMessagePathDefault)
				return err == nil
			}, patience, time.Second)
			require.NoError(t, cluster.Client.Delete(t.Context(), pod))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job := s.job(name, "patient.ipynb")
			s.create(t, job)
			first := s.executing(t, name)
			takeAway(t, first)
			job = s.end(t, job)

			requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
			assert.Equal(t, []v1alpha1.Phase{v1alpha1.PhaseInitializing, v1alpha1.PhaseValidationRunning, v1alpha1.PhaseSucceeded},
				s.Phases(name, job.Generation), "no phase goes back")
			assert.Len(t, s.Runs(name), 1)
			pods := s.Pods(name, kit.ComponentRun)
			require.Len(t, pods, 2, "one pod was taken away, and one more ran the notebook")
			assert.Equal(t, first.UID, pods[0].UID)
			assert.Equal(t, "waited 20 seconds", cell(t, job, 0).Output)
		})
	}
}

// This test runs alone: it kills the operator that the others use.
func TestOperatorThatIsKilledEndsAtTheSamePlace(t *testing.T) {
	onlyOnOwnCluster(t, "the operator's process is not on this machine")
	s := newScene(t, kit.Baseline, "colours")
	job := s.job("patient", "patient.ipynb", kit.Build)
	s.create(t, job)

	s.await(t, "the build", func() bool {
		pods := s.Pods(job.Name, kit.ComponentBuild)
		return len(pods) == 1 && kit.Running(pods[0], buildContainer)
	})
	kill(t, s)
	s.executing(t, job.Name)
	kill(t, s)
	job = s.end(t, job)

	requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	assert.Equal(t, wholeWay, s.Phases(job.Name, job.Generation))
	requireGated(t, s, job)
	requireWholeImage(t, s, job)
	all := func(*v1alpha1.NotebookBuild) bool { return true }
	assert.Len(t, kit.Latest(s.Recorder, all), 1, "one NotebookBuild")
	assert.Len(t, s.Pods(job.Name, kit.ComponentBuild), 1, "one build")
	assert.Len(t, s.Runs(job.Name), 1, "one run")
	assert.Len(t, s.Pods(job.Name, kit.ComponentRun), 1, "one pod of it")
	requireReport(t, s, job)
}

func kill(t *testing.T, s *scene) {
	t.Helper()
	require.NoError(t, cluster.KillOperator(s.ctx))
	kills++
}
