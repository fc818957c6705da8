package e2e

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
	"mlops.dev/notebook-validator-operator/test/notebooks"
)

// dockerfiles of a repository's own, in folder lab with what they copy, by what is special about them.
func dockerfiles() map[string]string {
	from := "FROM " + cluster.Env.Images.NotebookBase + "\n"
	const copies = "COPY heights.csv /srv/\n"
	return map[string]string{
		"with all that a run takes": from + copies,
		// The image keeps nbclient where only pip finds it, so that the layer which installs it has something to do.
		"without nbclient": from + copies + "COPY hide.py /tmp/\n" + `RUN ["python3", "/tmp/hide.py"]` + "\n" +
			`RUN ["sh", "-c", "! python3 -c 'import nbclient'"]` + "\n",
	}
}

func TestRepositorysOwnDockerfileIsBuilt(t *testing.T) {
	t.Parallel()
	for name, text := range dockerfiles() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, err := notebooks.Repository("lab")
			require.NoError(t, err)
			files["lab/Dockerfile"] = []byte(text)
			s := newSceneOf(t, kit.Baseline, kit.Tree{Files: files})
			job := s.validate(t, s.job("summits", "lab/summits.ipynb", kit.Build))

			requireBuilt(t, s, job)
			assert.Equal(t, "Dockerfile", job.Status.Environment.Source)
			assert.Equal(t, "lab/Dockerfile", job.Status.Environment.Path)
			assert.Equal(t, "lab", job.Status.Environment.ContextDir)
			assert.Equal(t, "3 summits", cell(t, job, 1).Output)
			assert.Equal(t, metav1.ConditionFalse, condition(t, job, v1alpha1.ConditionDependencyConflict).Status)
		})
	}
}

func TestRequirementsBesideADockerfileAreAConflict(t *testing.T) {
	t.Parallel()
	files, err := notebooks.Repository("colours")
	require.NoError(t, err)
	lab, err := notebooks.Repository("lab")
	require.NoError(t, err)
	maps.Copy(files, map[string][]byte{
		"Dockerfile":    []byte("FROM " + cluster.Env.Images.NotebookBase + "\nCOPY heights.csv /srv/\n"),
		"heights.csv":   lab["lab/heights.csv"],
		"summits.ipynb": lab["lab/summits.ipynb"],
	})
	s := newSceneOf(t, kit.Baseline, kit.Tree{Files: files})
	for name, tc := range map[string]struct {
		notebook string
		prefer   bool
		source   string
		reason   string
	}{
		"requirements": {"heights.ipynb", false, "NotebookDirectory", v1alpha1.ReasonRequirementsUsed},
		"dockerfile":   {"summits.ipynb", true, "Dockerfile", v1alpha1.ReasonDockerfileUsed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job := s.validate(t, s.job(name, tc.notebook, kit.Build, func(spec *v1alpha1.NotebookValidationJobSpec) {
				spec.PodConfig.BuildConfig.PreferDockerfile = tc.prefer
			}))
			requireBuilt(t, s, job)
			assert.Equal(t, tc.source, job.Status.Environment.Source)
			conflict := condition(t, job, v1alpha1.ConditionDependencyConflict)
			assert.Equal(t, metav1.ConditionTrue, conflict.Status)
			assert.Equal(t, tc.reason, conflict.Reason)
			assert.EventuallyWithT(t, func(c *assert.CollectT) {
				assert.Equal(c, []string{conflict.Message}, s.warnings(t, job, v1alpha1.ConditionDependencyConflict))
			}, time.Minute, 100*time.Millisecond)
		})
	}
}

// warnings are the texts of the warning events about a job that have this reason.
func (s *scene) warnings(t *testing.T, job *v1alpha1.NotebookValidationJob, reason string) []string {
	t.Helper()
	var events corev1.EventList
	require.NoError(t, cluster.Client.List(s.ctx, &events, client.InNamespace(s.namespace)))
	var found []string
	for _, event := range events.Items {
		if event.InvolvedObject.UID == job.UID && event.Type == corev1.EventTypeWarning && event.Reason == reason {
			found = append(found, event.Message)
		}
	}
	return found
}

func TestRepositoryThatNamesNoEnvironment(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Baseline, "endings")
	fallback := func(strategy string) change {
		return func(spec *v1alpha1.NotebookValidationJobSpec) { spec.PodConfig.BuildConfig.FallbackStrategy = strategy }
	}
	t.Run("is refused with fallbackStrategy fail", func(t *testing.T) {
		t.Parallel()
		job := s.validate(t, s.job("refused", "passes.ipynb", kit.Build, fallback(v1alpha1.FallbackFail)))
		requireBuildFailed(t, s, job, v1alpha1.ReasonRequirementsNotFound)
		assert.Empty(t, s.Pods(job.Name, kit.ComponentBuild))
	})
	t.Run("runs on the base image with fallbackStrategy warn", func(t *testing.T) {
		t.Parallel()
		job := s.validate(t, s.job("warned", "passes.ipynb", kit.Build, fallback(v1alpha1.FallbackWarn)))
		requireBuilt(t, s, job)
		assert.Equal(t, "BaseImage", job.Status.Environment.Source)
	})
}
