package integration

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	scorecardapi "github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/kubejob"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
	"mlops.dev/notebook-validator-operator/scorecard/checks"
	"mlops.dev/notebook-validator-operator/test/scorecard"
)

const scorecardDir = "../../scorecard"

// testedBundle is a small bundle with the definitions that the cluster has.
func testedBundle(t testing.TB) *checks.Bundle {
	t.Helper()
	bundle, err := checks.Load(filepath.Join(scorecardDir, "checks/testdata/bundle"))
	require.NoError(t, err)
	bundle.CRDs = nil
	files, err := filepath.Glob(filepath.Join(crdDir, "*.yaml"))
	require.NoError(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		crd := apiextensionsv1.CustomResourceDefinition{}
		require.NoError(t, yaml.Unmarshal(content, &crd))
		bundle.CRDs = append(bundle.CRDs, crd)
	}
	require.Len(t, bundle.CRDs, len(bundle.Examples))
	return bundle
}

// asScorecard is the cluster as the tests' own service account sees it, with the rights that the project documents.
func asScorecard(t testing.TB, namespace string) checks.Cluster {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(scorecardDir, "rbac.yaml"))
	require.NoError(t, err)
	manifests := strings.ReplaceAll(string(content), "NAMESPACE", namespace)
	for document := range strings.SplitSeq(manifests, "\n---\n") {
		object := &unstructured.Unstructured{}
		require.NoError(t, yaml.UnmarshalStrict([]byte(document), &object.Object))
		require.NoError(t, create(t, object))
	}
	role := &rbacv1.Role{}
	require.NoError(t, kube.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "notebook-validator-scorecard"}, role))
	a := account{namespace: namespace, name: "notebook-validator-scorecard"}
	a.awaitRights(t, namespace, role.Rules)
	return clusterOf(t, a.user(), namespace)
}

func clusterOf(t testing.TB, user, namespace string) checks.Cluster {
	t.Helper()
	config := rest.CopyConfig(admin)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: []string{"system:serviceaccounts", "system:authenticated"}}
	c, err := client.New(config, client.Options{})
	require.NoError(t, err)
	return checks.Cluster{Client: c, Namespace: namespace, Timeout: soon}
}

const jobExample, buildExample = 0, 1

func TestScorecardHoldsExamplesAgainstTheAPIServer(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	cluster := asScorecard(t, namespace)
	tests := map[string]struct {
		spoil func(t *testing.T, bundle *checks.Bundle)
		want  string
	}{
		"examples as they should be": {func(*testing.T, *checks.Bundle) {}, ""},
		"a rule that only the API server knows is broken": {func(t *testing.T, b *checks.Bundle) {
			set(t, &b.Examples[jobExample], "spec.notebook.git.url", "ftp://git.example.com/x.git")
		}, "the API server refuses it"},
		"a field that the API server does not know": {func(t *testing.T, b *checks.Bundle) {
			set(t, &b.Examples[buildExample], "spec.gitt", "x")
		}, "the API server refuses it"},
		"a field that the API server does not know, though the bundle does": {func(t *testing.T, b *checks.Bundle) {
			for i := range b.CRDs {
				spec := b.CRDs[i].Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
				spec.Properties["novelty"] = apiextensionsv1.JSONSchemaProps{Type: "string"}
			}
			set(t, &b.Examples[jobExample], "spec.novelty", "x")
		}, `unknown field "spec.novelty"`},
		"a status that the API server would have dropped": {func(t *testing.T, b *checks.Bundle) {
			set(t, &b.Examples[jobExample], "status.phase", "Done")
		}, "status.phase"},
		"a name that cannot be": {func(_ *testing.T, b *checks.Bundle) { b.Examples[jobExample].SetName("No Name") }, "the API server refuses it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bundle := testedBundle(t)
			test.spoil(t, bundle)
			result := checks.ExamplesSchema(t.Context(), bundle, cluster)
			if test.want == "" {
				assert.Equal(t, scorecardapi.TestResult{Name: checks.NameExamplesSchema, State: scorecardapi.PassState}, result)
				return
			}
			assert.Equal(t, scorecardapi.FailState, result.State)
			assert.Contains(t, strings.Join(result.Errors, "\n"), test.want)
		})
	}
	assertNothingLeft(t, namespace)

	t.Run("an example whose name is taken has been looked at all the same", func(t *testing.T) {
		bundle := testedBundle(t)
		require.NoError(t, kube.Create(t.Context(), newJob(namespace, bundle.Examples[jobExample].GetName())))
		assert.Equal(t, scorecardapi.PassState, checks.ExamplesSchema(t.Context(), bundle, cluster).State)
		set(t, &bundle.Examples[jobExample], "spec.notebook.git.url", "ftp://git.example.com/x.git")
		assert.Equal(t, scorecardapi.FailState, checks.ExamplesSchema(t.Context(), bundle, cluster).State)
	})
	t.Run("without rights it is an error of the test, not of the bundle", func(t *testing.T) {
		result := checks.ExamplesSchema(t.Context(), testedBundle(t), clusterOf(t, "nobody", namespace))
		assert.Equal(t, scorecardapi.ErrorState, result.State)
		assert.Contains(t, strings.Join(result.Errors, "\n"), "forbidden")
	})
}

