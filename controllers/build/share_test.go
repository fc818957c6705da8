package build

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/registry"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

const otherImage = "registry.example.com/notebooks/team@sha256:1111111111111111111111111111111111111111111111111111111111111111"

// finished ended well with that image, so long after Epoch.
func finished(name, image string, after time.Duration) *builders.BuildBuilder {
	at := builders.At(after)
	return other(name).Complete(image).Status(func(s *v1alpha1.NotebookBuildStatus) { s.CompletionTime = &at })
}

func TestWhichImageIsReused(t *testing.T) {
	unreachable := &registry.Error{Reason: registry.Unreachable, Message: "No answer.", Temporary: true}
	refused := &registry.Error{Reason: registry.Unauthorized, Message: "No."}
	waited := func(s *v1alpha1.NotebookBuildStatus) { s.ReusedFrom = "first" }
	never := func(s *v1alpha1.NotebookBuildSpec) { s.Cache = v1alpha1.CacheNever }
	tests := map[string]struct {
		build    *builders.BuildBuilder
		siblings []*builders.BuildBuilder
		lost     string
		err      error
		image    string // the build whose image is used
		failed   bool
		passing  bool
		asked    int
	}{
		"none":                                   {resolved(), nil, "", nil, "", false, false, 0},
		"one that is there":                      {resolved(), []*builders.BuildBuilder{finished("first", builders.Image, 0)}, "", nil, "first", false, false, 1},
		"the last one":                           {resolved(), []*builders.BuildBuilder{finished("first", builders.Image, 0), finished("second", otherImage, time.Hour)}, "", nil, "second", false, false, 1},
		"one that the registry lost":             {resolved(), []*builders.BuildBuilder{finished("first", builders.Image, 0)}, builders.Image, nil, "", false, false, 1},
		"one that it lost, and an earlier one":   {resolved(), []*builders.BuildBuilder{finished("first", otherImage, 0), finished("second", builders.Image, time.Hour)}, builders.Image, nil, "first", false, false, 2},
		"many with the one image that it lost":   {resolved(), []*builders.BuildBuilder{finished("first", builders.Image, 0), finished("second", builders.Image, time.Hour)}, builders.Image, nil, "", false, false, 1},
		"a registry that does not answer":        {resolved(), []*builders.BuildBuilder{finished("first", builders.Image, 0)}, "", unreachable, "", false, true, 1},
		"nor does it for many":                   {resolved(), []*builders.BuildBuilder{finished("first", builders.Image, 0), finished("second", otherImage, time.Hour)}, "", unreachable, "", false, true, 1},
		"it broke down, as others need not":      {resolved().Status(waited), []*builders.BuildBuilder{other("first").Failed(v1alpha1.ReasonBuilderFailed, "no")}, "", nil, "", false, false, 0},
		"a registry that tells nothing":          {resolved(), []*builders.BuildBuilder{finished("first", builders.Image, 0)}, "", refused, "", false, false, 1},
		"the one that it waited for, unasked":    {resolved().Status(waited), []*builders.BuildBuilder{finished("first", builders.Image, 0)}, "", unreachable, "first", false, false, 0},
		"the one that it waited for failed":      {resolved().Status(waited), []*builders.BuildBuilder{other("first").Failed(v1alpha1.ReasonBuildFailed, "no")}, "", nil, "", true, false, 0},
		"it failed for a reason of its own":      {resolved().Status(waited), []*builders.BuildBuilder{other("first").Failed(v1alpha1.ReasonOutOfMemory, "no")}, "", nil, "", false, false, 0},
		"one failed before":                      {resolved(), []*builders.BuildBuilder{other("first").Failed(v1alpha1.ReasonBuildFailed, "no")}, "", nil, "", false, false, 0},
		"an image without a digest":              {resolved(), []*builders.BuildBuilder{finished("first", "registry.example.com/x:1", 0)}, "", nil, "", false, false, 0},
		"one of another environment":             {resolved(), []*builders.BuildBuilder{ofNamespace("team", "first").Complete(builders.Image)}, "", nil, "", false, false, 0},
		"one of another namespace":               {resolved(), []*builders.BuildBuilder{builders.MakeBuild("first", "other").Resolved(builders.Commit).Complete(builders.Image)}, "", nil, "", false, false, 0},
		"one that was built for itself alone":    {resolved(), []*builders.BuildBuilder{finished("first", builders.Image, 0).Spec(never)}, "", nil, "", false, false, 0},
		"a build for itself alone":               {resolved().Spec(never), []*builders.BuildBuilder{finished("first", builders.Image, 0)}, "", nil, "", false, false, 0},
		"an image stream's, asked where it lies": {resolved(), []*builders.BuildBuilder{finished("first", "registry.internal/x@"+otherImage[len(otherImage)-71:], 0)}, "", refused, "first", false, false, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			build := test.build.Obj()
			objects := []client.Object{build, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "push", Namespace: "team"}}}
			for _, sibling := range test.siblings {
				objects = append(objects, sibling.Obj())
			}
			c := newCluster(t, objects...)
			c.images.err, c.images.lost = test.err, map[string]bool{test.lost: true}
			found, err := c.observeReuse(t.Context(), build)
			require.NoError(t, err)
			if test.image == "" {
				assert.Nil(t, found.image)
			} else if assert.NotNil(t, found.image) {
				assert.Equal(t, test.image, found.image.Name)
			}
			assert.Equal(t, test.failed, found.failed != nil)
			assert.Equal(t, test.passing, found.err != nil)
			assert.Len(t, c.images.asked, test.asked)
			if shares(build) && !test.failed && test.image == "" {
				fresh, err := c.unchecked(t.Context(), build, found)
				require.NoError(t, err)
				assert.False(t, fresh, "each was looked at, and none has ended since")
			}
		})
	}
}

