package integration

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// hostile are specs that admission lets through and that nothing good is meant by.
var hostile = map[string]change{
	"a shell in the path": func(job *v1alpha1.NotebookValidationJob) {
		job.Spec.Notebook.Path = "$(touch pwned); `id` && 'a' \"b\" | \\ \u202e .ipynb"
	},
	"an option in the path":         func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Path = "--upload-pack=touch.ipynb" },
	"a variable in the path":        func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Path = "$(HOME)/$$(HOME).ipynb" },
	"a shell in the ref":            func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Git.Ref = "$(id)`id`;'\"&&|" },
	"a ref of everything":           func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Git.Ref = strings.Repeat("é", 255) },
	"a server that does not answer": func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Git.URL = "http://127.0.0.1:1/x.git" },
	"a URL that cannot be read":     func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Git.URL = "https://[::1/%zz" },
	"an option for a host":          func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Git.URL = "ssh://-oProxyCommand=id/x" },
	"a host of another alphabet": func(job *v1alpha1.NotebookValidationJob) {
		job.Spec.Notebook.Git.URL = "https://\u0440\u0443.example/x"
	},
	"a port that is none":           func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Git.URL = "git://127.0.0.1:99999/x" },
	"a very long rerun":             func(job *v1alpha1.NotebookValidationJob) { job.Spec.Rerun = strings.Repeat("\x00\n\u2028", 84) },
	"an image that is no reference": func(job *v1alpha1.NotebookValidationJob) { job.Spec.PodConfig.ContainerImage = "--privileged;$(id)" },
	"an environment of no names":    func(job *v1alpha1.NotebookValidationJob) { job.Spec.PodConfig.Env = []corev1.EnvVar{{Name: "=\n\x00"}} },
	"a credential that is a path": func(job *v1alpha1.NotebookValidationJob) {
		job.Spec.PodConfig.Credentials = []string{"../../etc/passwd"}
	},
	"an account that is a sentence": func(job *v1alpha1.NotebookValidationJob) { job.Spec.PodConfig.ServiceAccountName = "a b\nc" },
	"a node that cannot be selected": func(job *v1alpha1.NotebookValidationJob) {
		job.Spec.PodConfig.NodeSelector = map[string]string{"\x00/ /": "\n"}
	},
	"memory below nothing": func(job *v1alpha1.NotebookValidationJob) {
		job.Spec.PodConfig.Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("-1Gi")}
	},
	"a base image with instructions": func(job *v1alpha1.NotebookValidationJob) {
		withOwnBuild(job)
		job.Spec.PodConfig.BuildConfig.BaseImage = "python\u2028RUN\u00a0id"
	},
	"a shell in a build": func(job *v1alpha1.NotebookValidationJob) {
		withOwnBuild(job)
		job.Spec.PodConfig.BuildConfig.RequirementsFile = "$(id)`id`;'\"&&|.txt"
	},
}

// Each job gets an answer in words, or waits with a reason; nothing of it reaches a shell, and the operator, which has no
// net for panics here, goes on to serve the next one.
func TestHostileSpecsThatAdmissionLetsThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var jobs []*v1alpha1.NotebookValidationJob
	for name, spec := range hostile {
		for kind, build := range map[string]change{"given": func(*v1alpha1.NotebookValidationJob) {}, "built": withOwnBuild} {
			job := newJob(w.namespace, "", func(job *v1alpha1.NotebookValidationJob) {
				job.GenerateName = "hostile-"
				job.Annotations = map[string]string{"case": name + ", " + kind}
				job.Spec.Notebook.Git.URL = w.repository.url
			}, build, spec)
			require.NoError(t, kube.Create(t.Context(), job), "admission refuses %s, so it belongs to another test", name)
			jobs = append(jobs, job)
		}
	}
	for _, job := range jobs {
		w.await(job, func(c *assert.CollectT, current *v1alpha1.NotebookValidationJob) {
			assert.True(c, answered(current), "%s: %+v", job.Annotations["case"], current.Status)
		})
	}
	assertNoShell(t, w)

	good := w.create("good", withOwnBuild)
	w.finishBuild(good, "a")
	w.finishRun(good, w.passing())
	w.awaitSucceeded(good)
}

func TestLinkOutOfTheTreeIsNotFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.repository.link(t, "linked", "/etc")
	job := w.create("job", withBuild, func(job *v1alpha1.NotebookValidationJob) {
		job.Spec.PodConfig.BuildConfig.RequirementsFile = "linked/passwd"
	})
	end := w.awaitFailed(job, v1alpha1.ReasonBuildFailed)
	assert.Contains(t, end.Status.Message, v1alpha1.ReasonInvalidSource)
	assert.Contains(t, end.Status.Message, "linked")
}

// answered says whether a job is decided, runs, or waits and says for what.
func answered(job *v1alpha1.NotebookValidationJob) bool {
	c := meta.FindStatusCondition(job.Status.Conditions, v1alpha1.ConditionSucceeded)
	if c == nil || c.Message == "" {
		return false
	}
	settled := []string{v1alpha1.ReasonRunPending, v1alpha1.ReasonBuilding}
	return c.Status == metav1.ConditionFalse || slices.Contains(settled, c.Reason)
}

// assertNoShell checks that no container is started through a shell, and that no argument is expanded by the kubelet.
func assertNoShell(t *testing.T, w *world) {
	t.Helper()
	pods := &corev1.PodList{}
	require.NoError(t, kube.List(t.Context(), pods, client.InNamespace(w.namespace)))
	require.NotEmpty(t, pods.Items)
	for _, pod := range pods.Items {
		for _, container := range append(pod.Spec.InitContainers, pod.Spec.Containers...) {
			line := append(slices.Clone(container.Command), container.Args...)
			for _, word := range line {
				assert.NotContains(t, []string{"sh", "bash", "/bin/sh", "/bin/bash", "-c"}, word)
				assert.NotContains(t, strings.ReplaceAll(word, "$$", ""), "$(", "the kubelet would expand %q", word)
			}
		}
	}
}
