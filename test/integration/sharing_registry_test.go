package integration

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/registry"
)

// answering is a registry that a test has fall silent, and that remembers what it was asked with.
type answering struct {
	registries
	mu     sync.Mutex
	silent bool
	asked  []registry.Access
}

func (a *answering) answer(yes bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.silent = !yes
}

// questions are what it was asked with so far.
func (a *answering) questions() []registry.Access {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.asked)
}

func (a *answering) Exists(ctx context.Context, image string, access registry.Access) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, access)
	if a.silent {
		return false, &registry.Error{Reason: registry.Unreachable, Temporary: true, Message: "The registry does not answer."}
	}
	return a.registries.Exists(ctx, image, access)
}

func TestARegistryThatDoesNotAnswerIsWaitedFor(t *testing.T) {
	t.Parallel()
	w, images := newWorldWithoutOperator(t), &answering{}
	w.operator = startOperatorWith(t, newLine(), setup{settings: theSettings, images: images}, w.namespace)
	first := w.create("first", withBuild)
	w.finishBuild(first, "a")
	w.awaitGate(first, v1alpha1.ReasonBuildSucceeded)

	images.answer(false)
	later := w.crowd("later", 3)
	for _, job := range later {
		waiting := w.awaitBuild(w.buildOf(job), v1alpha1.ReasonRegistryUnreachable)
		assert.Contains(t, succeeded(waiting).Message, "The registry does not answer. It is tried again.")
		w.awaitMessage(job, "The registry does not answer.")
		w.awaitCondition(job, v1alpha1.ConditionBuildReady, metav1.ConditionUnknown, v1alpha1.ReasonRegistryUnreachable)
	}
	images.answer(true)
	for _, job := range later {
		assert.Equal(t, w.image("a"), w.awaitGate(job, v1alpha1.ReasonBuildReused).Status.BuildStatus.ImageReference)
	}
	assert.Len(t, w.builders(), 1, "a registry that is away for a moment costs no build")
}

func TestTheRegistryIsAskedWithThePushSecret(t *testing.T) {
	t.Parallel()
	w, images := newWorldWithoutOperator(t), &answering{}
	w.operator = startOperatorWith(t, newLine(), setup{settings: theSettings, images: images}, w.namespace)
	private := func(job *v1alpha1.NotebookValidationJob) {
		job.Spec.PodConfig.BuildConfig.Registry = &v1alpha1.ImageRegistry{
			Repository: theSettings.Registry.Repository + "/" + w.namespace, PushSecret: "push", Insecure: true,
		}
	}
	first := w.create("first", withBuild, private)
	w.finishBuild(first, "a")
	w.awaitGate(first, v1alpha1.ReasonBuildSucceeded)
	second := w.create("second", withBuild, private)
	w.awaitTold(w.buildOf(second), `The Secret "push" is not in namespace`)

	config := []byte(`{"auths":{"registry.example.com":{"auth":"c29tZWJvZHk6c2VjcmV0"}}}`)
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "push"}, Type: corev1.SecretTypeDockerConfigJson}
	secret.Data = map[string][]byte{corev1.DockerConfigJsonKey: config}
	require.NoError(t, kube.Create(t.Context(), secret))
	w.awaitGate(second, v1alpha1.ReasonBuildReused)
	asked := images.questions()
	require.NotEmpty(t, asked)
	for _, access := range asked { // it may be asked again before the operator sees that it has decided
		assert.Equal(t, registry.Access{DockerConfig: config, Insecure: []string{"registry.example.com"}}, access)
	}
}

func TestAnImageStaysForOthersWhenItsBuildIsDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.createBuild("first")
	w.finishBuilder(first, "a")
	w.awaitBuild(first, v1alpha1.ReasonBuildSucceeded)
	second := w.createBuild("second")
	assert.Equal(t, "first", w.awaitBuild(second, v1alpha1.ReasonBuildReused).Status.ReusedFrom)

	require.NoError(t, kube.Delete(t.Context(), first))
	third := w.awaitBuild(w.createBuild("third"), v1alpha1.ReasonBuildReused)
	assert.Equal(t, "second", third.Status.ReusedFrom)
	assert.Equal(t, w.image("a"), third.Status.ImageReference)

	require.NoError(t, kube.Delete(t.Context(), second))
	require.NoError(t, kube.Delete(t.Context(), third))
	awaitGone(t, third)
	fourth := w.createBuild("fourth")
	w.finishBuilder(fourth, "b") // nobody has the image any more
	w.awaitBuild(fourth, v1alpha1.ReasonBuildSucceeded)
}

func TestABuildForItselfAloneStandsApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leader := w.createBuild("leader")
	w.childOf(leader)
	own := w.createBuild("own", alone)
	w.childOf(own) // it does not wait for the leader
	w.finishBuilder(own, "b")
	w.awaitBuild(own, v1alpha1.ReasonBuildSucceeded)

	follower := w.createBuild("follower")
	waiting := w.awaitBuild(follower, v1alpha1.ReasonWaitingForSharedBuild)
	assert.Equal(t, "leader", waiting.Status.ReusedFrom, "an image that was not to be shared is there, and is not taken")
	w.finishBuilder(leader, "a")
	assert.Equal(t, w.image("a"), w.awaitBuild(follower, v1alpha1.ReasonBuildReused).Status.ImageReference)

	again := w.createBuild("again", alone)
	w.finishBuilder(again, "c") // the images of others are not taken either
	assert.Equal(t, w.image("c"), w.awaitBuild(again, v1alpha1.ReasonBuildSucceeded).Status.ImageReference)
}

func TestNoGateOpensBeforeTheImageAndNoTwoBuildAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jobs := w.crowd("job", sharers)
	_, leader := w.soleBuilder()
	w.finishBuilder(leader, "a") // while the others are still being resolved, or wait
	reasons := map[string]int{}
	for _, job := range jobs {
		ready := w.await(job, func(c *assert.CollectT, job *v1alpha1.NotebookValidationJob) {
			assert.True(c, meta.IsStatusConditionTrue(job.Status.Conditions, v1alpha1.ConditionBuildReady))
		})
		reasons[reasonOf(ready, v1alpha1.ConditionBuildReady)]++
		assert.Equal(t, w.image("a"), ready.Status.BuildStatus.ImageReference)
		assert.Greater(t, gateOpened(w.history.until(t, ready), job.UID, 1), w.imageSince(leader))
	}
	assert.Equal(t, map[string]int{v1alpha1.ReasonBuildSucceeded: 1, v1alpha1.ReasonBuildReused: sharers - 1}, reasons)
	most, _ := mostAtOnce(buildStates(w))
	assert.Equal(t, 1, most)
	assert.Len(t, w.builders(), 1)
}

// imageSince is when a build ended with its image.
func (w *world) imageSince(build *v1alpha1.NotebookBuild) uint64 {
	w.Helper()
	for _, state := range buildStates(w) {
		if state.UID == build.UID && state.Status.ImageReference != "" {
			return version(state)
		}
	}
	require.Fail(w, "there never was an image", build.Name)
	return 0
}
