package builders

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
)

// RunJobBuilder makes the Kubernetes Job that runs a notebook, or builds an image.
type RunJobBuilder struct{ job batchv1.Job }

// MakeRunJob is a Kubernetes Job that has just been created.
func MakeRunJob(name, namespace string) *RunJobBuilder {
	return &RunJobBuilder{job: batchv1.Job{ObjectMeta: meta("batch", namespace, name)}}
}

// MakeRunOf is the run of a job's generation, controlled by the job.
func MakeRunOf(job *v1alpha1.NotebookValidationJob) *RunJobBuilder {
	b := MakeRunJob(naming.Run(job), job.Namespace).ControlledBy("NotebookValidationJob", job)
	b.job.Labels = map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelOwnerUID: string(job.UID)}
	return b
}

// ControlledBy makes an object of our API its controller.
func (b *RunJobBuilder) ControlledBy(kind string, owner metav1.Object) *RunJobBuilder {
	b.job.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(owner, v1alpha1.SchemeGroupVersion.WithKind(kind))}
	return b
}

// UID makes it another incarnation.
func (b *RunJobBuilder) UID(uid string) *RunJobBuilder {
	b.job.UID = types.UID(uid)
	return b
}

// Deleting marks it as being deleted.
func (b *RunJobBuilder) Deleting() *RunJobBuilder {
	at := At(time.Minute)
	b.job.DeletionTimestamp = &at
	return b
}

// Complete ends it well.
func (b *RunJobBuilder) Complete() *RunJobBuilder { return b.condition(batchv1.JobComplete, "") }

// Failed ends it with that reason, such as batchv1.JobReasonDeadlineExceeded.
func (b *RunJobBuilder) Failed(reason string) *RunJobBuilder {
	b.job.Status.Failed++
	return b.condition(batchv1.JobFailed, reason)
}

// NeverStarted takes back that any of its pods ever ran.
func (b *RunJobBuilder) NeverStarted() *RunJobBuilder {
	b.job.Status.Failed = 0
	return b
}

func (b *RunJobBuilder) condition(kind batchv1.JobConditionType, reason string) *RunJobBuilder {
	b.job.Status.Conditions = append(b.job.Status.Conditions, batchv1.JobCondition{
		Type: kind, Status: corev1.ConditionTrue, Reason: reason, LastTransitionTime: At(time.Minute),
	})
	return b
}

// Obj is the Kubernetes Job; every call gives another copy.
func (b *RunJobBuilder) Obj() *batchv1.Job { return b.job.DeepCopy() }
