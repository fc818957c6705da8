package naming

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/apimachinery/pkg/util/validation"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

func job(change ...func(*v1alpha1.NotebookValidationJob)) *v1alpha1.NotebookValidationJob {
	j := &v1alpha1.NotebookValidationJob{}
	j.Name, j.UID, j.Generation = "sales", "11111111-2222", 1
	j.Spec.Notebook = v1alpha1.NotebookSource{Git: v1alpha1.GitSource{URL: "https://git.example.com/a.git", Ref: "main"}, Path: "a.ipynb"}
	j.Spec.PodConfig.BuildConfig = &v1alpha1.BuildConfig{Enabled: true}
	for _, c := range change {
		c(j)
	}
	return j
}

func TestBuildNameFollowsTheInputsOfTheBuild(t *testing.T) {
	base := Build(job())
	for name, tc := range map[string]struct {
		change func(*v1alpha1.NotebookValidationJob)
		same   bool
	}{
		"a new generation with the same inputs keeps the build": {func(j *v1alpha1.NotebookValidationJob) { j.Generation = 7 }, true},
		"run settings keep the build":                           {func(j *v1alpha1.NotebookValidationJob) { j.Spec.PodConfig.ServiceAccountName = "x" }, true},
		"another ref":                                           {func(j *v1alpha1.NotebookValidationJob) { j.Spec.Notebook.Git.Ref = "dev" }, false},
		"another notebook":                                      {func(j *v1alpha1.NotebookValidationJob) { j.Spec.Notebook.Path = "b.ipynb" }, false},
		"another base image":                                    {func(j *v1alpha1.NotebookValidationJob) { j.Spec.PodConfig.BuildConfig.BaseImage = "x" }, false},
		"a re-created job of the same name":                     {func(j *v1alpha1.NotebookValidationJob) { j.UID = "other" }, false},
		"a rerun":                                               {func(j *v1alpha1.NotebookValidationJob) { j.Spec.Rerun = "2" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tc.same, Build(job(tc.change)) == base)
		})
	}
}

func TestRunNameFollowsTheGeneration(t *testing.T) {
	assert.NotEqual(t, Run(job()), Run(job(func(j *v1alpha1.NotebookValidationJob) { j.Generation = 2 })))
	assert.Equal(t, Run(job()), Run(job()))
}

func TestNamesAreValidForEveryNameOfAJob(t *testing.T) {
	for _, name := range []string{"a", "a.b.c", strings.Repeat("a", 63), strings.Repeat("b", 64), strings.Repeat("c", 253), strings.Repeat("d.", 126) + "d"} {
		j := job(func(j *v1alpha1.NotebookValidationJob) { j.Name = name })
		b := &v1alpha1.NotebookBuild{}
		b.Name, b.UID = Build(j), "u"
		for _, n := range []string{Build(j), Run(j), BuildChild(b), ImageTag(b), Dockerfile(b)} {
			assert.Empty(t, validation.IsDNS1123Label(n), n)
		}
		assert.Empty(t, validation.IsDNS1123Subdomain(Report(j)), Report(j))
		assert.Empty(t, validation.IsValidLabelValue(Label(name)), Label(name))
	}
}

func TestLongNamesStayApart(t *testing.T) {
	a, b := strings.Repeat("x", 80)+"a", strings.Repeat("x", 80)+"b"
	assert.NotEqual(t, Label(a), Label(b))
}
