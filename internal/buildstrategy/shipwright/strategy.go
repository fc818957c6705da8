package shipwright

import (
	buildv1beta1 "github.com/shipwright-io/build/pkg/apis/build/v1beta1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// Name is the value of spec.podConfig.buildConfig.strategy that chooses this strategy.
const Name = "shipwright"

// Names of what config/shipwright installs.
const (
	// clusterStrategy builds without privileges.
	clusterStrategy = "notebook-validator"
	// privilegedStrategy builds in a privileged container; it is installed where nodes forbid the other way.
	privilegedStrategy = "notebook-validator-privileged"
	// strategyKind is the kind of both.
	strategyKind = buildv1beta1.ClusterBuildStrategyKind
)

// Strategy builds with a BuildRun.
type Strategy struct{}

var _ buildstrategy.Strategy = Strategy{}

// Name returns "shipwright".
func (Strategy) Name() string { return Name }

// Kind returns that of a BuildRun.
func (Strategy) Kind() schema.GroupVersionKind {
	return buildv1beta1.SchemeGroupVersion.WithKind("BuildRun")
}

// NewChild returns an empty BuildRun.
func (Strategy) NewChild() client.Object { return &buildv1beta1.BuildRun{} }

// NewParts returns nil: a BuildRun's status tells what its TaskRun does.
func (Strategy) NewParts() client.ObjectList { return nil }

// Selector returns nil: Shipwright puts no label of the BuildRun on its pod, and its status has what the pod left.
func (Strategy) Selector(client.Object) map[string]string { return nil }

// Companions returns nothing.
func (Strategy) Companions(buildstrategy.Inputs) []client.Object { return nil }
