package build

import (
	"context"
	"errors"
	"strings"
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
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/child"
	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/observe"
	"mlops.dev/notebook-validator-operator/internal/registry"
	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// resolver answers as a case tells it to, and keeps what it was asked.
type resolver struct {
	err   error
	asked []source.Repository
}

func (r *resolver) Resolve(_ context.Context, repository source.Repository) (*source.Snapshot, error) {
	r.asked = append(r.asked, repository)
	return nil, r.err
}

// images answer as a case tells them to, and keep what they were asked.
type images struct {
	pinned string
	lost   map[string]bool
	err    error
	asked  []string
	access []registry.Access
}

func (i *images) Pin(_ context.Context, reference string, access registry.Access) (string, error) {
	i.asked, i.access = append(i.asked, reference), append(i.access, access)
	return i.pinned, i.err
}

func (i *images) Exists(_ context.Context, image string, access registry.Access) (bool, error) {
	i.asked, i.access = append(i.asked, image), append(i.access, access)
	return !i.lost[image] && i.err == nil, i.err
}

// streams know the images of one image stream, "stream:..." by name and in what was built.
type streams struct{ there bool }

func (s streams) Pin(_ context.Context, namespace, reference string) (string, bool, error) {
	if !strings.HasPrefix(reference, "stream:") {
		return "", false, nil
	}
	return "registry.internal/" + namespace + "/base@sha256:" + strings.Repeat("1", 64), true, nil
}

func (s streams) Exists(_ context.Context, _, image string) (bool, bool, error) {
	return s.there, strings.HasPrefix(image, "registry.internal/"), nil
}

// places have room for every build.
func places() *outward {
	o, _ := newOutward()
	return o
}

// systems offer what they hold.
type systems struct {
	strategies []buildstrategy.Strategy
	settling   bool
}

func (s *systems) Available() ([]buildstrategy.Strategy, bool) { return s.strategies, s.settling }

// cluster is what the reconciler acts on: a client that keeps children, and notes what would be applied to a status.
type cluster struct {
	client.Client
	*Reconciler
	resolver *resolver
	images   *images
	systems  *systems
	strategy *strategy
	recorder *events.FakeRecorder
	applied  []v1alpha1.NotebookBuildStatus
	create   error
	apply    error
}

func newCluster(t *testing.T, objects ...client.Object) *cluster {
	t.Helper()
	scheme := runtime.NewScheme()
	require.NoError(t, clientgoscheme.AddToScheme(scheme))
	require.NoError(t, v1alpha1.AddToScheme(scheme))
	c := &cluster{recorder: events.NewFakeRecorder(10), resolver: &resolver{}, images: &images{pinned: builders.BaseImage}, strategy: &strategy{name: "job"}}
	c.systems = &systems{strategies: []buildstrategy.Strategy{c.strategy}}
	c.Client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithIndex(&corev1.Event{}, observe.RefusalIndex, observe.IndexRefusals).
		WithIndex(&v1alpha1.NotebookBuild{}, byEnvironment, indexEnvironment).WithIndex(&v1alpha1.NotebookBuild{}, byOpen, indexOpen).
		WithInterceptorFuncs(interceptor.Funcs{
			Create: func(ctx context.Context, inner client.WithWatch, obj client.Object, opts ...client.CreateOption) error {
				if c.create != nil {
					return c.create
				}
				return inner.Create(ctx, obj, opts...)
			},
			Apply: func(context.Context, client.WithWatch, runtime.ApplyConfiguration, ...client.ApplyOption) error {
				return c.create
			},
			SubResourceApply: func(_ context.Context, _ client.Client, _ string, obj runtime.ApplyConfiguration, _ ...client.SubResourceApplyOption) error {
				fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
				require.NoError(t, err)
				var s struct {
					Status v1alpha1.NotebookBuildStatus `json:"status"`
				}
				require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &s))
				c.applied = append(c.applied, s.Status)
				return c.apply
			},
		}).Build()
	c.Reconciler = &Reconciler{
		Client: c.Client, APIReader: c.Client, Children: child.Writer{Client: c.Client, Live: c.Client}, Resolver: c.resolver,
		Images: c.images, ImageStreams: streams{there: true}, Systems: c.systems, Recorder: c.recorder, Settings: operator,
		admission: admission{claims: map[types.UID]metav1.Time{}}, outward: places(),
		Clock: clocktesting.NewFakePassiveClock(builders.Epoch.Add(time.Minute)),
	}
	return c
}

