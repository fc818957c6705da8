package run

import (
	"math"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

const (
	// startAllowance is what a pod may take beside the notebook's own timeout: scheduling, image pulls, the fetch and the
	// report. The notebook's deadline always comes first, so that its traceback is kept.
	startAllowance = 10 * time.Minute
	// retries of a pod that the cluster took away or whose Git server did not answer.
	retries = 3
)

// Inputs are what a run is made from.
type Inputs struct {
	// Job is the validation job; its spec is trusted as the API server admitted it.
	Job *v1alpha1.NotebookValidationJob
	// Image to run the notebook in.
	Image string
	// Commit to validate; empty lets fetch resolve the ref.
	Commit string
	// PullSecrets to pull the image with, beside those of the job's podConfig.
	PullSecrets []string
	// Unpinned are requirements of the image that name no exact version.
	Unpinned []string
	// OperatorImage is the image of fetch and report.
	OperatorImage string
	// RunAsUser is the user of the pod where podConfig names none; nil leaves it to the platform.
	RunAsUser *int64
}

// Job is the Kubernetes Job that runs the notebook. It carries no owner reference; the controller sets that.
func Job(in Inputs) *batchv1.Job {
	labels := map[string]string{
		v1alpha1.LabelManagedBy: v1alpha1.ManagedBy,
		v1alpha1.LabelComponent: "run",
		v1alpha1.LabelJob:       naming.Label(in.Job.Name),
		v1alpha1.LabelOwnerUID:  string(in.Job.UID),
	}
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: naming.Run(in.Job), Namespace: in.Job.Namespace, Labels: labels}}
	job.Spec = batchv1.JobSpec{
		BackoffLimit:          ptr.To[int32](retries),
		ActiveDeadlineSeconds: ptr.To(seconds(Timeout(in.Job) + startAllowance)),
		PodFailurePolicy:      podspec.FailurePolicy(),
		PodReplacementPolicy:  ptr.To(batchv1.Failed),
		Template:              corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: podSpec(in)},
	}
	return job
}

// Timeout is the notebook's time limit.
func Timeout(job *v1alpha1.NotebookValidationJob) time.Duration {
	if job.Spec.Timeout == nil {
		return 30 * time.Minute
	}
	return job.Spec.Timeout.Duration
}

func seconds(d time.Duration) int64 {
	return int64(math.Ceil(d.Seconds()))
}
