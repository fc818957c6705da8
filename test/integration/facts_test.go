package integration

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// What server-side apply does, as far as the operator relies on it. Alice and Bob are two controllers that write the status
// of one object, each through the one writer of status.

const (
	alice = "alice"
	bob   = "bob"
)

// apply reads the object and writes what a manager owns of it, as a controller does.
func apply(t *testing.T, key client.ObjectKey, manager string, after v1alpha1.NotebookValidationJobStatus) error {
	t.Helper()
	return status.Apply(t.Context(), kube, readJob(t, key), manager, status.Owned[v1alpha1.NotebookValidationJobStatus]{After: after})
}

func readJob(t testing.TB, key client.ObjectKey) *v1alpha1.NotebookValidationJob {
	t.Helper()
	job := &v1alpha1.NotebookValidationJob{}
	require.NoError(t, kube.Get(t.Context(), key, job))
	return job
}

// withCondition is a status of one condition that was decided at a certain time.
func withCondition(kind, reason string) v1alpha1.NotebookValidationJobStatus {
	return v1alpha1.NotebookValidationJobStatus{Conditions: []metav1.Condition{{
		Type: kind, Status: metav1.ConditionUnknown, Reason: reason, Message: "Said by a test.", ObservedGeneration: 1,
		LastTransitionTime: metav1.NewTime(time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)),
	}}}
}

// factJob is an object to write the status of.
func factJob(t *testing.T) client.ObjectKey {
	t.Helper()
	job := newJob(newNamespace(t), "job")
	require.NoError(t, kube.Create(t.Context(), job))
	return client.ObjectKeyFromObject(job)
}

func TestConditionsOfTwoManagersStandSideBySide(t *testing.T) {
	t.Parallel()
	key := factJob(t)
	mine := withCondition(v1alpha1.ConditionValidated, v1alpha1.ReasonRunning)
	mine.Validation = &v1alpha1.ValidationStatus{RunName: "run"}
	require.NoError(t, apply(t, key, alice, mine))
	require.NoError(t, apply(t, key, bob, withCondition(v1alpha1.ConditionBuildReady, v1alpha1.ReasonBuilding)))

	both := readJob(t, key).Status
	assert.NotNil(t, meta.FindStatusCondition(both.Conditions, v1alpha1.ConditionValidated))
	assert.NotNil(t, meta.FindStatusCondition(both.Conditions, v1alpha1.ConditionBuildReady))
	assert.NotNil(t, both.Validation)
}

func TestOmittingAnOwnedFieldDeletesIt(t *testing.T) {
	t.Parallel()
	key := factJob(t)
	mine := withCondition(v1alpha1.ConditionValidated, v1alpha1.ReasonRunning)
	mine.Validation = &v1alpha1.ValidationStatus{RunName: "run"}
	require.NoError(t, apply(t, key, alice, mine))
	require.NoError(t, apply(t, key, bob, withCondition(v1alpha1.ConditionBuildReady, v1alpha1.ReasonBuilding)))

	mine.Validation = nil
	require.NoError(t, apply(t, key, alice, mine))
	assert.Nil(t, readJob(t, key).Status.Validation, "the field that its owner left out is still there")
	mine.Conditions = nil
	mine.Phase = v1alpha1.PhaseBuilding
	require.NoError(t, apply(t, key, alice, mine))
	left := readJob(t, key).Status.Conditions
	require.Len(t, left, 1, "the condition that its owner left out is still there, or Bob's went along")
	assert.Equal(t, v1alpha1.ConditionBuildReady, left[0].Type)
}

// This is why a condition has one owner for life: what Bob leaves out is no longer whole, since Alice holds the other part.
func TestStolenConditionMakesEveryLaterApplyInvalid(t *testing.T) {
	t.Parallel()
	key := factJob(t)
	require.NoError(t, apply(t, key, alice, withCondition(v1alpha1.ConditionValidated, v1alpha1.ReasonRunning)))
	require.NoError(t, apply(t, key, bob, withCondition(v1alpha1.ConditionValidated, v1alpha1.ReasonPassed)))

	for range 2 {
		err := apply(t, key, bob, withCondition(v1alpha1.ConditionBuildReady, v1alpha1.ReasonBuilding))
		require.True(t, apierrors.IsInvalid(err), "a condition without its reason was answered by: %v", err)
		assert.ErrorContains(t, err, "status.conditions[0].reason: Required value")
	}
}

func TestApplyingTwiceClaimsNothingOfOthers(t *testing.T) {
	t.Parallel()
	key := factJob(t)
	require.NoError(t, apply(t, key, bob, withCondition(v1alpha1.ConditionBuildReady, v1alpha1.ReasonBuilding)))
	for _, reason := range []string{v1alpha1.ReasonRunPending, v1alpha1.ReasonRunning, v1alpha1.ReasonPassed} {
		require.NoError(t, apply(t, key, alice, withCondition(v1alpha1.ConditionValidated, reason)))
	}
	assertDisjoint(t, readJob(t, key).ManagedFields, alice, bob)
}