func (c *cluster) reconcile(t *testing.T, build *v1alpha1.NotebookBuild) error {
	t.Helper()
	_, err := c.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(build)})
	return err
}

// last is what was applied to the condition Succeeded last.
func (c *cluster) last(t *testing.T) metav1.Condition {
	t.Helper()
	require.NotEmpty(t, c.applied)
	return succeeded(t, plan{status: c.applied[len(c.applied)-1]})
}

// recorded is the ConfigMap with the Dockerfile of a resolved build.
func recorded(build *v1alpha1.NotebookBuild) *corev1.ConfigMap {
	configMap := dockerfileConfigMap(build, "FROM recorded")
	configMap.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(build, v1alpha1.SchemeGroupVersion.WithKind("NotebookBuild"))}
	return configMap
}

func childOf(build *v1alpha1.NotebookBuild) *builders.RunJobBuilder {
	return builders.MakeRunJob(naming.BuildChild(build), build.Namespace).ControlledBy("NotebookBuild", build)
}

var invalid = apierrors.NewInvalid(schema.GroupKind{Group: "batch", Kind: "Job"}, "image", nil)

func TestAChildThatTheServerRefusesDecidesTheBuild(t *testing.T) {
	build := begun().Obj()
	c := newCluster(t, build, recorded(build))
	c.create = invalid
	require.NoError(t, c.reconcile(t, build), "not tried for ever")
	verdict := c.last(t)
	assert.Equal(t, no, verdict.Status)
	assert.Equal(t, v1alpha1.ReasonBuildConfigInvalid, verdict.Reason)
	assert.Contains(t, verdict.Message, "Correct buildConfig")
	assert.Equal(t, v1alpha1.BuildPhaseFailed, c.applied[0].Phase)
	assert.Equal(t, builders.Commit, c.applied[0].Commit)
	assert.Len(t, c.recorder.Events, 1)
}

func TestADockerfileThatTheServerRefusesDecidesTheBuildOfThisGeneration(t *testing.T) {
	build := fresh().Obj()
	c := newCluster(t, build)
	c.create = invalid
	p := c.planner().plan(build, seen{resolution: &resolution{commit: builders.Commit, environment: environment.Environment{Source: environment.BaseImage, Dockerfile: "FROM a\n"}}})
	require.NoError(t, c.act(t.Context(), build, p))
	assert.Equal(t, no, c.last(t).Status)
	assert.Equal(t, int64(1), c.applied[0].ObservedGeneration)
}

func TestAServerInTroubleIsToldOnceAndTriedAgainUntilTheTimeIsUp(t *testing.T) {
	build := begun().Obj()
	c := newCluster(t, build, recorded(build))
	c.create = apierrors.NewInternalError(errors.New("the webhook does not answer on port 40001"))
	require.ErrorIs(t, c.reconcile(t, build), c.create)
	first := c.last(t)
	assert.Equal(t, unknown, first.Status)
	assert.Equal(t, v1alpha1.ReasonBuilderWaiting, first.Reason)
	assert.Contains(t, first.Message, "the webhook does not answer on port 40001. It is tried again.")

	build.Status.Conditions = c.applied[len(c.applied)-1].Conditions
	c.create = apierrors.NewInternalError(errors.New("the webhook does not answer on port 40002"))
	require.ErrorIs(t, c.act(t.Context(), build, plan{createChild: childOf(build).Obj(), status: build.Status}), c.create)
	assert.Len(t, c.applied, 1, "a text that differs at every try is not written at every try")

	c.Clock = clocktesting.NewFakePassiveClock(builders.Epoch.Add(time.Hour))
	require.NoError(t, c.act(t.Context(), build, plan{createChild: childOf(build).Obj(), status: build.Status}))
	assert.Equal(t, no, c.last(t).Status)
	assert.Equal(t, v1alpha1.ReasonBuilderWaiting, c.last(t).Reason)
}

func TestADockerfileThatCannotBeRecordedIsTriedAgainUntilTheTimeIsUp(t *testing.T) {
	build := fresh().Obj()
	c := newCluster(t, build)
	c.create = apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "image", errors.New("exceeded quota"))
	found := seen{resolution: &resolution{commit: builders.Commit, environment: environment.Environment{Source: environment.BaseImage, Dockerfile: "FROM a\n"}}}
	require.ErrorIs(t, c.act(t.Context(), build, c.planner().plan(build, found)), c.create)
	assert.Equal(t, unknown, c.last(t).Status)
	build.Status = c.applied[0]
	assert.Empty(t, build.Status.Commit, "what is not recorded is resolved again")

	c.Clock = clocktesting.NewFakePassiveClock(builders.Epoch.Add(16 * time.Minute))
	require.NoError(t, c.act(t.Context(), build, c.planner().plan(build, found)), "not for ever")
	assert.Equal(t, no, c.last(t).Status)
	assert.Contains(t, c.last(t).Message, "exceeded quota")
}

