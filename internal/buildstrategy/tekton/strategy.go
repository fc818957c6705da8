package tekton

import (
	"github.com/tektoncd/pipeline/pkg/apis/pipeline"
	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// Name is the value of spec.podConfig.buildConfig.strategy that chooses this strategy.
const Name = "tekton"

// Strategy builds with a PipelineRun.
type Strategy struct{}

var _ buildstrategy.Strategy = Strategy{}

// Name returns "tekton".
func (Strategy) Name() string { return Name }

// Kind returns that of a PipelineRun.
func (Strategy) Kind() schema.GroupVersionKind {
	return tektonv1.SchemeGroupVersion.WithKind(pipeline.PipelineRunControllerName)
}

// NewChild returns an empty PipelineRun.
func (Strategy) NewChild() client.Object { return &tektonv1.PipelineRun{} }

// NewParts returns an empty list of TaskRuns, which tell what a step is doing and what it left.
func (Strategy) NewParts() client.ObjectList { return &tektonv1.TaskRunList{} }

// Selector finds the TaskRun and the pod of this incarnation of the PipelineRun; Tekton hands the label on.
func (Strategy) Selector(child client.Object) map[string]string {
	return map[string]string{pipeline.PipelineRunUIDLabelKey: string(child.GetUID())}
}

// Companions returns nothing.
func (Strategy) Companions(buildstrategy.Inputs) []client.Object { return nil }
