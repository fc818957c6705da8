package kubejob

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

// backoffLimit is how many temporary failures a build survives.
const backoffLimit = 2

// afterTimeout is how much later than the build's timeout the Job ends itself. A Job that is past its deadline deletes its
// pods, and what they were waiting for is lost with them; the operator ends the build before, and only one that is away
// leaves that to the Job.
const afterTimeout = time.Minute

// Child returns the Job that builds the inputs.
func (Strategy) Child(in buildstrategy.Inputs) (client.Object, error) {
	if err := buildpod.Check(in); err != nil {
		return nil, err
	}
	return &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: batchv1.SchemeGroupVersion.String(), Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{Name: in.Name, Namespace: in.Namespace, Labels: in.Labels, Annotations: in.Annotations},
		Spec: batchv1.JobSpec{
			BackoffLimit:          ptr.To[int32](backoffLimit),
			ActiveDeadlineSeconds: ptr.To(int64((in.Timeout + afterTimeout) / time.Second)),
			PodFailurePolicy:      podspec.FailurePolicy(),
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: in.Labels, Annotations: in.Annotations},
				Spec:       podSpec(in),
			},
		},
	}, nil
}
