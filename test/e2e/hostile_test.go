package e2e

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
	"mlops.dev/notebook-validator-operator/test/notebooks"
)

// The notebook under each of these names looks for a file that a shell, or the kubelet, would have made of the name.
var hostileNames = map[string]string{
	"spaces":                "a folder/a note book.ipynb",
	"command substitution":  "$(touch nbv-marker-1)/`touch nbv-marker-2`.ipynb",
	"quotes":                `it's/"; touch nbv-marker-3; ".ipynb`,
	"leading dashes":        "--output-dir=nbv-marker-4/-rf.ipynb",
	"variables":             "$(HOME)/${HOME}/$HOME.ipynb",
	"separators":            "x; touch nbv-marker-5 & touch nbv-marker-6 |.ipynb",
	"letters of other ways": "données/ノート 📓.ipynb",
	"name of 200 letters":   strings.Repeat("n", 200) + ".ipynb",
}

func TestNamesOfFilesNeverReachAShell(t *testing.T) {
	t.Parallel()
	notebook := hostileNotebook(t)
	content := kit.Tree{Files: map[string][]byte{}}
	for _, path := range hostileNames {
		content.Files[path] = notebook
	}
	s := newSceneOf(t, kit.Restricted, content)
	for name, path := range hostileNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job := s.validate(t, s.job("hostile-"+suffix(t), path))
			requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
		})
	}
}

func hostileNotebook(t *testing.T) []byte {
	t.Helper()
	files, err := notebooks.Repository("hostile")
	require.NoError(t, err)
	return files["no-marker.ipynb"]
}

// The same for what a build is made of: the folder of the requirements, and what their file is called.
func TestNamesInABuildNeverReachAShell(t *testing.T) {
	t.Parallel()
	const folder = "-r $(touch nbv-marker-7) `touch nbv-marker-8` 'x' \"y\""
	const requirements = folder + "/--index-url=x; touch nbv-marker-9 #.txt"
	s := newSceneOf(t, kit.Baseline, kit.Tree{Files: map[string][]byte{
		folder + "/note book.ipynb": hostileNotebook(t),
		requirements:                []byte("nbv-colours==1.1.0\n"),
	}})
	job := s.validate(t, s.job("hostile", folder+"/note book.ipynb", kit.Build, func(spec *v1alpha1.NotebookValidationJobSpec) {
		spec.PodConfig.BuildConfig.RequirementsFile = requirements
	}))
	requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	assert.Equal(t, requirements, job.Status.Environment.Path)
}

func TestLongNamesOfJobs(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Restricted, "endings")
	for what, name := range map[string]string{
		"63 letters":             strings.Repeat("a", 63),
		"64 letters":             strings.Repeat("a", 64),
		"253 letters":            strings.Repeat("a", 253),
		"253 letters, many dots": strings.Repeat("a.", 126) + "a",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			job := s.validate(t, s.job(name, "passes.ipynb"))
			requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
		})
	}
}

// What must not get in at all is refused by the API server, in words that say what to do.
func TestHostileSpecsAreRefused(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Restricted, "endings")
	url := func(url string) change {
		return func(spec *v1alpha1.NotebookValidationJobSpec) { spec.Notebook.Git.URL = url }
	}
	for name, tc := range map[string]struct {
		change  change
		message string
	}{
		"a transport that runs commands": {url("ext::sh -c 'touch /tmp/nbv-marker'"), "git url must begin with https://"},
		"a file of the machine":          {url("file:///etc"), "git url must begin with https://"},
		"an option instead of a URL":     {url("--upload-pack=touch /tmp/nbv-marker"), "git url must begin with https://"},
		"a line break in the URL":        {url("https://example.com/x\ny.git"), "control characters"},
		"an option instead of a ref":     {func(spec *v1alpha1.NotebookValidationJobSpec) { spec.Notebook.Git.Ref = "--upload-pack=x" }, "must not begin with '-'"},
		"a path out of the repository":   {func(spec *v1alpha1.NotebookValidationJobSpec) { spec.Notebook.Path = "a/../../etc/x.ipynb" }, "stay inside the repository"},
		"a path of a megabyte": {func(spec *v1alpha1.NotebookValidationJobSpec) {
			spec.Notebook.Path = strings.Repeat("x", 1<<20) + ".ipynb"
		}, "Too long"},
		"a zero byte in the path": {func(spec *v1alpha1.NotebookValidationJobSpec) { spec.Notebook.Path = "a\x00.ipynb" }, "control characters"},
		"the root of the machine": {func(spec *v1alpha1.NotebookValidationJobSpec) { spec.Notebook.Path = "/etc/x.ipynb" }, "stay inside the repository"},
	} {
		t.Run(name, func(t *testing.T) {
			err := cluster.Client.Create(s.ctx, s.job("refused", "passes.ipynb", tc.change))
			require.Error(t, err)
			assert.Contains(t, err.Error(), tc.message)
		})
	}
}

func TestRepositoryCannotLeadOutOfItself(t *testing.T) {
	t.Parallel()
	passes, err := notebooks.Repository("endings")
	require.NoError(t, err)
	for name, links := range map[string]map[string]string{
		"notebook is a link to a file of the machine": {"linked.ipynb": "/etc/passwd"},
		"folder is a link to the machine":             {"machine": "/", "linked.ipynb": "machine/etc/hostname"},
		"link upwards":                                {"linked.ipynb": "../../../../etc/passwd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSceneOf(t, kit.Baseline, kit.Tree{Files: passes, Links: links})
			run := s.validate(t, s.job("run", "linked.ipynb"))
			requireEnd(t, run, v1alpha1.PhaseFailed, v1alpha1.ReasonInvalidSource)
			assert.Contains(t, run.Status.Message, "leads out of it")
			build := s.validate(t, s.job("build", "linked.ipynb", kit.Build))
			requireEnd(t, build, v1alpha1.PhaseFailed, v1alpha1.ReasonBuildFailed)
			assert.Contains(t, build.Status.Message, v1alpha1.ReasonInvalidSource+": ")
			assert.Empty(t, s.Pods(build.Name, kit.ComponentBuild))
		})
	}
}

// A repository far larger than a ref is worth is given up by the operator, and still read by the run, which has the room.
func TestHugeRepositoryIsBounded(t *testing.T) {
	t.Parallel()
	files, err := notebooks.Repository("endings")
	require.NoError(t, err)
	huge := make([]byte, 48<<20)
	_, err = rand.Read(huge)
	require.NoError(t, err)
	files["huge.bin"] = huge
	s := newSceneOf(t, kit.Baseline, kit.Tree{Files: files})
	// Below this folder the git server sends everything, whatever it is asked for.
	everything := "nofilter/" + s.namespace
	_, err = cluster.Repository(s.ctx, kit.Public, everything, kit.Tree{Files: files})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.RemoveRepository(kit.Public, everything)) })

	t.Run("resolved where the server filters", func(t *testing.T) {
		t.Parallel()
		job := s.validate(t, s.job("filtered", "passes.ipynb", kit.Build))
		requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	})
	t.Run("given up where the server sends it all", func(t *testing.T) {
		t.Parallel()
		job := s.validate(t, s.job("unfiltered", "passes.ipynb", kit.Build, buildTimeout(2*time.Minute),
			from(cluster.Env.Git.HTTPPublic+"/"+everything+".git", "")))
		requireEnd(t, job, v1alpha1.PhaseFailed, v1alpha1.ReasonBuildFailed)
		assert.Contains(t, job.Status.Message, v1alpha1.ReasonRepositoryTooLarge+": ")
	})
}