// assertNothingLeft checks that no job and no build is in the namespace.
func assertNothingLeft(t testing.TB, namespace string) {
	t.Helper()
	jobs, builds := &v1alpha1.NotebookValidationJobList{}, &v1alpha1.NotebookBuildList{}
	require.NoError(t, kube.List(t.Context(), jobs, client.InNamespace(namespace)))
	require.NoError(t, kube.List(t.Context(), builds, client.InNamespace(namespace)))
	assert.Empty(t, jobs.Items)
	assert.Empty(t, builds.Items)
}

// workingBundle is testedBundle with examples that an operator of that world can work on.
func workingBundle(w *world) *checks.Bundle {
	bundle := testedBundle(w)
	set(w, &bundle.Examples[jobExample], "spec.notebook.git.url", w.repository.url)
	set(w, &bundle.Examples[buildExample], "spec.git.url", w.repository.url)
	set(w, &bundle.Examples[buildExample], "spec.strategy", kubejob.Name)
	set(w, &bundle.Examples[buildExample], "spec.baseImage", builders.BaseImage) // pinned: no registry has to be asked
	return bundle
}

// succeed makes the check beside the test, which plays the node meanwhile.
func succeed(ctx context.Context, bundle *checks.Bundle, cluster checks.Cluster) <-chan scorecardapi.TestResult {
	results := make(chan scorecardapi.TestResult, 1)
	go func() { results <- checks.ExamplesSucceed(ctx, bundle, cluster) }()
	return results
}

// jobOfExample waits for the job that the check creates.
func jobOfExample(w *world) *v1alpha1.NotebookValidationJob {
	w.Helper()
	jobs := &v1alpha1.NotebookValidationJobList{}
	eventually(w, func(c *assert.CollectT) {
		require.NoError(c, kube.List(w.Context(), jobs, client.InNamespace(w.namespace)))
		require.Len(c, jobs.Items, 1)
	})
	return &jobs.Items[0]
}

func buildOfExample(w *world) *v1alpha1.NotebookBuild {
	w.Helper()
	builds := &v1alpha1.NotebookBuildList{}
	eventually(w, func(c *assert.CollectT) {
		require.NoError(c, kube.List(w.Context(), builds, client.InNamespace(w.namespace)))
		require.Len(c, builds.Items, 1)
	})
	return &builds.Items[0]
}

func TestScorecardWaitsForExamplesToSucceed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	results := succeed(t.Context(), workingBundle(w), asScorecard(t, w.namespace))
	job := jobOfExample(w)
	assert.True(t, strings.HasPrefix(job.Name, "squares-"), "an example must not meet an object of its name")
	w.finishRun(job, w.passing())
	w.finishBuilder(buildOfExample(w), "a")
	result := <-results
	assert.Equal(t, scorecardapi.PassState, result.State, "%v", result.Errors)
	assert.Contains(t, result.Log, "NotebookBuild environment-")
	assertNothingLeft(t, w.namespace)
}

func TestScorecardTellsWhyAnExampleFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bundle := workingBundle(w)
	bundle.Examples = bundle.Examples[:1]
	results := succeed(t.Context(), bundle, asScorecard(t, w.namespace))
	w.finishRun(jobOfExample(w), builders.MakeRun(report.CellOK, report.CellOK).Commit(w.repository.head(t)).
		Raised(1, "ModuleNotFoundError", "No module named 'tiny'", "Traceback\nModuleNotFoundError: No module named 'tiny'"))
	result := <-results
	assert.Equal(t, scorecardapi.FailState, result.State)
	require.Len(t, result.Errors, 1)
	assert.Contains(t, result.Errors[0], "it failed: ")
	assert.Contains(t, result.Errors[0], "Succeeded=False "+v1alpha1.ReasonCellFailed)
	assert.Contains(t, result.Errors[0], "No module named 'tiny'")
	assertNothingLeft(t, w.namespace)
}

func TestScorecardDoesNotWaitForExamplesForever(t *testing.T) {
	t.Parallel()
	w := newWorldWithoutOperator(t)
	cluster := asScorecard(t, w.namespace)
	t.Run("where no operator is", func(t *testing.T) {
		cluster.Timeout = 15 * time.Second
		result := checks.ExamplesSucceed(t.Context(), workingBundle(w), cluster)
		assert.Equal(t, scorecardapi.FailState, result.State)
		require.Len(t, result.Errors, 2)
		assert.Contains(t, result.Errors[0], "it did not succeed in time: it has no conditions")
		assertNothingLeft(t, w.namespace)
	})
	t.Run("when somebody deletes one", func(t *testing.T) {
		bundle := workingBundle(w)
		bundle.Examples = bundle.Examples[:1]
		cluster.Timeout = soon
		results := succeed(t.Context(), bundle, cluster)
		require.NoError(t, kube.Delete(t.Context(), jobOfExample(w)))
		assert.Contains(t, strings.Join((<-results).Errors, "\n"), "somebody deleted it")
	})
	t.Run("when its pod is stopped it still cleans up", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		cluster.Timeout = soon
		results := succeed(ctx, workingBundle(w), cluster)
		jobOfExample(w)
		buildOfExample(w)
		stop()
		assert.Equal(t, scorecardapi.FailState, (<-results).State)
		assertNothingLeft(t, w.namespace)
	})
	t.Run("that cannot be created", func(t *testing.T) {
		result := checks.ExamplesSucceed(t.Context(), workingBundle(w), clusterOf(t, "nobody", w.namespace))
		require.Len(t, result.Errors, 2)
		assert.Contains(t, result.Errors[0], "forbidden")
	})
}

// The runner of tests, on pods that the node of these tests plays.

const passed = `{"results":[{"name":"x","state":"pass"}]}`

func scorecardConfig() scorecardapi.Configuration {
	test := func(name string) scorecardapi.TestConfiguration {
		return scorecardapi.TestConfiguration{
			Image: "registry.example.com/tests:1", Entrypoint: []string{"tests", name}, Labels: map[string]string{"test": name},
		}
	}
	return scorecardapi.Configuration{
		TypeMeta: metav1.TypeMeta{Kind: scorecardapi.ConfigurationKind, APIVersion: scorecardapi.GroupVersion.String()},
		Stages: []scorecardapi.StageConfiguration{
			{Parallel: true, Tests: []scorecardapi.TestConfiguration{test("first"), test("second")}},
			{Tests: []scorecardapi.TestConfiguration{test("third"), test("fourth")}},
		},
	}
}

// awaitTestPods waits until the tests of these names, and no others, have pods that have not ended.
func awaitTestPods(t testing.TB, namespace string, names ...string) map[string]*corev1.Pod {
	t.Helper()
	found := map[string]*corev1.Pod{}
	eventually(t, func(c *assert.CollectT) {
		clear(found)
		pods := &corev1.PodList{}
		require.NoError(c, kube.List(t.Context(), pods, client.InNamespace(namespace), client.HasLabels{"testrun"}))
		var running []string
		for i, pod := range pods.Items {
			if pod.Status.Phase == corev1.PodPending {
				name := pod.Spec.Containers[0].Command[1]
				running = append(running, name)
				found[name] = &pods.Items[i]
			}
		}
		require.ElementsMatch(c, names, running)
	})
	return found
}

