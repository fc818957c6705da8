package aggregate

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// reconcile looks once at a job among these objects, and says what was applied and told.
func reconcile(t *testing.T, job *v1alpha1.NotebookValidationJob, answer error, others ...client.Object) (applied []v1alpha1.NotebookValidationJobStatus, told []string, err error) {
	t.Helper()
	scheme, recorder := runtime.NewScheme(), events.NewFakeRecorder(10)
	require.NoError(t, v1alpha1.AddToScheme(scheme))
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(append(others, job)...).WithInterceptorFuncs(interceptor.Funcs{
		SubResourceApply: func(_ context.Context, _ client.Client, _ string, obj runtime.ApplyConfiguration, _ ...client.SubResourceApplyOption) error {
			fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
			require.NoError(t, err)
			var sent v1alpha1.NotebookValidationJob
			require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(map[string]any{"status": fields["status"]}, &sent))
			applied = append(applied, sent.Status)
			return answer
		},
	}).Build()
	r := &Reconciler{Client: c, Recorder: recorder, Clock: clocktesting.NewFakePassiveClock(builders.Epoch.Add(time.Minute))}
	_, err = r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(job)})
	for len(recorder.Events) > 0 {
		told = append(told, <-recorder.Events)
	}
	return applied, told, err
}

func TestOnlyTheBuildOfThisJobCounts(t *testing.T) {
	job := built().Phase(v1alpha1.PhaseBuilding).Obj()
	lonely := builders.MakeBuild(naming.Build(job), "team").Complete(builders.Image).Obj()
	for name, test := range map[string]struct {
		build *v1alpha1.NotebookBuild
		want  v1alpha1.Phase
	}{
		"its own":                      {buildOf().Complete(builders.Image).Obj(), v1alpha1.PhaseBuildComplete},
		"one of that name by somebody": {lonely, v1alpha1.PhaseBuilding},
	} {
		t.Run(name, func(t *testing.T) {
			applied, _, err := reconcile(t, job, nil, test.build)
			require.NoError(t, err)
			require.Len(t, applied, 1)
			assert.Equal(t, test.want, applied[0].Phase)
		})
	}
}

func TestTheGateIsToldOnceAndTheVerdictIsNot(t *testing.T) {
	job := built().Phase(v1alpha1.PhaseBuilding).Obj()
	_, told, err := reconcile(t, job, nil, buildOf().Complete(builders.Image).Obj())
	require.NoError(t, err)
	assert.Equal(t, []string{"Normal BuildSucceeded Built " + builders.Image + "."}, told)

	_, told, err = reconcile(t, job, nil, buildOf().Failed(v1alpha1.ReasonPushFailed, "No.").Obj())
	require.NoError(t, err)
	assert.Equal(t, []string{"Warning BuildFailed PushFailed: No."}, told)

	_, told, err = reconcile(t, job, nil, buildOf().Running().Obj())
	require.NoError(t, err)
	assert.Empty(t, told)

	passed := ofPhase(v1alpha1.PhaseValidationRunning).Validated(yes, v1alpha1.ReasonPassed).Obj()
	applied, told, err := reconcile(t, passed, nil)
	require.NoError(t, err)
	assert.Equal(t, v1alpha1.PhaseSucceeded, applied[0].Phase)
	assert.Empty(t, told)
}

func ofPhase(phase v1alpha1.Phase) *builders.JobBuilder {
	return built().Phase(phase).Built(builders.Image, builders.Commit)
}

func TestWhatWasNotWrittenIsNotTold(t *testing.T) {
	_, told, err := reconcile(t, built().Phase(v1alpha1.PhaseBuilding).Obj(), errors.New("no"), buildOf().Complete(builders.Image).Obj())
	require.Error(t, err)
	assert.Empty(t, told)
}

func TestAJobThatIsBeingDeletedIsLeftAlone(t *testing.T) {
	job, at := given().Obj(), builders.At(0)
	job.DeletionTimestamp, job.Finalizers = &at, []string{"example.com/user"}
	applied, _, err := reconcile(t, job, nil)
	require.NoError(t, err)
	assert.Empty(t, applied)
}
