package builders

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
)

// JobBuilder makes a NotebookValidationJob.
type JobBuilder struct {
	job v1alpha1.NotebookValidationJob
}

// MakeJob is a job of generation 1 without a status, whose notebook runs in GivenImage.
func MakeJob(name, namespace string) *JobBuilder {
	job := v1alpha1.NotebookValidationJob{ObjectMeta: meta("job", namespace, name)}
	job.Spec.Notebook = v1alpha1.NotebookSource{
		Git:  v1alpha1.GitSource{URL: "https://git.example.com/team/notebooks.git", Ref: "main"},
		Path: "tier1/iris.ipynb",
	}
	job.Spec.PodConfig.ContainerImage = GivenImage
	return &JobBuilder{job: job}
}

// UID makes it another incarnation.
func (b *JobBuilder) UID(uid string) *JobBuilder {
	b.job.UID = types.UID(uid)
	return b
}

// Generation of the spec; conditions that are set later speak of it.
func (b *JobBuilder) Generation(generation int64) *JobBuilder {
	b.job.Generation = generation
	return b
}

// Spec changes what else there is in the spec.
func (b *JobBuilder) Spec(change func(*v1alpha1.NotebookValidationJobSpec)) *JobBuilder {
	change(&b.job.Spec)
	return b
}

// Pod changes the podConfig.
func (b *JobBuilder) Pod(change func(*v1alpha1.PodConfig)) *JobBuilder {
	change(&b.job.Spec.PodConfig)
	return b
}

// Build has the image built instead of given.
func (b *JobBuilder) Build() *JobBuilder {
	b.job.Spec.PodConfig.ContainerImage = ""
	b.job.Spec.PodConfig.BuildConfig = &v1alpha1.BuildConfig{Enabled: true}
	return b
}

// Timeout of the notebook.
func (b *JobBuilder) Timeout(d time.Duration) *JobBuilder {
	b.job.Spec.Timeout = &metav1.Duration{Duration: d}
	return b
}

// Condition sets one for the generation that the job has by now, at Epoch.
func (b *JobBuilder) Condition(kind string, status metav1.ConditionStatus, reason, message string) *JobBuilder {
	b.job.Status.Conditions = condition(b.job.Status.Conditions, metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: message,
		ObservedGeneration: b.job.Generation, LastTransitionTime: At(0),
	})
	return b
}

// BuildReady sets the gate.
func (b *JobBuilder) BuildReady(status metav1.ConditionStatus, reason string) *JobBuilder {
	return b.Condition(v1alpha1.ConditionBuildReady, status, reason, "About the build.")
}

// Built opens the gate with an image and the commit that it was built from.
func (b *JobBuilder) Built(image, commit string) *JobBuilder {
	b.job.Status.BuildStatus = &v1alpha1.BuildStatus{
		Phase: v1alpha1.BuildPhaseComplete, ImageReference: image, Commit: commit, BuildName: naming.Build(&b.job),
	}
	return b.BuildReady(metav1.ConditionTrue, v1alpha1.ReasonBuildSucceeded)
}

// Validated sets the verdict.
func (b *JobBuilder) Validated(status metav1.ConditionStatus, reason string) *JobBuilder {
	return b.Condition(v1alpha1.ConditionValidated, status, reason, "About the run.")
}

// Succeeded sets the sum.
func (b *JobBuilder) Succeeded(status metav1.ConditionStatus, reason string) *JobBuilder {
	return b.Condition(v1alpha1.ConditionSucceeded, status, reason, "About the job.")
}

// Phase of the generation that the job has by now.
func (b *JobBuilder) Phase(phase v1alpha1.Phase) *JobBuilder {
	started := At(0)
	b.job.Status.Phase, b.job.Status.ObservedGeneration, b.job.Status.StartTime = phase, b.job.Generation, &started
	return b
}

// Status changes what else there is in the status.
func (b *JobBuilder) Status(change func(*v1alpha1.NotebookValidationJobStatus)) *JobBuilder {
	change(&b.job.Status)
	return b
}

// Obj is the job; every call gives another copy.
func (b *JobBuilder) Obj() *v1alpha1.NotebookValidationJob { return b.job.DeepCopy() }
