package validation

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/child"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/observe"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// cluster is what the reconciler acts on: a client that keeps children, and notes what would be applied to a status.
type cluster struct {
	client.Client
	applied  []v1alpha1.NotebookValidationJobStatus
	create   error
	apply    error
	recorder *events.FakeRecorder
}

func newCluster(t *testing.T, objects ...client.Object) *cluster {
	t.Helper()
	scheme := runtime.NewScheme()
	require.NoError(t, clientgoscheme.AddToScheme(scheme))
	require.NoError(t, v1alpha1.AddToScheme(scheme))
	c := &cluster{recorder: events.NewFakeRecorder(10)}
	c.Client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithIndex(&corev1.Event{}, observe.RefusalIndex, observe.IndexRefusals).
		WithInterceptorFuncs(interceptor.Funcs{
			Create: func(ctx context.Context, inner client.WithWatch, obj client.Object, opts ...client.CreateOption) error {
				if c.create != nil {
					return c.create
				}
				return inner.Create(ctx, obj, opts...)
			},
			SubResourceApply: func(_ context.Context, _ client.Client, _ string, obj runtime.ApplyConfiguration, _ ...client.SubResourceApplyOption) error {
				fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
				require.NoError(t, err)
				var s struct {
					Status v1alpha1.NotebookValidationJobStatus `json:"status"`
				}
				require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &s))
				c.applied = append(c.applied, s.Status)
				return c.apply
			},
		}).Build()
	return c
}

func (c *cluster) reconciler() *Reconciler {
	return &Reconciler{
		Client: c, APIReader: c, Children: child.Writer{Client: c, Live: c}, Recorder: c.recorder,
		Clock: clocktesting.NewFakePassiveClock(builders.Epoch.Add(time.Minute)),
	}
}

func (c *cluster) reconcile(t *testing.T, job *v1alpha1.NotebookValidationJob) (ctrl.Result, error) {
	t.Helper()
	return c.reconciler().Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(job)})
}

// told are the events that were sent.
func (c *cluster) told() []string {
	var all []string
	for len(c.recorder.Events) > 0 {
		all = append(all, <-c.recorder.Events)
	}
	return all
}

var invalid = apierrors.NewInvalid(schema.GroupKind{Group: "batch", Kind: "Job"}, "iris", nil)

func TestARunThatTheServerRefusesIsAVerdictAndNotTriedForEver(t *testing.T) {
	earlier := ready().Status(func(s *v1alpha1.NotebookValidationJobStatus) {
		s.Validation, s.Results = &v1alpha1.ValidationStatus{RunName: "old", Cells: 3}, []v1alpha1.CellResult{{CellIndex: 1, Status: v1alpha1.CellSuccess}}
	}).Validated(yes, v1alpha1.ReasonPassed).Generation(2).BuildReady(yes, v1alpha1.ReasonBuildNotRequired)
	for name, job := range map[string]*v1alpha1.NotebookValidationJob{
		"at the first look, with no status yet":     ready().Obj(),
		"a build":                                   built().Obj(),
		"with the results of an earlier generation": earlier.Obj(),
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, job)
			c.create = invalid
			_, err := c.reconcile(t, job)
			require.NoError(t, err)
			require.Len(t, c.applied, 1)
			require.Len(t, c.applied[0].Conditions, 1)
			verdict := c.applied[0].Conditions[0]
			assert.Equal(t, no, verdict.Status)
			assert.Equal(t, v1alpha1.ReasonPodConfigInvalid, verdict.Reason)
			assert.Contains(t, verdict.Message, "is invalid")
			assert.Contains(t, verdict.Message, "Correct podConfig")
			assert.Equal(t, job.Generation, verdict.ObservedGeneration)
			assert.Empty(t, c.applied[0].Results, "nothing ran")
			assert.Nil(t, c.applied[0].Validation)
			assert.Len(t, c.told(), 1)
		})
	}
}

func TestAServerInTroubleIsTriedAgainAndNothingIsWritten(t *testing.T) {
	job := ready().Obj()
	c := newCluster(t, job)
	c.create = apierrors.NewInternalError(errors.New("no"))
	_, err := c.reconcile(t, job)
	require.ErrorIs(t, err, c.create)
	assert.Empty(t, c.applied)
}