func TestIdenticalApplyWritesNothing(t *testing.T) {
	t.Parallel()
	key := factJob(t)
	mine := withCondition(v1alpha1.ConditionValidated, v1alpha1.ReasonRunning)
	require.NoError(t, apply(t, key, alice, mine))
	before := readJob(t, key).ResourceVersion
	require.NoError(t, apply(t, key, alice, mine))
	assert.Equal(t, before, readJob(t, key).ResourceVersion, "an identical apply was written")

	mine.Conditions[0].LastTransitionTime = metav1.NewTime(mine.Conditions[0].LastTransitionTime.Add(time.Second))
	require.NoError(t, apply(t, key, alice, mine))
	assert.NotEqual(t, before, readJob(t, key).ResourceVersion, "the time of a condition counts as a change")
}

func TestUnchangedStatusIsNotEvenSent(t *testing.T) {
	t.Parallel()
	key := factJob(t)
	mine := withCondition(v1alpha1.ConditionValidated, v1alpha1.ReasonRunning)
	gone := readJob(t, key)
	gone.Name = "not-there"
	unchanged := status.Owned[v1alpha1.NotebookValidationJobStatus]{Before: mine, After: mine}
	assert.NoError(t, status.Apply(t.Context(), kube, gone, alice, unchanged), "a request for an object that is not there was sent")
}

func TestVerdictOnADeletedJobDoesNotLandOnItsSuccessor(t *testing.T) {
	t.Parallel()
	key := factJob(t)
	first := readJob(t, key)
	require.NoError(t, kube.Delete(t.Context(), first))
	second := newJob(key.Namespace, key.Name)
	require.NoError(t, kube.Create(t.Context(), second))

	verdict := status.Owned[v1alpha1.NotebookValidationJobStatus]{After: withCondition(v1alpha1.ConditionValidated, v1alpha1.ReasonPassed)}
	err := status.Apply(t.Context(), kube, first, alice, verdict)
	require.True(t, apierrors.IsConflict(err), "the verdict on the first job was answered by: %v", err)
	require.NoError(t, status.IgnoreStale(err))
	assert.Empty(t, readJob(t, key).Status.Conditions)
}

// This is why the resourceVersion is sent: nothing else in the body is looked at.
func TestUidInTheBodyOfAStatusApplyIsIgnored(t *testing.T) {
	t.Parallel()
	key := factJob(t)
	body := &unstructured.Unstructured{Object: map[string]any{"status": map[string]any{"message": "Said to a stranger."}}}
	body.SetGroupVersionKind(v1alpha1.SchemeGroupVersion.WithKind("NotebookValidationJob"))
	body.SetNamespace(key.Namespace)
	body.SetName(key.Name)
	body.SetUID(types.UID("00000000-0000-0000-0000-000000000000"))
	err := kube.Status().Apply(t.Context(), client.ApplyConfigurationFromUnstructured(body), client.FieldOwner(alice), client.ForceOwnership)
	require.NoError(t, err)
	assert.Equal(t, "Said to a stranger.", readJob(t, key).Status.Message)
}

func TestStatusOfAMissingObjectIsNotFoundAndCreatesNothing(t *testing.T) {
	t.Parallel()
	key := factJob(t)
	job := readJob(t, key)
	require.NoError(t, kube.Delete(context.WithoutCancel(t.Context()), job))

	for name, version := range map[string]string{"as it was read": job.ResourceVersion, "whatever its version": ""} {
		job.ResourceVersion = version
		err := status.Apply(t.Context(), kube, job, alice, status.Owned[v1alpha1.NotebookValidationJobStatus]{
			After: withCondition(v1alpha1.ConditionValidated, v1alpha1.ReasonPassed),
		})
		require.True(t, apierrors.IsNotFound(err), "%s: %v", name, err)
		require.NoError(t, status.IgnoreStale(err), name)
	}
	err := kube.Get(t.Context(), key, &v1alpha1.NotebookValidationJob{})
	assert.True(t, apierrors.IsNotFound(err), "the apply brought a deleted job back: %v", err)
}

// Three controllers of one manager watch the same kind: each has its own name, queue and turn.
func TestThreeControllersOfOneKindRunSideBySide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild)
	w.finishBuild(job, "a")
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)

	families, err := metrics.Registry.Gather()
	require.NoError(t, err)
	turns := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if family.GetName() == "controller_runtime_reconcile_total" && label.GetName() == "controller" {
					turns[label.GetValue()] += metric.GetCounter().GetValue()
				}
			}
		}
	}
	require.Len(t, turns, 4, "and the one that looks for build systems")
	for _, name := range []string{"validation", "build", "aggregate"} {
		assert.Positive(t, turns[name], name)
	}
}
