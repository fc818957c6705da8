package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
	"mlops.dev/notebook-validator-operator/test/notebooks"
)

// builder is a build system, as the tests of what each of them owes a user see it.
type builder struct {
	strategy string
	// list is of the kind of the object that does the work; nil where the scene sees it anyway.
	list client.ObjectList
	// children are the objects that did a job's builds, all that there ever were.
	children func(s *scene, job string) []client.Object
	// container that runs while the image is built.
	container string
	// podLabel holds a child's name on its pods; empty where the pods carry the labels of the job's build.
	podLabel string
}

func (b builder) build() change { return kit.BuildWith(b.strategy) }

func (b builder) scene(t *testing.T, content kit.Tree) *scene {
	t.Helper()
	if b.list == nil {
		return newSceneOf(t, kit.Baseline, content)
	}
	return newSceneOf(t, kit.Baseline, content, b.list)
}

func (b builder) sceneIn(t *testing.T, folder string) *scene {
	t.Helper()
	files, err := notebooks.Repository(folder)
	require.NoError(t, err)
	return b.scene(t, kit.Tree{Files: files})
}

// children of one kind that carry the labels of a job's build.
func childrenOf[T client.Object](s *scene, job string) []client.Object {
	var found []client.Object
	for _, child := range kit.Latest(s.Recorder, func(o T) bool { return kit.Of(o, job, kit.ComponentBuild) }) {
		found = append(found, child)
	}
	return found
}

// pods that did a job's builds, all that there ever were.
func (b builder) pods(s *scene, job string) []*corev1.Pod {
	if b.podLabel == "" {
		return s.Pods(job, kit.ComponentBuild)
	}
	names := map[string]bool{}
	for _, child := range b.children(s, job) {
		names[child.GetName()] = true
	}
	return kit.Latest(s.Recorder, func(pod *corev1.Pod) bool { return names[pod.Labels[b.podLabel]] })
}

// jobBuilder needs no build system.
var jobBuilder = builder{strategy: "job", children: childrenOf[*batchv1.Job], container: buildContainer}

func TestPlainJobsBuildAsPromised(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T, builder){
		"build that does not end is stopped":             buildTimesOut,
		"deleted job stops its build":                    deletedJobStopsItsBuild,
		"changed job stops its build and begins another": changedJobBuildsAnew,
		"registry that refuses the password":             registryRefusesThePassword,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, jobBuilder)
		})
	}
}

// seedScenario is a notebook that imports what only requirements.txt brings.
func seedScenario(t *testing.T, b builder) {
	t.Helper()
	s := b.sceneIn(t, "colours")
	job := s.validate(t, s.job("heights", "heights.ipynb", b.build()))

	requireBuilt(t, s, job)
	assert.Equal(t, b.strategy, job.Status.BuildStatus.Strategy)
	assert.Len(t, b.children(s, job.Name), 1)
	assert.Equal(t, "colours 1.1.0 units 1.0.0", cell(t, job, 2).Output)
	requireReport(t, s, job)
	requireLabels(t, s, job)
}

// requireBuilt checks that a job passed in an image of its own, and that nothing ran before the image was there.
func requireBuilt(t *testing.T, s *scene, job *v1alpha1.NotebookValidationJob) {
	t.Helper()
	requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	assert.Equal(t, v1alpha1.ReasonBuildSucceeded, condition(t, job, v1alpha1.ConditionBuildReady).Reason)
	assert.Equal(t, wholeWay, s.Phases(job.Name, job.Generation), "every phase once and in order")
	requireGated(t, s, job)
	requireWholeImage(t, s, job)
}

// requireLabels checks that the image tells what it was made from.
func requireLabels(t *testing.T, s *scene, job *v1alpha1.NotebookValidationJob) {
	t.Helper()
	config, err := cluster.ImageConfig(s.ctx, job.Status.BuildStatus.ImageReference)
	require.NoError(t, err)
	base, digest, pinned := strings.Cut(job.Status.Environment.BaseImage, "@")
	require.True(t, pinned)
	if asked := cluster.Env.Images.NotebookBase; strings.Contains(asked, "@") {
		assert.Equal(t, asked, job.Status.Environment.BaseImage)
	}
	labels := config.Config.Labels
	assert.Equal(t, s.url(), labels["org.opencontainers.image.source"])
	assert.Equal(t, s.commit, labels["org.opencontainers.image.revision"])
	assert.Equal(t, base, labels["org.opencontainers.image.base.name"])
	assert.Equal(t, digest, labels["org.opencontainers.image.base.digest"])
	require.NotEmpty(t, job.Status.Environment.Hash)
	assert.Equal(t, job.Status.Environment.Hash, labels["dev.mlops.notebook-validator.environment-hash"])
}