func TestChildrenComeBeforeTheStatusThatSpeaksOfThem(t *testing.T) {
	job := ready().Obj()
	c := newCluster(t, job)
	c.apply = errors.New("the operator dies here")
	_, err := c.reconcile(t, job)
	require.ErrorIs(t, err, c.apply)
	assert.Empty(t, c.told(), "what was not written is not told")

	c.apply = nil
	_, err = c.reconcile(t, job)
	require.NoError(t, err, "the run is found under its name")
	var runs batchv1.JobList
	require.NoError(t, c.List(t.Context(), &runs))
	require.Len(t, runs.Items, 1)
	assert.True(t, metav1.IsControlledBy(&runs.Items[0], job))
}

func TestAStaleWriteIsDropped(t *testing.T) {
	job := ready().Obj()
	c := newCluster(t, job)
	c.apply = apierrors.NewConflict(schema.GroupResource{Resource: "notebookvalidationjobs"}, "iris", errors.New("written meanwhile"))
	_, err := c.reconcile(t, job)
	assert.NoError(t, err)
	assert.Empty(t, c.told())
}

func TestWhatIsToldAsAnEvent(t *testing.T) {
	waiting := newCluster(t, built().Obj())
	_, err := waiting.reconcile(t, built().Obj())
	require.NoError(t, err)
	assert.Empty(t, waiting.told(), "the build is told of by the aggregate controller")

	runs := newCluster(t, ready().Obj())
	_, err = runs.reconcile(t, ready().Obj())
	require.NoError(t, err)
	assert.Equal(t, []string{"Normal RunPending The run is being created."}, runs.told())
}

func TestAJobThatIsGoneOrBeingDeletedIsLeftAlone(t *testing.T) {
	gone := newCluster(t)
	_, err := gone.reconcile(t, ready().Obj())
	require.NoError(t, err)

	deleting := ready().Obj()
	at := builders.At(0)
	deleting.DeletionTimestamp, deleting.Finalizers = &at, []string{"example.com/user"}
	c := newCluster(t, deleting)
	_, err = c.reconcile(t, deleting)
	require.NoError(t, err)
	assert.Empty(t, c.applied)
	var runs batchv1.JobList
	require.NoError(t, c.List(t.Context(), &runs))
	assert.Empty(t, runs.Items)
}

func TestChildrenOfAnEarlierJobOfThatNameAreNotSeen(t *testing.T) {
	earlier := built().UID("earlier").Obj()
	job := built().Obj()
	claimed := builders.MakeBuildOf(earlier).Obj()
	claimed.Labels[v1alpha1.LabelOwnerUID] = string(job.UID)
	claimed.Name = "claimed"
	c := newCluster(t, job, builders.MakeBuildOf(earlier).Obj(), claimed)
	_, err := c.reconcile(t, job)
	require.NoError(t, err)
	var builds v1alpha1.NotebookBuildList
	require.NoError(t, c.List(t.Context(), &builds))
	var names []string
	for _, b := range builds.Items {
		names = append(names, b.Name)
	}
	assert.ElementsMatch(t, []string{"claimed", naming.Build(earlier), naming.Build(job)}, names, "none is taken, none is deleted")
}

func TestAStuckRunIsLookedAtAgainAndThenCancelled(t *testing.T) {
	job := ready().Obj()
	current := builders.MakeRunOf(job).Obj()
	stuck := pod().Of(current).Init("fetch", builders.Waiting("ImagePullBackOff", "not found")).Obj()
	c := newCluster(t, job, current, stuck)
	r := c.reconciler()
	result, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(job)})
	require.NoError(t, err)
	assert.Equal(t, time.Minute, result.RequeueAfter)

	r.Clock = clocktesting.NewFakePassiveClock(builders.Epoch.Add(2 * time.Minute))
	_, err = r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(job)})
	require.NoError(t, err)
	assert.True(t, apierrors.IsNotFound(c.Get(t.Context(), client.ObjectKeyFromObject(current), &batchv1.Job{})))
	assert.Equal(t, v1alpha1.ReasonImagePullFailed, c.applied[1].Conditions[0].Reason)
}
