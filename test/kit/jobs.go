package kit

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// Job is a validation job for a notebook of a repository at branch main, which runs in an image that has what every
// notebook needs and nothing else.
func (c *Cluster) Job(namespace, name, url, notebook string) *v1alpha1.NotebookValidationJob {
	job := &v1alpha1.NotebookValidationJob{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	job.Spec.Notebook = v1alpha1.NotebookSource{Git: v1alpha1.GitSource{URL: url, Ref: "main"}, Path: notebook}
	job.Spec.PodConfig.ContainerImage = c.Env.Images.NotebookBase
	return job
}

// Build has the job's image built instead of given, with what every cluster can do.
func Build(spec *v1alpha1.NotebookValidationJobSpec) { BuildWith("job")(spec) }

// BuildWith has the job's image built by the build system that the strategy names.
func BuildWith(strategy string) func(*v1alpha1.NotebookValidationJobSpec) {
	return func(spec *v1alpha1.NotebookValidationJobSpec) {
		spec.PodConfig.ContainerImage = ""
		spec.PodConfig.BuildConfig = &v1alpha1.BuildConfig{Enabled: true, BuildOptions: v1alpha1.BuildOptions{Strategy: strategy}}
	}
}

// Alone has the image built for this job and for no other; it comes after Build.
func Alone(spec *v1alpha1.NotebookValidationJobSpec) {
	spec.PodConfig.BuildConfig.Cache = v1alpha1.CacheNever
}