func TestARegistryThatDoesNotAnswerIsToldHoweverManyHaveTheImage(t *testing.T) {
	build := resolved().Obj()
	c := newCluster(t, build, finished("first", builders.Image, 0).Obj(), finished("second", otherImage, time.Hour).Obj(),
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "push", Namespace: "team"}})
	c.images.err = &registry.Error{Reason: registry.Unreachable, Message: "No answer.", Temporary: true}
	require.ErrorIs(t, c.reconcile(t, build), c.images.err, "the queue backs off")
	assert.Equal(t, v1alpha1.ReasonRegistryUnreachable, c.last(t).Reason)
}

func TestARegistryIsAskedWithThePushSecretOfTheBuild(t *testing.T) {
	build := resolved().Obj()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "push", Namespace: "team"}, Data: map[string][]byte{corev1.DockerConfigJsonKey: []byte("{}")}}
	c := newCluster(t, build, secret)
	pinned, err := c.pin(t.Context(), build, "docker.io/library/python:3.12")
	require.NoError(t, err)
	assert.Equal(t, builders.BaseImage, pinned)
	assert.Equal(t, []registry.Access{{DockerConfig: []byte("{}"), Insecure: []string{"registry.example.com"}}}, c.images.access)

	pinned, err = newCluster(t, build).pin(t.Context(), build, builders.BaseImage)
	require.NoError(t, err, "what is known needs no Secret")
	assert.Equal(t, builders.BaseImage, pinned)

	_, err = newCluster(t, build).pin(t.Context(), build, "docker.io/library/python:3.12")
	assert.ErrorContains(t, err, `The Secret "push" is not in namespace "team". Create it, or correct registry.pushSecret.`)
}

func TestTwoBuildsOfOneEnvironmentDoNotBothBegin(t *testing.T) {
	first, second := other("first").Obj(), other("second").Created(time.Second).Obj()
	c := newCluster(t, first, second)
	require.NoError(t, c.reconcile(t, first))
	require.NoError(t, c.reconcile(t, second), "the cache does not show yet that the first has begun: the fake never will")
	require.Len(t, c.applied, 2)
	assert.NotNil(t, c.applied[0].StartTime)
	assert.Nil(t, c.applied[1].StartTime)
	assert.Equal(t, "first", c.applied[1].ReusedFrom)
	require.NoError(t, c.reconcile(t, first))
	assert.Len(t, c.applied, 2, "it has begun already, and is not begun again")
}

func TestTheYoungerOneThatBeganFirstIsWaitedForBeforeTheCacheShowsIt(t *testing.T) {
	first, second := other("first").Obj(), other("second").Created(time.Second).Obj()
	c := newCluster(t, second)
	require.NoError(t, c.reconcile(t, second))
	require.NoError(t, c.Client.Create(t.Context(), withoutVersion(first)))
	require.NoError(t, c.reconcile(t, first))
	assert.Equal(t, "second", c.applied[1].ReusedFrom)
	assert.Nil(t, c.applied[1].StartTime)
}

func withoutVersion(build *v1alpha1.NotebookBuild) *v1alpha1.NotebookBuild {
	build.ResourceVersion = ""
	return build
}

func TestABuildThatEndedWhileItsImageWasLookedForIsLookedAtFirst(t *testing.T) {
	build := resolved().Obj()
	c := newCluster(t, build, finished("first", builders.Image, 0).Obj())
	p, err := c.admit(t.Context(), build, seen{reuse: reuse{checked: map[string]bool{}}, strategies: c.systems.strategies})
	require.NoError(t, err)
	assert.Equal(t, plan{}, p)
	assert.Empty(t, c.applied, "its end has the build looked at again")
}

func TestAClaimIsForgottenWhenTheCacheShowsIt(t *testing.T) {
	build := begun().Obj()
	c := newCluster(t, build)
	c.admission.claims[build.UID] = builders.At(0)
	c.admission.claims["gone"] = builders.At(0)
	_, err := c.fleet(t.Context())
	require.NoError(t, err)
	assert.Empty(t, c.admission.claims)
}

