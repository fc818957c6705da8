package kubejob

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

// Ended tells whether the Job is over.
func (Strategy) Ended(child client.Object) bool {
	job, ok := child.(*batchv1.Job)
	return ok && (condition(job, batchv1.JobComplete) != nil || condition(job, batchv1.JobFailed) != nil)
}

// Outcome reads the Job's conditions, and its pods for what the conditions do not say.
func (Strategy) Outcome(child client.Object, pods []corev1.Pod, refused string) buildstrategy.Outcome {
	job, ok := child.(*batchv1.Job)
	if !ok {
		return failure(buildstrategy.BuildFailed, "The build's Job is an object of another kind; delete it to build again.")
	}
	pods = newestFirst(pods)
	if condition(job, batchv1.JobComplete) != nil {
		return completed(job, pods)
	}
	if failed := condition(job, batchv1.JobFailed); failed != nil {
		return failedJob(job, failed, pods, refused)
	}
	outcome := running(pods, refused)
	outcome.Cancel = outcome.Phase == buildstrategy.Failed
	return outcome
}

func failure(reason buildstrategy.Reason, message string) buildstrategy.Outcome {
	return buildstrategy.Outcome{Phase: buildstrategy.Failed, Reason: reason, Message: message}
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

func newestFirst(pods []corev1.Pod) []corev1.Pod {
	sorted := slices.Clone(pods)
	slices.SortFunc(sorted, func(a, b corev1.Pod) int {
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	return sorted
}

// completed finds the image of a Job that says it is done. Without a readable result there is no image.
func completed(job *batchv1.Job, pods []corev1.Pod) buildstrategy.Outcome {
	for _, pod := range pods {
		if pod.Status.Phase != corev1.PodSucceeded {
			continue
		}
		image, err := builtImage(job, pod)
		if err != nil {
			return failure(buildstrategy.BuildResultInvalid, fmt.Sprintf("The build ended, but it cannot be told which image it made: %v. "+
				"Run the job again.", err))
		}
		return buildstrategy.Outcome{Phase: buildstrategy.Succeeded, Image: image, Message: "The image has been built and pushed."}
	}
	return failure(buildstrategy.BuildResultInvalid, "The build ended, but its pod is gone and with it the name of the image. Run the job again.")
}

var digestPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// builtImage accepts a digest in the repository that was asked for and nothing else.
func builtImage(job *batchv1.Job, pod corev1.Pod) (string, error) {
	ended := terminated(pod, buildContainer)
	if ended == nil {
		return "", fmt.Errorf("the container %s has no end", buildContainer)
	}
	result, err := buildstrategy.ParseResult(ended.Message)
	if err != nil {
		return "", err
	}
	built, err := name.NewDigest(result.Image)
	if err != nil || !digestPattern.MatchString(built.DigestStr()) {
		return "", fmt.Errorf("its result names %q, which is no image with a digest", result.Image)
	}
	wanted, err := name.NewTag(target(job))
	if err != nil {
		return "", fmt.Errorf("the Job does not say which image to make: %w", err)
	}
	if built.Context().Name() != wanted.Context().Name() {
		return "", fmt.Errorf("its result names %q, but %q was asked for", result.Image, wanted.Context().Name())
	}
	return result.Image, nil
}

// target is the reference that the Job was told to push to.
func target(job *batchv1.Job) string {
	for _, container := range job.Spec.Template.Spec.Containers {
		for _, arg := range container.Args {
			if image, ok := strings.CutPrefix(arg, imageFlag); ok {
				return image
			}
		}
	}
	return ""
}

// failedJob says why; the newest pod that was not merely disturbed is the attempt that ended the Job.
func failedJob(job *batchv1.Job, failed *batchv1.JobCondition, pods []corev1.Pod, refused string) buildstrategy.Outcome {
	pods = slices.DeleteFunc(pods, isDisturbed)
	if failed.Reason == batchv1.JobReasonDeadlineExceeded {
		return timedOut(job, pods, refused)
	}
	for _, pod := range pods {
		if outcome, ok := failedPod(pod); ok {
			return outcome
		}
	}
	return failure(buildstrategy.BuildFailed, buildstrategy.Clean("The build failed and left no result. The cluster says: "+failed.Message))
}

// timedOut says what the Job was at when its time was up: a pod that could not start, or that left last words.
func timedOut(job *batchv1.Job, pods []corev1.Pod, refused string) buildstrategy.Outcome {
	sentence := fmt.Sprintf("The build took longer than its timeout of %s. Raise podConfig.buildConfig.timeout, or ask for "+
		"fewer packages.", deadline(job))
	if len(pods) == 0 {
		return failure(buildstrategy.BuildTimeout, strings.TrimSpace(sentence+"\n"+rejection(refused)))
	}
	if block := waiting(pods[0]); block != nil {
		return block.timedOut(sentence)
	}
	ended := terminated(pods[0], buildContainer)
	if ended == nil {
		return failure(buildstrategy.BuildTimeout, sentence)
	}
	result, err := buildstrategy.ParseResult(ended.Message)
	if err != nil || result.Message == "" {
		return failure(buildstrategy.BuildTimeout, sentence)
	}
	if ended.ExitCode != podspec.ExitTerminated {
		return failure(reasonOf(buildContainer, result.Reason), result.Message)
	}
	return failure(buildstrategy.BuildTimeout, sentence+"\n"+result.Message)
}

func deadline(job *batchv1.Job) time.Duration {
	if job.Spec.ActiveDeadlineSeconds == nil {
		return 0
	}
	return time.Duration(*job.Spec.ActiveDeadlineSeconds) * time.Second
}

// terminated returns how a container of the pod ended, or nil.
func terminated(pod corev1.Pod, container string) *corev1.ContainerStateTerminated {
	for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		if status.Name == container {
			return status.State.Terminated
		}
	}
	return nil
}