// end has a test print its result.
func end(t testing.TB, pod *corev1.Pod, code int32, log string) {
	t.Helper()
	require.NoError(t, kube.SubResource("binding").Create(t.Context(), pod,
		&corev1.Binding{Target: corev1.ObjectReference{Kind: "Node", Name: nodeName}}))
	theNode.run(t, pod, ending{}, ending{code: code, log: []byte(log)})
}

func TestScorecardRunsStagesInOrder(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t, "pod-security.kubernetes.io/enforce", "restricted")
	runner := scorecard.Runner{
		Client: theNode.pods, Namespace: namespace, Bundle: filepath.Join(scorecardDir, "checks/testdata/bundle"),
		UntarImage: "registry.example.com/untar:1", Images: map[string]string{"registry.example.com/tests:1": "localhost/tests:2"},
	}
	var tests scorecardapi.TestList
	ended := make(chan error, 1)
	go func() {
		var err error
		tests, err = runner.Run(t.Context(), scorecardConfig())
		ended <- err
	}()
	both := awaitTestPods(t, namespace, "first", "second")
	assert.Equal(t, "localhost/tests:2", both["first"].Spec.Containers[0].Image)
	assert.Equal(t, "default", both["first"].Spec.ServiceAccountName)
	archive := &corev1.ConfigMap{}
	key := client.ObjectKey{Namespace: namespace, Name: both["first"].Labels["testrun"]}
	require.NoError(t, kube.Get(t.Context(), key, archive))
	assert.NotEmpty(t, archive.BinaryData["bundle.tar.gz"])
	end(t, both["second"], 0, passed)
	time.Sleep(2 * time.Second) // longer than the runner takes to see it
	awaitTestPods(t, namespace, "first")
	end(t, both["first"], 1, "panic: no")
	end(t, awaitTestPods(t, namespace, "third")["third"], 0, `{"results":[{"name":"x","state":"fail","errors":["it is bad"]}]}`)
	end(t, awaitTestPods(t, namespace, "fourth")["fourth"], 0, passed)
	require.NoError(t, <-ended)

	var states []scorecardapi.State
	for _, test := range tests.Items {
		states = append(states, scorecard.State(test))
	}
	assert.Equal(t, []scorecardapi.State{scorecardapi.FailState, scorecardapi.PassState, scorecardapi.FailState, scorecardapi.PassState}, states)
	assert.Equal(t, "panic: no", tests.Items[0].Status.Results[0].Log)
	assert.False(t, scorecard.Passed(tests))
	assert.Contains(t, scorecard.Text(tests), "it is bad")
	assertNoTestLeft(t, namespace)
}

func assertNoTestLeft(t testing.TB, namespace string) {
	t.Helper()
	eventually(t, func(c *assert.CollectT) {
		pods, maps := &corev1.PodList{}, &corev1.ConfigMapList{}
		require.NoError(c, kube.List(t.Context(), pods, client.InNamespace(namespace)))
		require.NoError(c, kube.List(t.Context(), maps, client.InNamespace(namespace), client.MatchingLabels{"app": "scorecard-test"}))
		require.Empty(c, pods.Items)
		require.Empty(c, maps.Items)
	})
}

func TestScorecardEndsWithItsTime(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	runner := scorecard.Runner{Client: theNode.pods, Namespace: namespace, Bundle: filepath.Join(scorecardDir, "checks/testdata/bundle")}
	runner.UntarImage = "registry.example.com/untar:1"
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	tests, err := runner.Run(ctx, scorecardConfig())
	require.NoError(t, err)
	require.Len(t, tests.Items, 4)
	for _, test := range tests.Items {
		assert.Equal(t, scorecardapi.FailState, scorecard.State(test))
	}
	assert.Contains(t, tests.Items[0].Status.Results[0].Errors[0], "did not end")
	assertNoTestLeft(t, namespace)
}