func buildFails(t *testing.T, b builder) {
	t.Helper()
	s := b.sceneIn(t, "unknown-package")
	job := s.validate(t, s.job("plan", "plan.ipynb", b.build()))

	requireBuildFailed(t, s, job, v1alpha1.ReasonBuildFailed)
	assert.Contains(t, job.Status.Message, "No matching distribution found for nbv-no-such-package==9.9.9")
	assert.Len(t, b.children(s, job.Name), 1, "a requirement that does not exist is not tried again")
}

// requireBuildFailed checks that a job ended for its build, with this reason, and that nothing was run.
func requireBuildFailed(t *testing.T, s *scene, job *v1alpha1.NotebookValidationJob, reason string) {
	t.Helper()
	requireEnd(t, job, v1alpha1.PhaseFailed, v1alpha1.ReasonBuildFailed)
	builds := s.Builds(job.Name)
	require.NotEmpty(t, builds)
	assert.Equal(t, reason, buildReason(builds[len(builds)-1]), job.Status.Message)
	assert.Empty(t, job.Status.BuildStatus.ImageReference)
	assert.Empty(t, s.Runs(job.Name))
	assert.Empty(t, s.Pods(job.Name, kit.ComponentRun))
}

// slowTree has a Dockerfile that takes longer than any test waits, and one that takes no time.
func slowTree(t *testing.T) kit.Tree {
	t.Helper()
	files, err := notebooks.Repository("endings")
	require.NoError(t, err)
	from := "FROM " + cluster.Env.Images.NotebookBase + "\n"
	return kit.Tree{Files: map[string][]byte{
		"passes.ipynb":     files["passes.ipynb"],
		"slow/Dockerfile":  []byte(from + `RUN ["sleep", "3600"]` + "\n"),
		"quick/Dockerfile": []byte(from + `RUN ["true"]` + "\n"),
	}}
}

func dockerfile(path string) change {
	return func(spec *v1alpha1.NotebookValidationJobSpec) { spec.PodConfig.BuildConfig.Dockerfile = path }
}

func buildTimesOut(t *testing.T, b builder) {
	t.Helper()
	s := b.scene(t, slowTree(t))
	job := s.validate(t, s.job("slow", "passes.ipynb", b.build(), dockerfile("slow/Dockerfile"), buildTimeout(30*time.Second)))
	requireBuildFailed(t, s, job, v1alpha1.ReasonBuildTimeout)
	assert.Contains(t, job.Status.Message, "buildConfig.timeout")
	assert.Len(t, b.children(s, job.Name), 1, "what took too long once is not tried again")
	s.awaitStopped(t, b, job.Name)
}

// underWay makes a job whose build does not end, and returns when it is being built.
func (s *scene) underWay(t *testing.T, b builder) *v1alpha1.NotebookValidationJob {
	t.Helper()
	job := s.job("slow", "passes.ipynb", b.build(), dockerfile("slow/Dockerfile"))
	s.create(t, job)
	s.await(t, "the build", func() bool {
		pods := b.pods(s, job.Name)
		return len(pods) == 1 && kit.Running(pods[0], b.container)
	})
	return job
}

// awaitStopped waits until no pod builds for a job any more: each has ended or is gone.
func (s *scene) awaitStopped(t *testing.T, b builder, job string) {
	t.Helper()
	s.await(t, "the end of the pods that build", func() bool {
		for _, pod := range b.pods(s, job) {
			if ended := pod.Status.Phase == corev1.PodFailed; !ended && !s.Deleted(pod) {
				return false
			}
		}
		return true
	})
}

// awaitGone waits until objects are gone.
func (s *scene) awaitGone(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		s.await(t, fmt.Sprintf("the end of %T %s", object, object.GetName()), func() bool { return s.Deleted(object) })
	}
}

