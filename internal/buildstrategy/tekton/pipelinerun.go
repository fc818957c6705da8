package tekton

import (
	"fmt"

	"github.com/tektoncd/pipeline/pkg/apis/pipeline"
	"github.com/tektoncd/pipeline/pkg/apis/pipeline/pod"
	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
)

// taskName is the pipeline's only task.
const taskName = "build"

// operatorProgram is this program in the operator's image. Tekton would ask the image's registry for it, which the
// controller may not be able to reach or to log in to.
const operatorProgram = "/notebook-validator"

// Child returns the PipelineRun that builds the inputs.
func (s Strategy) Child(in buildstrategy.Inputs) (client.Object, error) {
	if err := buildpod.CheckInTekton(in); err != nil {
		return nil, err
	}
	return &tektonv1.PipelineRun{
		TypeMeta:   metav1.TypeMeta{APIVersion: tektonv1.SchemeGroupVersion.String(), Kind: s.Kind().Kind},
		ObjectMeta: metav1.ObjectMeta{Name: in.Name, Namespace: in.Namespace, Labels: in.Labels, Annotations: in.Annotations},
		Spec: tektonv1.PipelineRunSpec{
			PipelineSpec: &tektonv1.PipelineSpec{
				Tasks:   []tektonv1.PipelineTask{pipelineTask(in)},
				Results: []tektonv1.PipelineResult{pipelineResult(resultURL), pipelineResult(resultDigest)},
			},
			Timeouts: &tektonv1.TimeoutFields{Pipeline: &metav1.Duration{Duration: in.Timeout}},
			TaskRunTemplate: tektonv1.PipelineTaskRunTemplate{
				ServiceAccountName: in.ServiceAccountName,
				PodTemplate: &pod.PodTemplate{
					NodeSelector:                 in.NodeSelector,
					Tolerations:                  in.Tolerations,
					AutomountServiceAccountToken: ptr.To(false),
					EnableServiceLinks:           ptr.To(false),
				},
			},
		},
	}, nil
}

// pipelineTask has a timeout of its own, since Tekton's default one for a task may be shorter than the pipeline's.
func pipelineTask(in buildstrategy.Inputs) tektonv1.PipelineTask {
	return tektonv1.PipelineTask{
		Name:    taskName,
		Timeout: &metav1.Duration{Duration: in.Timeout},
		TaskSpec: &tektonv1.EmbeddedTask{TaskSpec: tektonv1.TaskSpec{
			Results: []tektonv1.TaskResult{
				taskResult(resultURL, "The image that was pushed, as repository:tag."),
				taskResult(resultDigest, "The digest that the registry confirmed."),
				taskResult(resultErrorReason, "Why a step failed, in one word."),
				taskResult(resultErrorMessage, "What to tell the user of a failed step, with the last lines of its log."),
			},
			Steps:   steps(in),
			Volumes: buildpod.Volumes(in),
		}},
	}
}

func taskResult(name, description string) tektonv1.TaskResult {
	return tektonv1.TaskResult{Name: name, Type: tektonv1.ResultsTypeString, Description: description}
}

func pipelineResult(name string) tektonv1.PipelineResult {
	return tektonv1.PipelineResult{
		Name:  name,
		Type:  tektonv1.ResultsTypeString,
		Value: *tektonv1.NewStructuredValues(fmt.Sprintf("$(tasks.%s.results.%s)", taskName, name)),
	}
}

func steps(in buildstrategy.Inputs) []tektonv1.Step {
	asked := buildpod.Asked{Timeout: buildpod.OwnTimeout(in.Timeout)}
	fetch, build := buildpod.FetchContainer(in, asked), buildpod.BuildContainer(in, asked)
	fetch.Command = []string{operatorProgram}
	fetch.Resources = besides(in.Resources)
	return []tektonv1.Step{
		step(fetch, "--error-reason-file", resultErrorReason, "--error-message-file", resultErrorMessage),
		step(build, "--url-file", resultURL, "--digest-file", resultDigest,
			"--error-reason-file", resultErrorReason, "--error-message-file", resultErrorMessage),
	}
}

// step adds the flags that name a file to the results that they leave there.
func step(container corev1.Container, flagsAndResults ...string) tektonv1.Step {
	args := container.Args
	for i := 0; i < len(flagsAndResults); i += 2 {
		args = append(args, fmt.Sprintf("%s=%s/%s", flagsAndResults[i], pipeline.DefaultResultPath, flagsAndResults[i+1]))
	}
	return tektonv1.Step{
		Name:             container.Name,
		Image:            container.Image,
		Command:          container.Command,
		Args:             args,
		ComputeResources: container.Resources,
		SecurityContext:  container.SecurityContext,
		VolumeMounts:     container.VolumeMounts,
	}
}

// besides lets fetch use what the build may use and requests nothing for it: Tekton's steps are containers of one pod, and
// a node keeps the sum of their requests free. A quota that wants every container to name its own finds them.
func besides(build corev1.ResourceRequirements) corev1.ResourceRequirements {
	requests := corev1.ResourceList{}
	for _, list := range []corev1.ResourceList{build.Requests, build.Limits} {
		for name := range list {
			requests[name] = resource.Quantity{Format: resource.DecimalSI}
		}
	}
	if len(requests) == 0 {
		return corev1.ResourceRequirements{}
	}
	return corev1.ResourceRequirements{Limits: build.Limits, Requests: requests}
}
