package validation

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
	"mlops.dev/notebook-validator-operator/internal/run"
)

// newBuild is the NotebookBuild that the job asks for, without owner reference.
func newBuild(job *v1alpha1.NotebookValidationJob) *v1alpha1.NotebookBuild {
	build := &v1alpha1.NotebookBuild{ObjectMeta: metav1.ObjectMeta{
		Name: naming.Build(job), Namespace: job.Namespace,
		Labels: childLabels(job, "build"),
	}}
	build.Spec = v1alpha1.NotebookBuildSpec{
		Git:          job.Spec.Notebook.Git,
		NotebookPath: job.Spec.Notebook.Path,
		BuildOptions: job.Spec.PodConfig.BuildConfig.BuildOptions,
	}
	return build
}

func childLabels(job *v1alpha1.NotebookValidationJob, component string) map[string]string {
	return map[string]string{
		v1alpha1.LabelManagedBy: v1alpha1.ManagedBy,
		v1alpha1.LabelComponent: component,
		v1alpha1.LabelJob:       naming.Label(job.Name),
		v1alpha1.LabelOwnerUID:  string(job.UID),
	}
}

// stale are the children that the job's spec no longer asks for: they are cancelled.
func stale(job *v1alpha1.NotebookValidationJob, s seen) (builds []v1alpha1.NotebookBuild, runs []batchv1.Job) {
	for _, build := range s.builds {
		wanted := job.Spec.PodConfig.BuildEnabled() && build.Name == naming.Build(job)
		if !wanted && build.DeletionTimestamp == nil {
			builds = append(builds, build)
		}
	}
	for _, r := range s.runs {
		if r.Name != naming.Run(job) && r.DeletionTimestamp == nil {
			runs = append(runs, r)
		}
	}
	return builds, runs
}

// leftover is the run of a failed job that would go on, as one whose pod is refused does: a notebook that was judged is not
// run later.
func leftover(job *v1alpha1.NotebookValidationJob, s seen) []batchv1.Job {
	current := find(s.runs, naming.Run(job))
	if current == nil || current.DeletionTimestamp != nil || run.Ended(current) {
		return nil
	}
	return []batchv1.Job{*current}
}

// find is the child of that name, nil for none.
func find[T any, P interface {
	*T
	metav1.Object
}](items []T, name string) P {
	for i := range items {
		if P(&items[i]).GetName() == name {
			return &items[i]
		}
	}
	return nil
}

// completed is when the report container of a pod ended.
func completed(pod *corev1.Pod) time.Time {
	if c := podstatus.Container(pod, run.ContainerReport); c != nil && c.State.Terminated != nil {
		return c.State.Terminated.FinishedAt.Time
	}
	return pod.CreationTimestamp.Time
}