func deletedJobStopsItsBuild(t *testing.T, b builder) {
	t.Helper()
	s := b.scene(t, slowTree(t))
	job := s.underWay(t, b)
	require.NoError(t, cluster.Client.Delete(s.ctx, job))

	children, pods := b.children(s, job.Name), b.pods(s, job.Name)
	require.Len(t, children, 1)
	s.awaitGone(t, s.Builds(job.Name)[0], children[0], pods[0])
	assert.Len(t, b.pods(s, job.Name), 1, "nothing begins what nobody wants any more")
	assert.Empty(t, s.Runs(job.Name))
}

func changedJobBuildsAnew(t *testing.T, b builder) {
	t.Helper()
	s := b.scene(t, slowTree(t))
	job := s.underWay(t, b)
	children, pods := b.children(s, job.Name), b.pods(s, job.Name)
	require.Len(t, children, 1)
	changed := client.MergeFrom(job.DeepCopy())
	dockerfile("quick/Dockerfile")(&job.Spec)
	require.NoError(t, cluster.Client.Patch(s.ctx, job, changed))
	require.Equal(t, int64(2), job.Generation)
	job = s.end(t, job)

	requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	requireWholeImage(t, s, job)
	s.awaitGone(t, children[0], pods[0])
	assert.Len(t, s.Runs(job.Name), 1)
	assert.Len(t, b.pods(s, job.Name), 2)
}

// registryRefusesThePassword has a wrong password for the place of the image only, so that the base image is pulled.
func registryRefusesThePassword(t *testing.T, b builder) {
	t.Helper()
	s := b.sceneIn(t, "colours")
	registry := cluster.Env.Registry
	repository := registry.Host + "/notebooks/" + s.namespace
	login := base64.StdEncoding.EncodeToString([]byte(registry.Username + ":not-the-password"))
	content, err := json.Marshal(map[string]any{"auths": map[string]any{repository: map[string]string{"auth": login}}})
	require.NoError(t, err)
	const secret = "wrong-password"
	require.NoError(t, cluster.Secret(s.ctx, s.namespace, secret, corev1.SecretTypeDockerConfigJson, map[string][]byte{corev1.DockerConfigJsonKey: content}))
	job := s.validate(t, s.job("heights", "heights.ipynb", b.build(), func(spec *v1alpha1.NotebookValidationJobSpec) {
		spec.PodConfig.BuildConfig.Registry = &v1alpha1.ImageRegistry{Repository: repository, PushSecret: secret, Insecure: registry.Insecure}
	}))

	requireBuildFailed(t, s, job, v1alpha1.ReasonPushFailed)
	assert.Contains(t, job.Status.Message, "push secret")
	assert.NotContains(t, job.Status.Message, "not-the-password")
	assert.Len(t, b.children(s, job.Name), 1, "a wrong password is not tried again")
}

// buildReason is what a build says of itself in one word.
func buildReason(build *v1alpha1.NotebookBuild) string {
	for _, c := range build.Status.Conditions {
		if c.Type == v1alpha1.ConditionSucceeded {
			return c.Reason
		}
	}
	return ""
}

// awaitQuota waits until a quota without room for pods refuses them, which is once a controller has counted what there is.
func (s *scene) awaitQuota(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "probe"}}
		pod.Spec.Containers = []corev1.Container{{Name: "probe", Image: cluster.Env.Images.Pause}}
		err := cluster.Client.Create(s.ctx, pod, client.DryRunAll)
		return err != nil && strings.Contains(err.Error(), "exceeded quota")
	}, patience, 100*time.Millisecond)
}

// A quota that leaves no room for a pod is waited for, and told of; the build begins when there is room.
func TestBuildWaitsForItsQuota(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Baseline, "colours")
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "no-pods"}}
	quota.Spec.Hard = corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}
	s.create(t, quota)
	s.awaitQuota(t)
	job := s.job("heights", "heights.ipynb", kit.Build)
	s.create(t, job)
	s.await(t, "the message that the quota is used up", func() bool {
		builds := s.Builds(job.Name)
		return len(builds) == 1 && buildReason(builds[0]) == v1alpha1.ReasonBuilderWaiting
	})
	assert.Empty(t, s.Pods(job.Name, kit.ComponentBuild))
	require.NoError(t, cluster.DeleteAndWait(s.ctx, quota))

	requireBuilt(t, s, s.end(t, job))
	assert.Len(t, jobBuilder.children(s, job.Name), 1)
}
