package kubejob

import (
	batchv1 "k8s.io/api/batch/v1"
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

// NewChild returns an empty Job.
func (Strategy) NewChild() client.Object { return &batchv1.Job{} }
