package tekton_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"github.com/tektoncd/pipeline/pkg/result"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"knative.dev/pkg/apis"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/tekton"
)

// The ends that a condition tells.
const (
	yes     = corev1.ConditionTrue
	no      = corev1.ConditionFalse
	unknown = corev1.ConditionUnknown
)

func succeeded(status corev1.ConditionStatus, reason, message string) apis.Condition {
	return apis.Condition{Type: apis.ConditionSucceeded, Status: status, Reason: reason, Message: message}
}

// runWith is the PipelineRun of the ordinary inputs with that condition, and results as name, value, name, value.
func runWith(t *testing.T, condition apis.Condition, results ...string) *tektonv1.PipelineRun {
	t.Helper()
	run := pipelineRun(t)
	run.Status.SetCondition(&condition)
	for i := 0; i < len(results); i += 2 {
		run.Status.Results = append(run.Status.Results,
			tektonv1.PipelineRunResult{Name: results[i], Value: *tektonv1.NewStructuredValues(results[i+1])})
	}
	return run
}

// failedRun has all that Tekton says in a PipelineRun of a task that failed.
func failedRun(t *testing.T) *tektonv1.PipelineRun {
	return runWith(t, succeeded(no, "Failed", "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0"))
}

type editTask = func(*tektonv1.TaskRun)

func task(condition apis.Condition, edit ...editTask) *tektonv1.TaskRun {
	task := &tektonv1.TaskRun{ObjectMeta: metav1.ObjectMeta{Name: "iris-build-1-build", CreationTimestamp: metav1.NewTime(time.Unix(1, 0))}}
	task.Status.PodName = "iris-build-1-build-pod"
	task.Status.SetCondition(&condition)
	for _, e := range edit {
		e(task)
	}
	return task
}

func step(name string, state corev1.ContainerState) editTask {
	return func(task *tektonv1.TaskRun) {
		task.Status.Steps = append(task.Status.Steps, tektonv1.StepState{Name: name, Container: "step-" + name, ContainerState: state})
	}
}

func stepEnded(name string, code int32, reason string) editTask {
	return step(name, corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Reason: reason}})
}

func stepWaits(name, reason, message string) editTask {
	return step(name, corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}})
}

func stepRuns(name string) editTask {
	return step(name, corev1.ContainerState{Running: &corev1.ContainerStateRunning{}})
}

func skipped(name string) editTask {
	return func(task *tektonv1.TaskRun) {
		stepEnded(name, 1, "Error")(task)
		task.Status.Steps[len(task.Status.Steps)-1].TerminationReason = "Skipped"
	}
}

func fetched() editTask { return stepEnded("fetch", 0, "Completed") }

// leaves are the results of a step that failed.
func leaves(word, message string) editTask {
	return func(task *tektonv1.TaskRun) {
		task.Status.Results = append(task.Status.Results,
			tektonv1.TaskRunResult{Name: "ERROR_REASON", Type: "string", Value: *tektonv1.NewStructuredValues(word)},
			tektonv1.TaskRunResult{Name: "ERROR_MESSAGE", Type: "string", Value: *tektonv1.NewStructuredValues(message)})
	}
}

func noPod(task *tektonv1.TaskRun) { task.Status.PodName = "" }

type editPod = func(*corev1.Pod)

func pod(edit ...editPod) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "iris-build-1-build-pod"}, Status: corev1.PodStatus{Phase: corev1.PodFailed}}
	for _, e := range edit {
		e(p)
	}
	return p
}

func podReason(reason, message string) editPod {
	return func(p *corev1.Pod) { p.Status.Reason, p.Status.Message = reason, message }
}

func disrupted(reason, message string) editPod {
	return func(p *corev1.Pod) {
		p.Status.Conditions = append(p.Status.Conditions,
			corev1.PodCondition{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: reason, Message: message})
	}
}

func containerState(name string, state corev1.ContainerState) editPod {
	return func(p *corev1.Pod) {
		p.Status.ContainerStatuses = append(p.Status.ContainerStatuses,
			corev1.ContainerStatus{Name: "step-" + name, Image: "registry.example.com/buildah:1", State: state})
	}
}

// terminationMessage is Tekton's form of a step's results.
func terminationMessage(t *testing.T, keysAndValues ...string) string {
	t.Helper()
	all := []result.RunResult{{Key: "StartedAt", Value: "2026-01-01T00:00:00.000Z", ResultType: result.InternalTektonResultType}}
	for i := 0; i < len(keysAndValues); i += 2 {
		all = append(all, result.RunResult{Key: keysAndValues[i], Value: keysAndValues[i+1], ResultType: result.TaskRunResultType})
	}
	data, err := json.Marshal(all)
	require.NoError(t, err)
	return string(data)
}

// outcome asks for the meaning of what there is; a nil of a part or of the pod is none.
func outcome(run client.Object, parts []client.Object, pod *corev1.Pod) buildstrategy.Outcome {
	seen := buildstrategy.Seen{Child: run, Parts: parts}
	if pod != nil {
		seen.Pods = []corev1.Pod{*pod}
	}
	return tekton.Strategy{}.Outcome(seen)
}

func parts(tasks ...*tektonv1.TaskRun) []client.Object {
	var all []client.Object
	for _, task := range tasks {
		all = append(all, task)
	}
	return all
}
