package tekton

import (
	"cmp"
	"fmt"
	"slices"

	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	corev1 "k8s.io/api/core/v1"
	"knative.dev/pkg/apis"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
)

// Ended tells whether the PipelineRun is over.
func (Strategy) Ended(child client.Object) bool {
	run, ok := child.(*tektonv1.PipelineRun)
	return ok && run.IsDone()
}

// build is what is known of one build: its PipelineRun, the TaskRun that Tekton made of it and that one's pod, nil where
// there is none.
type build struct {
	run       *tektonv1.PipelineRun
	condition *apis.Condition
	task      *tektonv1.TaskRun
	pod       *corev1.Pod
}

// Outcome reads the PipelineRun's condition and results, and its TaskRun and pod for what they do not say.
func (Strategy) Outcome(seen buildstrategy.Seen) buildstrategy.Outcome {
	run, ok := seen.Child.(*tektonv1.PipelineRun)
	if !ok {
		return buildpod.Failure(buildstrategy.BuilderFailed, "The build's PipelineRun is an object of another kind; delete it to build again.")
	}
	b := build{run: run, condition: run.Status.GetCondition(apis.ConditionSucceeded), task: newest(seen.Parts), pod: podstatus.Newest(seen.Pods)}
	switch {
	case b.condition.IsTrue():
		return b.succeeded()
	case b.condition.IsFalse():
		outcome := b.failed()
		outcome.Cancel = outcome.Phase == buildstrategy.Failed && b.goesOn()
		return outcome
	}
	outcome := b.running()
	outcome.Cancel = outcome.Phase == buildstrategy.Failed
	return outcome
}

// newest is the TaskRun that counts.
func newest(parts []client.Object) *tektonv1.TaskRun {
	var tasks []*tektonv1.TaskRun
	for _, part := range parts {
		if task, ok := part.(*tektonv1.TaskRun); ok {
			tasks = append(tasks, task)
		}
	}
	if len(tasks) == 0 {
		return nil
	}
	return slices.MaxFunc(tasks, func(a, b *tektonv1.TaskRun) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
}

// succeeded finds the image of a PipelineRun that says it is done. Without readable results there is no image.
func (b build) succeeded() buildstrategy.Outcome {
	image, err := builtImage(b.run)
	if err != nil {
		return buildpod.Failure(buildstrategy.BuildResultInvalid, fmt.Sprintf("The build ended, but it cannot be told which image it made: %v. "+
			"Run the job again.", err))
	}
	return buildstrategy.Outcome{Phase: buildstrategy.Succeeded, Image: image, Message: "The image has been built and pushed."}
}

// goesOn tells a build that Tekton gave up while a step still waits, for its container or for the step that was killed: its
// pod would stay until it is past its deadline.
func (b build) goesOn() bool {
	return b.taskCondition().IsFalse() && slices.ContainsFunc(b.task.Status.Steps, func(s tektonv1.StepState) bool {
		return s.Running != nil || s.Waiting != nil // a step of a pod that was never made has no state
	})
}

// says is what Tekton says of the TaskRun, or of the PipelineRun where that says more.
func (b build) says() string {
	if c := b.taskCondition(); c != nil {
		return buildstrategy.Clean(c.Message)
	}
	return buildstrategy.Clean(b.condition.GetMessage())
}

func (b build) taskCondition() *apis.Condition {
	if b.task == nil {
		return nil
	}
	return b.task.Status.GetCondition(apis.ConditionSucceeded)
}

// temporary marks a trouble that may pass: Tekton tries nothing again.
func temporary(outcome buildstrategy.Outcome) buildstrategy.Outcome {
	outcome.Temporary = true
	return outcome
}
