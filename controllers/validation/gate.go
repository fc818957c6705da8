package validation

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// gate is what BuildReady lets through: the image to run in and the commit that it was built from.
type gate struct {
	open   bool
	failed bool
	// message of BuildReady.
	message string
	image   string
	// commit is empty where no build resolved the ref.
	commit string
}

// readGate opens only for a BuildReady that is True, speaks of this generation, and brings an image along. There is no
// timer and no other image.
func readGate(job *v1alpha1.NotebookValidationJob) gate {
	ready := status.Current(job.Status.Conditions, v1alpha1.ConditionBuildReady, job.Generation)
	if ready == nil {
		return gate{}
	}
	switch ready.Status {
	case metav1.ConditionFalse:
		return gate{failed: true, message: ready.Message}
	case metav1.ConditionTrue:
		return openGate(job, ready)
	}
	return gate{message: ready.Message}
}

func openGate(job *v1alpha1.NotebookValidationJob, ready *metav1.Condition) gate {
	if !job.Spec.PodConfig.BuildEnabled() {
		image := job.Spec.PodConfig.ContainerImage
		return gate{open: ready.Reason == v1alpha1.ReasonBuildNotRequired && image != "", image: image}
	}
	built := job.Status.BuildStatus
	if built == nil || !v1alpha1.PinnedImage(built.ImageReference) {
		return gate{}
	}
	return gate{open: true, image: built.ImageReference, commit: built.Commit}
}
