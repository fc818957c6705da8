package kubejob

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
)

// Ended tells whether the Job is over.
func (Strategy) Ended(child client.Object) bool {
	job, ok := child.(*batchv1.Job)
	return ok && (condition(job, batchv1.JobComplete) != nil || condition(job, batchv1.JobFailed) != nil)
}

// Outcome reads the Job's conditions, and its pods for what the conditions do not say.
func (Strategy) Outcome(seen buildstrategy.Seen) buildstrategy.Outcome {
	job, ok := seen.Child.(*batchv1.Job)
	if !ok {
		return buildpod.Failure(buildstrategy.BuilderFailed, "The build's Job is an object of another kind; delete it to build again.")
	}
	pods := podstatus.NewestFirst(seen.Pods)
	if condition(job, batchv1.JobComplete) != nil {
		return completed(job, pods)
	}
	if failed := condition(job, batchv1.JobFailed); failed != nil {
		return failedJob(job, failed, pods, seen.Refused)
	}
	outcome := running(job, pods, seen.Refused)
	outcome.Cancel = outcome.Phase == buildstrategy.Failed
	return outcome
}

// condition returns the Job's condition of that type if it is true.
func condition(job *batchv1.Job, kind batchv1.JobConditionType) *batchv1.JobCondition {
	for i, c := range job.Status.Conditions {
		if c.Type == kind && c.Status == corev1.ConditionTrue {
			return &job.Status.Conditions[i]
		}
	}
	return nil
}

// completed finds the image of a Job that says it is done. Without a readable result there is no image.
func completed(job *batchv1.Job, pods []corev1.Pod) buildstrategy.Outcome {
	for i := range pods {
		if pods[i].Status.Phase != corev1.PodSucceeded {
			continue
		}
		image, err := builtImage(job, &pods[i])
		if err != nil {
			return buildpod.Failure(buildstrategy.BuildResultInvalid, fmt.Sprintf("The build ended, but it cannot be told which image it made: %v. "+
				"Run the job again.", err))
		}
		return buildstrategy.Outcome{Phase: buildstrategy.Succeeded, Image: image, Message: "The image has been built and pushed."}
	}
	return buildpod.Failure(buildstrategy.BuildResultInvalid, "The build ended, but its pod is gone and with it the name of the image. Run the job again.")
}

// builtImage accepts a digest in the repository that was asked for and nothing else.
func builtImage(job *batchv1.Job, pod *corev1.Pod) (string, error) {
	ended := podstatus.Ended(pod, buildpod.Build)
	if ended == nil {
		return "", fmt.Errorf("the container %s has no end", buildpod.Build)
	}
	result, err := buildstrategy.ParseResult(ended.Message)
	if err != nil {
		return "", err
	}
	if err := buildpod.CheckImage(result.Image, target(job)); err != nil {
		return "", err
	}
	return result.Image, nil
}

// target is the reference that the Job, whose pod template nobody can change, was told to push to.
func target(job *batchv1.Job) string {
	for _, container := range job.Spec.Template.Spec.Containers {
		if image := buildpod.Target(container.Args); image != "" {
			return image
		}
	}
	return ""
}
