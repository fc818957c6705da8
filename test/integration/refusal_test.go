package integration

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
)

const enforce = "pod-security.kubernetes.io/enforce"

// limit puts a quota on the namespace and waits until it holds.
func limit(w *world, what corev1.ResourceName, most string) *corev1.ResourceQuota {
	w.Helper()
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "limit"}}
	quota.Spec.Hard = corev1.ResourceList{what: resource.MustParse(most)}
	require.NoError(w, kube.Create(w.Context(), quota))
	eventually(w, func(c *assert.CollectT) {
		require.NoError(c, kube.Get(w.Context(), client.ObjectKeyFromObject(quota), quota))
		assert.NotEmpty(c, quota.Status.Hard)
	})
	return quota
}

func TestBuildWaitsForTheQuota(t *testing.T) {
	t.Parallel()
	w := newWorldWithoutOperator(t)
	quota := limit(w, corev1.ResourcePods, "0")
	w.operator = startOperator(t, newLine(), w.namespace)
	job := w.create("job", withBuild)
	w.await(job, func(c *assert.CollectT, current *v1alpha1.NotebookValidationJob) {
		assert.Contains(c, current.Status.Message, "quota")
		assert.Equal(c, v1alpha1.PhaseBuilding, current.Status.Phase)
	})
	require.NoError(t, kube.Delete(t.Context(), quota))
	w.finishBuild(job, "a")
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)
}

func TestRunWaitsForTheQuota(t *testing.T) {
	t.Parallel()
	w := newWorldWithoutOperator(t)
	quota := limit(w, corev1.ResourcePods, "0")
	w.operator = startOperator(t, newLine(), w.namespace)
	job := w.create("job")
	w.await(job, func(c *assert.CollectT, current *v1alpha1.NotebookValidationJob) {
		assert.Contains(c, current.Status.Message, "quota")
	})
	require.NoError(t, kube.Delete(t.Context(), quota))
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)
}

// A quota on Jobs refuses the operator itself, and not only the Job controller.
func TestQuotaOnJobsIsTold(t *testing.T) {
	t.Parallel()
	for name, withOrWithout := range map[string]change{"run": func(*v1alpha1.NotebookValidationJob) {}, "build": withBuild} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldWithoutOperator(t)
			quota := limit(w, "count/jobs.batch", "0")
			w.operator = startOperator(t, newLine(), w.namespace)
			job := w.create("job", withOrWithout)
			w.await(job, func(c *assert.CollectT, current *v1alpha1.NotebookValidationJob) {
				assert.Contains(c, current.Status.Message, "exceeded quota: limit")
			})
			require.NoError(t, kube.Delete(t.Context(), quota))
			if name == "build" {
				w.finishBuild(job, "a")
			}
			w.finishRun(job, w.passing())
			w.awaitSucceeded(job)
		})
	}
}

func TestNamespaceThatForbidsTheBuilder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, enforce, "restricted")
	job := w.create("job", withBuild)
	end := w.awaitFailed(job, v1alpha1.ReasonBuildFailed)
	assert.Contains(t, end.Status.Message, v1alpha1.ReasonBuilderForbidden)
	assert.Contains(t, end.Status.Message, enforce, "nothing says what to do")
	awaitGone(t, &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: naming.BuildChild(w.buildOf(job))}})
	awaitEvent(w, job, v1alpha1.ReasonBuildFailed)
}

func TestRestrictedNamespaceAdmitsTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, enforce, "restricted")
	job := w.create("job", func(job *v1alpha1.NotebookValidationJob) { job.Spec.PodConfig.ServiceAccountName = "somebody" })
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)
}

func TestBaselineNamespaceAdmitsTheBuilder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, enforce, "baseline")
	job := w.create("job", withBuild)
	w.finishBuild(job, "a")
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)
}

func TestRunThatTheNamespaceForbidsIsAFailureWithAnEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, enforce, "restricted")
	job := w.create("job", func(job *v1alpha1.NotebookValidationJob) {
		root := int64(0)
		job.Spec.PodConfig.SecurityContext = &corev1.PodSecurityContext{RunAsUser: &root}
	})
	end := w.awaitFailed(job, v1alpha1.ReasonPodRejected)
	assert.Contains(t, end.Status.Message, "runAsUser=0")
	awaitGone(t, &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: naming.Run(job)}})
	awaitEvent(w, job, v1alpha1.ReasonPodRejected)
}

func TestMissingGitSecretIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild, func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Git.CredentialsSecret = "git" })
	w.await(job, func(c *assert.CollectT, current *v1alpha1.NotebookValidationJob) {
		assert.Contains(c, current.Status.Message, `The Secret "git" is not in namespace`)
	})
	resolved := meta.FindStatusCondition(w.buildOf(job).Status.Conditions, v1alpha1.ConditionSourceResolved)
	require.NotNil(t, resolved)
	assert.Equal(t, v1alpha1.ReasonCredentialsInvalid, resolved.Reason)

	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "git"}}
	secret.StringData = map[string]string{"username": "somebody", "password": "secret"}
	require.NoError(t, kube.Create(t.Context(), secret))
	w.finishBuild(job, "a")
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)
}

func TestSourceThatOnlyTheUserCanMendEndsTheJob(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change change
		says   string
	}{
		"no such ref": {
			change: func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Git.Ref = "nowhere" },
			says:   v1alpha1.ReasonRefNotFound,
		},
		"no such notebook": {
			change: func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Path = "nowhere.ipynb" },
			says:   v1alpha1.ReasonNotebookNotFound,
		},
		"no such requirements": {
			change: func(job *v1alpha1.NotebookValidationJob) {
				job.Spec.PodConfig.BuildConfig.RequirementsFile = "nowhere.txt"
			},
			says: v1alpha1.ReasonRequirementsNotFound,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			end := w.awaitFailed(w.create("job", withBuild, c.change), v1alpha1.ReasonBuildFailed)
			assert.Contains(t, end.Status.Message, c.says)
			assert.Equal(t, v1alpha1.PhaseFailed, end.Status.Phase)
		})
	}
}

func TestPodConfigThatTheAPIServerRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", func(job *v1alpha1.NotebookValidationJob) {
		job.Spec.PodConfig.VolumeMounts = []corev1.VolumeMount{{Name: "not-there", MountPath: "/data"}}
	})
	end := w.awaitFailed(job, v1alpha1.ReasonPodConfigInvalid)
	assert.Contains(t, end.Status.Message, "not-there")
	awaitEvent(w, job, v1alpha1.ReasonPodConfigInvalid)
}

func TestReportOfSomebodyElseIsNotTakenOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	theirs := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "job-report"}, Data: map[string]string{"mine": "yes"}}
	require.NoError(t, kube.Create(t.Context(), theirs))
	job := w.create("job")
	require.Equal(t, theirs.Name, naming.Report(job))
	w.finishRun(job, w.passing())
	reads := "GET /api/v1/namespaces/" + w.namespace + "/configmaps/job-report"
	eventually(t, func(c *assert.CollectT) {
		assert.Greater(c, count(w.operator.line.seen(), reads), 3, "it is not tried again")
	})
	w.await(job, func(c *assert.CollectT, current *v1alpha1.NotebookValidationJob) {
		assert.Contains(c, current.Status.Message, "job-report belongs to somebody else")
	})
	untouched := awaitObject(w, &corev1.ConfigMap{}, theirs.Name)
	assert.Equal(t, theirs.ResourceVersion, untouched.ResourceVersion)
	undecided := meta.FindStatusCondition(readJob(t, client.ObjectKeyFromObject(job)).Status.Conditions, v1alpha1.ConditionValidated)
	assert.Equal(t, metav1.ConditionUnknown, undecided.Status)

	require.NoError(t, kube.Delete(t.Context(), theirs))
	w.awaitSucceeded(job)
	assertReport(t, w, job, true)
}

func count(all []string, one string) int {
	n := 0
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}

// awaitEvent waits for a warning about the object.
func awaitEvent(w *world, about client.Object, reason string) {
	w.Helper()
	eventually(w, func(c *assert.CollectT) { assert.Contains(c, told(w, c, about, corev1.EventTypeWarning), reason) })
}

// told are the reasons of the events of one type about an object.
func told(w *world, t require.TestingT, about client.Object, level string) []string {
	events := &corev1.EventList{}
	require.NoError(t, kube.List(w.Context(), events, client.InNamespace(w.namespace)))
	var reasons []string
	for _, event := range events.Items {
		if event.InvolvedObject.UID == about.GetUID() && event.Type == level {
			reasons = append(reasons, event.Reason)
		}
	}
	return reasons
}
