package status_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/status"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

type jobStatus = v1alpha1.NotebookValidationJobStatus

func TestChangedKnowsNoOrderOfConditionsAndNoForm(t *testing.T) {
	a, b := condition("A", metav1.ConditionTrue, "R", 1, 0), condition("B", metav1.ConditionTrue, "R", 1, 0)
	only := func(list ...metav1.Condition) jobStatus {
		return jobStatus{Conditions: status.Only(list, "A", "B")}
	}
	local := b
	local.LastTransitionTime = metav1.NewTime(b.LastTransitionTime.In(time.FixedZone("Zürich", 3600)))
	later := condition("B", metav1.ConditionTrue, "R", 1, time.Second)
	tests := map[string]struct {
		before, after jobStatus
		want          bool
	}{
		"nothing at all":              {jobStatus{}, jobStatus{}, false},
		"another order":               {only(a, b), only(b, a), false},
		"another time zone":           {only(a, b), only(a, local), false},
		"an empty list for none":      {jobStatus{Conditions: []metav1.Condition{}}, jobStatus{}, false},
		"another transition time":     {only(a, b), only(a, later), true},
		"one condition less":          {only(a, b), only(a), true},
		"another phase":               {jobStatus{Phase: v1alpha1.PhaseBuilding}, jobStatus{Phase: v1alpha1.PhaseFailed}, true},
		"an empty summary for none":   {jobStatus{}, jobStatus{Validation: &v1alpha1.ValidationStatus{}}, true},
		"the same seconds of a build": {jobStatus{BuildStatus: &v1alpha1.BuildStatus{Duration: &metav1.Duration{Duration: 1}}}, jobStatus{BuildStatus: &v1alpha1.BuildStatus{Duration: &metav1.Duration{Duration: 1}}}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, status.Owned[jobStatus]{Before: test.before, After: test.after}.Changed())
		})
	}
}

// sent keeps what a status apply would send, and answers as it was told.
type sent struct {
	bodies  []map[string]any
	options []client.SubResourceApplyOptions
	answer  error
}

func (s *sent) client(t *testing.T) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	require.NoError(t, v1alpha1.AddToScheme(scheme))
	return fake.NewClientBuilder().WithScheme(scheme).WithInterceptorFuncs(interceptor.Funcs{
		SubResourceApply: func(_ context.Context, _ client.Client, name string, obj runtime.ApplyConfiguration, opts ...client.SubResourceApplyOption) error {
			require.Equal(t, "status", name)
			fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
			require.NoError(t, err)
			var options client.SubResourceApplyOptions
			for _, o := range opts {
				o.ApplyToSubResourceApply(&options)
			}
			s.bodies, s.options = append(s.bodies, fields), append(s.options, options)
			return s.answer
		},
	}).Build()
}

func TestApplySendsWhatIsOwnedAndNothingElse(t *testing.T) {
	s := &sent{}
	job := builders.MakeJob("iris", "team").Phase(v1alpha1.PhaseBuilding).Obj()
	job.ResourceVersion = "7"
	change := status.Owned[jobStatus]{After: jobStatus{Conditions: []metav1.Condition{condition("Validated", metav1.ConditionTrue, "Passed", 1, 0)}}}
	require.NoError(t, status.Apply(t.Context(), s.client(t), job, "alice", change))
	require.Len(t, s.bodies, 1)
	assert.Equal(t, map[string]any{
		"apiVersion": "mlops.mlops.dev/v1alpha1",
		"kind":       "NotebookValidationJob",
		"metadata":   map[string]any{"name": "iris", "namespace": "team", "resourceVersion": "7"},
		"status": map[string]any{"conditions": []any{map[string]any{
			"type": "Validated", "status": "True", "reason": "Passed", "message": "", "observedGeneration": int64(1), "lastTransitionTime": "2026-03-14T09:26:53Z",
		}}},
	}, s.bodies[0], "no phase: it is somebody else's; the resourceVersion that was read: a stale verdict lands nowhere")
	assert.Equal(t, "alice", s.options[0].FieldManager)
	assert.True(t, *s.options[0].Force)
}

func TestApplyOfAnUnchangedStatusSendsNothing(t *testing.T) {
	s := &sent{answer: errors.New("not to be seen")}
	same := jobStatus{Phase: v1alpha1.PhaseBuilding}
	require.NoError(t, status.Apply(t.Context(), s.client(t), builders.MakeJob("iris", "team").Obj(), "alice", status.Owned[jobStatus]{Before: same, After: same}))
	assert.Empty(t, s.bodies)
}

func TestIgnoreStaleDropsWhatAnEventWillBringBack(t *testing.T) {
	jobs := schema.GroupResource{Group: "mlops.mlops.dev", Resource: "notebookvalidationjobs"}
	conflict := apierrors.NewConflict(jobs, "iris", errors.New("it was written"))
	s := &sent{answer: conflict}
	err := status.Apply(t.Context(), s.client(t), builders.MakeJob("iris", "team").Obj(), "alice", status.Owned[jobStatus]{After: jobStatus{Phase: v1alpha1.PhaseBuilding}})
	require.ErrorIs(t, err, conflict)
	assert.NoError(t, status.IgnoreStale(err))
	assert.NoError(t, status.IgnoreStale(apierrors.NewNotFound(jobs, "iris")))
	assert.NoError(t, status.IgnoreStale(nil))
	assert.Error(t, status.IgnoreStale(apierrors.NewForbidden(jobs, "iris", errors.New("no"))))
	assert.Error(t, status.IgnoreStale(errors.New("no answer")))
}