func TestWhoIsWokenWhenABuildIsOver(t *testing.T) {
	queued := ofNamespace("other", "queued").Condition(v1alpha1.ConditionSucceeded, unknown, v1alpha1.ReasonBuildQueued, "x").Obj()
	follower, stranger, running := other("follower").Obj(), ofNamespace("other", "stranger").Obj(), other("running").Begun().Obj()
	over := other("over").Complete(builders.Image).Obj()
	c := newCluster(t, queued, follower, stranger, running, over)
	q := newQueue(t)
	c.wake(t.Context(), over, q)
	assert.ElementsMatch(t, []string{"other/queued", "team/follower"}, q.names())
}

func TestWhoIsLookedAtWhenTheClusterOffersSomethingElse(t *testing.T) {
	failed := func(name string) *builders.BuildBuilder {
		return other(name).Begun().Failed(v1alpha1.ReasonBuildTimeout, "no")
	}
	c := newCluster(t, other("open").Obj(), failed("left").Obj(), other("never-begun").Failed(v1alpha1.ReasonBuildTimeout, "no").Obj(),
		other("done").Complete(builders.Image).Obj())
	q := newQueue(t)
	c.open().Generic(t.Context(), event.GenericEvent{}, q)
	assert.ElementsMatch(t, []string{"team/open", "team/left"}, q.names(), "a failed build may have left a child that goes on")
}

func TestABuildThatBeginsToWaitForSomethingElseLetsOthersGo(t *testing.T) {
	queued := ofNamespace("other", "queued").Condition(v1alpha1.ConditionSucceeded, unknown, v1alpha1.ReasonBuildQueued, "x").Obj()
	before := other("first").Obj()
	held := other("first").Condition(v1alpha1.ConditionSucceeded, unknown, v1alpha1.ReasonStrategyUnavailable, "x").Obj()
	c := newCluster(t, queued, held, other("follower").Obj())
	q := newQueue(t)
	c.waiting().Update(t.Context(), event.UpdateEvent{ObjectOld: before, ObjectNew: held}, q)
	assert.ElementsMatch(t, []string{"other/queued", "team/follower", "team/first"}, q.names())
	c.waiting().Update(t.Context(), event.UpdateEvent{ObjectOld: held, ObjectNew: held}, q)
	assert.Empty(t, q.names())
}

// queue keeps what was added to it.
type queue struct {
	workqueue.TypedRateLimitingInterface[reconcile.Request]
}

func newQueue(t *testing.T) queue {
	t.Helper()
	q := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	t.Cleanup(q.ShutDown)
	return queue{q}
}

func (q queue) names() []string {
	var names []string
	for q.Len() > 0 {
		next, _ := q.Get()
		names = append(names, next.String())
	}
	return names
}

func TestMachinesOfAnotherKindHaveAnotherEnvironment(t *testing.T) {
	r := newCluster(t).Reconciler
	hash := func(labels map[string]string) string {
		return r.hash(fresh().Spec(func(s *v1alpha1.NotebookBuildSpec) { s.NodeSelector = labels }).Obj(), environment.Environment{})
	}
	plain := hash(nil)
	assert.Equal(t, plain, hash(map[string]string{"disk": "fast"}), "the image is the same wherever it is made")
	assert.NotEqual(t, plain, hash(map[string]string{"kubernetes.io/arch": "arm64"}))
	assert.NotEqual(t, plain, hash(map[string]string{"kubernetes.io/os": "linux"}))
}

func TestATagThatWasPushedIsAskedForOnce(t *testing.T) {
	for name, test := range map[string]struct {
		tag, image string
		asked      int
	}{
		"of a registry":      {"registry.example.com/notebooks/team:1", builders.BaseImage, 1},
		"of an image stream": {"stream:image:latest", "registry.internal/team/base@sha256:" + otherImage[len(otherImage)-64:], 0},
	} {
		t.Run(name, func(t *testing.T) {
			build := resolved().Running().Obj()
			c := newCluster(t, build, childOf(build).Obj(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "push", Namespace: "team"}})
			c.strategy.outcome = buildstrategy.Outcome{Phase: buildstrategy.Succeeded, Tag: test.tag}
			require.NoError(t, c.reconcile(t, build))
			assert.Equal(t, yes, c.last(t).Status)
			assert.Equal(t, test.image, c.applied[0].ImageReference)
			assert.Len(t, c.images.asked, test.asked)
		})
	}
}

// BenchmarkQueue is one look at the queue, which every waiting build takes when another ends.
func BenchmarkQueue(b *testing.B) {
	for _, namespaces := range []int{1, 20, 1000} {
		b.Run(fmt.Sprintf("1000 builds of %d namespaces", namespaces), func(b *testing.B) {
			var fleet []v1alpha1.NotebookBuild
			for i := range 1000 {
				fleet = append(fleet, *ofNamespace(fmt.Sprint("team-", i%namespaces), fmt.Sprint("image-", i)).Obj())
			}
			l := limits{all: 10, inNamespace: 5}
			for b.Loop() {
				l.ahead(&fleet[999], fleet)
			}
		})
	}
}
