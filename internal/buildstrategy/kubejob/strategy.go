package kubejob

import (
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// Name is the value of spec.podConfig.buildConfig.strategy that chooses this strategy.
const Name = "job"

// Strategy builds with a Kubernetes Job.
type Strategy struct{}

var _ buildstrategy.Strategy = Strategy{}

// Name returns "job".
func (Strategy) Name() string { return Name }

// Kind returns that of a Job.
func (Strategy) Kind() schema.GroupVersionKind { return batchv1.SchemeGroupVersion.WithKind("Job") }

// NewParts returns nil: nothing stands between a Job and its pods.
func (Strategy) NewParts() client.ObjectList { return nil }

// Selector finds the pods of this incarnation of the Job.
func (Strategy) Selector(child client.Object) map[string]string {
	return map[string]string{batchv1.ControllerUidLabel: string(child.GetUID())}
}

// Companions returns nothing.
func (Strategy) Companions(buildstrategy.Inputs) []client.Object { return nil }

// NewChild returns an empty Job.
func (Strategy) NewChild() client.Object { return &batchv1.Job{} }