func TestAnOwnerThatChangedMeanwhileIsNoTrouble(t *testing.T) {
	build := begun().Obj()
	c := newCluster(t, build, recorded(build))
	c.create = apierrors.NewConflict(schema.GroupResource{}, build.Name, errors.New("it was changed"))
	require.NoError(t, c.reconcile(t, build), "its newer state brings it back")
	assert.Empty(t, c.applied)
}

func TestADockerfileThatSomebodyDeletedEndsTheBuild(t *testing.T) {
	build := begun().Obj()
	c := newCluster(t, build)
	require.NoError(t, c.reconcile(t, build), "it does not come back")
	assert.Equal(t, v1alpha1.ReasonBuilderFailed, c.last(t).Reason)
	assert.Contains(t, c.last(t).Message, naming.Dockerfile(build))
}

func TestTheOldChildIsGoneBeforeTheStatusNamesAnother(t *testing.T) {
	build := resolved().Running().Obj()
	current := childOf(build).Obj()
	c := newCluster(t, build, current)
	c.strategy.outcome = buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: buildstrategy.BuildEvicted, Message: "Evicted.", Temporary: true}
	c.apply = errors.New("the operator dies here")
	require.ErrorIs(t, c.reconcile(t, build), c.apply)
	assert.True(t, apierrors.IsNotFound(c.Get(t.Context(), client.ObjectKeyFromObject(current), &batchv1.Job{})))
}

func TestAnOperatorThatDiesBetweenChildAndStatusEndsWithOneChild(t *testing.T) {
	build := begun().Obj()
	c := newCluster(t, build, recorded(build))
	c.apply = errors.New("the operator dies here")
	require.ErrorIs(t, c.reconcile(t, build), c.apply)
	c.apply = nil
	require.NoError(t, c.reconcile(t, build))
	var jobs batchv1.JobList
	require.NoError(t, c.List(t.Context(), &jobs))
	require.Len(t, jobs.Items, 1)
	assert.True(t, metav1.IsControlledBy(&jobs.Items[0], build))
	assert.Equal(t, jobs.Items[0].Name, c.applied[len(c.applied)-1].ChildName)
}

func TestAChildOfSomebodyElseIsNotTakenOver(t *testing.T) {
	build := begun().Obj()
	c := newCluster(t, build, recorded(build), builders.MakeRunJob(naming.BuildChild(build), "team").Obj())
	require.ErrorContains(t, c.reconcile(t, build), "belongs to somebody else; delete it")
	assert.Equal(t, v1alpha1.ReasonBuilderWaiting, c.last(t).Reason)
}

func TestAChildThatGoesOnForEverIsDeleted(t *testing.T) {
	build := resolved().Running().Obj()
	current := childOf(build).Obj()
	c := newCluster(t, build, current)
	c.strategy.outcome = buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: buildstrategy.BuilderForbidden, Message: "No.", Cancel: true}
	require.NoError(t, c.reconcile(t, build))
	assert.True(t, apierrors.IsNotFound(c.Get(t.Context(), client.ObjectKeyFromObject(current), &batchv1.Job{})))
	assert.Equal(t, "Warning BuilderForbidden No.", <-c.recorder.Events)
}

func TestTheServerIsAskedOnlyWhileThereIsNoCommit(t *testing.T) {
	for name, build := range map[string]*v1alpha1.NotebookBuild{"resolved": resolved().Obj(), "decided": fresh().Failed(v1alpha1.ReasonRefNotFound, "no").Obj()} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, build)
			require.NoError(t, c.reconcile(t, build))
			assert.Empty(t, c.resolver.asked, "a ref is resolved once")
		})
	}
}

func TestABuildThatTheCacheKnowsAnEarlierStateOfIsNotResolvedOnceMore(t *testing.T) {
	build := fresh().Obj()
	written := resolved().Obj()
	written.ResourceVersion = "1000"
	for name, cluster := range map[string][]client.Object{"it is resolved": {written}, "it is deleted": nil} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, build)
			c.Children.Live = newCluster(t, cluster...).Client
			require.NoError(t, c.reconcile(t, build), "the newer state is an event")
			assert.Empty(t, c.resolver.asked)
			assert.Empty(t, c.applied)
			assert.Empty(t, c.outward.taken, "its place is free again")
		})
	}
}

