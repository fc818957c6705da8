package validation

import (
	"context"
	"fmt"
	"io"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/observe"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/run"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// observe reads everything that the plan needs, and nothing else.
func (r *Reconciler) observe(ctx context.Context, job *v1alpha1.NotebookValidationJob) (seen, error) {
	var s seen
	var builds v1alpha1.NotebookBuildList
	var runs batchv1.JobList
	mine := []client.ListOption{client.InNamespace(job.Namespace), client.MatchingLabels{v1alpha1.LabelOwnerUID: string(job.UID)}}
	if err := r.Client.List(ctx, &builds, mine...); err != nil {
		return s, fmt.Errorf("list builds: %w", err)
	}
	if err := r.Client.List(ctx, &runs, mine...); err != nil {
		return s, fmt.Errorf("list runs: %w", err)
	}
	s.builds = controlled(builds.Items, job)
	s.runs = controlled(runs.Items, job)
	current := find(s.runs, naming.Run(job))
	if current == nil || status.Decided(job.Status.Conditions, v1alpha1.ConditionValidated, job.Generation) != nil {
		return s, nil
	}
	return s, r.observeRun(ctx, &s, current)
}

func (r *Reconciler) observeRun(ctx context.Context, s *seen, current *batchv1.Job) error {
	var err error
	if s.pods, err = observe.JobPods(ctx, r.Client, r.APIReader, current, run.Ended(current)); err != nil {
		return err
	}
	if s.refused, err = observe.Refusal(ctx, r.Client, current); err != nil {
		return err
	}
	if outcome := run.Read(current, s.pods, s.refused); outcome.State == run.Finished {
		s.log, s.logErr = r.readLog(ctx, outcome.Pod)
	}
	return nil
}

// readLog reads the report. A pod that is gone has none: that is an answer, not an error.
func (r *Reconciler) readLog(ctx context.Context, pod *corev1.Pod) ([]byte, error) {
	limit := int64(report.MaxAnswerBytes + 2) // one line end, and one byte that shows that there is more
	stream, err := r.Logs.Pods(pod.Namespace).GetLogs(pod.Name, &corev1.PodLogOptions{
		Container: run.ContainerReport, LimitBytes: &limit,
	}).Stream(ctx)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the log of pod %s: %w", pod.Name, err)
	}
	defer func() { _ = stream.Close() }() // nothing was written
	log, err := io.ReadAll(stream)
	if err != nil {
		return nil, fmt.Errorf("read the log of pod %s: %w", pod.Name, err)
	}
	return log, nil
}

// controlled keeps what this incarnation of the job controls; a label alone is only a claim.
func controlled[T any, P interface {
	*T
	metav1.Object
}](items []T, owner metav1.Object) []T {
	var kept []T
	for i := range items {
		if metav1.IsControlledBy(P(&items[i]), owner) {
			kept = append(kept, items[i])
		}
	}
	return kept
}
