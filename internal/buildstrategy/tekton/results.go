package tekton

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"github.com/tektoncd/pipeline/pkg/result"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
)

// Results of the task; the first two are also those of the pipeline. Tekton writes the results of a failed task nowhere
// but in its TaskRun, and a pipeline that lacks a result fails, so that the other two are the task's only.
const (
	resultURL          = "IMAGE_URL"
	resultDigest       = "IMAGE_DIGEST"
	resultErrorReason  = "ERROR_REASON"
	resultErrorMessage = "ERROR_MESSAGE"
)

// builtImage puts the image together from the results, and accepts a digest in the repository that was asked for and
// nothing else.
func builtImage(run *tektonv1.PipelineRun) (string, error) {
	url, digest := runResult(run, resultURL), runResult(run, resultDigest)
	if url == "" || digest == "" {
		return "", fmt.Errorf("it left no %s or no %s", resultURL, resultDigest)
	}
	tag, err := name.NewTag(url)
	if err != nil {
		return "", fmt.Errorf("its result %s is %q, which is no image with a tag", resultURL, url)
	}
	if target(run) == "" {
		return "", errors.New("it does not say which image was asked for")
	}
	image := strings.TrimSuffix(url, ":"+tag.TagStr()) + "@" + digest
	return image, buildpod.CheckImage(image, target(run))
}

func runResult(run *tektonv1.PipelineRun, name string) string {
	for _, r := range run.Status.Results {
		if r.Name == name && r.Value.Type == tektonv1.ParamTypeString {
			return r.Value.StringVal
		}
	}
	return ""
}

// target is the reference that the PipelineRun, whose spec Tekton lets nobody change, was told to push to.
func target(run *tektonv1.PipelineRun) string {
	return buildpod.Target(stepOf(run, buildpod.Build).Args)
}

// stepOf is the step of that name as it was asked for.
func stepOf(run *tektonv1.PipelineRun, name string) tektonv1.Step {
	if run.Spec.PipelineSpec == nil {
		return tektonv1.Step{}
	}
	for _, task := range run.Spec.PipelineSpec.Tasks {
		if task.TaskSpec == nil {
			continue
		}
		for _, step := range task.TaskSpec.Steps {
			if step.Name == name {
				return step
			}
		}
	}
	return tektonv1.Step{}
}

// left is what a failed step said.
type left struct{ word, message string }

// leftIn reads it from the results of the TaskRun, or from the message that the step's container ended with, which has
// them all in Tekton's own form.
func leftIn(task *tektonv1.TaskRun, message string) left {
	var all left
	if task != nil {
		for _, r := range task.Status.Results {
			all.take(r.Name, r.Value.StringVal)
		}
	}
	var written []result.RunResult
	if err := json.Unmarshal([]byte(message), &written); err == nil && all.message == "" {
		for _, r := range written {
			all.take(r.Key, r.Value)
		}
	}
	return all
}

func (l *left) take(name, value string) {
	switch name {
	case resultErrorReason:
		l.word = value
	case resultErrorMessage:
		l.message = value
	}
}