func TestAServerThatDoesNotAnswerIsToldAndTriedAgain(t *testing.T) {
	build := fresh().Spec(func(s *v1alpha1.NotebookBuildSpec) { s.Git.InsecureIgnoreHostKey = true }).Obj()
	c := newCluster(t, build)
	c.resolver.err = &source.Error{Reason: source.SourceUnreachable, Message: "No answer.", Temporary: true}
	require.ErrorIs(t, c.reconcile(t, build), c.resolver.err, "the queue backs off")
	assert.Equal(t, v1alpha1.ReasonResolving, c.last(t).Reason)
	assert.Equal(t, []source.Repository{{URL: build.Spec.Git.URL, Ref: "main", InsecureIgnoreHostKey: true}}, c.resolver.asked)
}

func TestTheSecretOfTheBuildAndNoOther(t *testing.T) {
	secret := func(namespace string, data map[string][]byte) *corev1.Secret {
		return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "git", Namespace: namespace}, Data: data}
	}
	password := map[string][]byte{"username": []byte("me"), "password": []byte("secret\n")}
	build := fresh().Spec(func(s *v1alpha1.NotebookBuildSpec) { s.Git.CredentialsSecret = "git" }).Obj()
	tests := map[string]struct {
		secrets []client.Object
		want    *source.Credentials
		reason  string
		says    string
	}{
		"its own":                {[]client.Object{secret("team", password)}, &source.Credentials{Username: "me", Password: "secret"}, v1alpha1.ReasonResolving, "No answer."},
		"none: it may come":      {nil, nil, v1alpha1.ReasonResolving, `The Secret "git" is not in namespace "team". Create it`},
		"one of another team":    {[]client.Object{secret("other", password)}, nil, v1alpha1.ReasonResolving, `is not in namespace "team"`},
		"one with nothing in it": {[]client.Object{secret("team", nil)}, nil, v1alpha1.ReasonCredentialsInvalid, "none of the keys"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, append(test.secrets, build)...)
			c.resolver.err = &source.Error{Reason: source.SourceUnreachable, Message: "No answer.", Temporary: true}
			_ = c.reconcile(t, build) // a passing trouble comes back as an error
			assert.Equal(t, test.reason, c.last(t).Reason)
			assert.Contains(t, c.last(t).Message, test.says)
			if test.want == nil {
				assert.Empty(t, c.resolver.asked)
				return
			}
			require.Len(t, c.resolver.asked, 1)
			assert.Equal(t, *test.want, c.resolver.asked[0].Credentials)
			assert.NotContains(t, c.last(t).Message, "secret")
		})
	}
}

func TestWhatIsAskedOfTheEnvironment(t *testing.T) {
	off := false
	build := fresh().Spec(func(s *v1alpha1.NotebookBuildSpec) {
		s.BaseImage, s.Dockerfile, s.RequirementsFile, s.RequirementsSources = "python:3.9", "D", "r.txt", []string{"a", "b"}
		s.AutoGenerateRequirements, s.PreferDockerfile, s.FallbackStrategy = &off, true, "fail"
	}).Obj()
	r := newCluster(t).Reconciler
	assert.Equal(t, environment.Options{
		NotebookPath: "tier1/iris.ipynb", BaseImage: "python:3.9", Dockerfile: "D", AutoGenerateRequirements: false,
		RequirementsFile: "r.txt", RequirementsSources: []string{"a", "b"}, PreferDockerfile: true, FallbackStrategy: "fail",
	}, r.environmentOptions(build))
	plain := r.environmentOptions(fresh().Obj())
	assert.True(t, plain.AutoGenerateRequirements, "it is the default")
	assert.Equal(t, "docker.io/library/python:3.12", plain.BaseImage)
}

func TestABuildThatIsGoneOrBeingDeletedIsLeftAlone(t *testing.T) {
	require.NoError(t, newCluster(t).reconcile(t, fresh().Obj()))
	deleting := fresh().Deleting().Obj()
	deleting.Finalizers = []string{"example.com/user"}
	c := newCluster(t, deleting)
	require.NoError(t, c.reconcile(t, deleting))
	assert.Empty(t, c.resolver.asked)
	assert.Empty(t, c.applied)
}
