// Package metrics counts what the operator decides about jobs. Labels have values from closed sets: no name, namespace or
// text of a user is one.
package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// Outcomes of a build.
const (
	succeeded = "succeeded"
	failed    = "failed"
)

// noStrategy is the label of a build that failed before a build system was chosen.
const noStrategy = "none"

// Jobs are the metrics of jobs. A nil one counts nothing.
type Jobs struct {
	decided    *prometheus.CounterVec
	build      *prometheus.HistogramVec
	validation *prometheus.HistogramVec
}

// NewJobs registers the metrics.
func NewJobs(registry prometheus.Registerer) *Jobs {
	j := &Jobs{
		decided: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "notebook_validator_jobs_total",
			Help: "Jobs that were decided, by phase (Succeeded or Failed) and by the reason of the condition Succeeded; one for each generation.",
		}, []string{"phase", "reason"}),
		build: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "notebook_validator_build_seconds",
			Help:    "Time that builds of jobs took, by strategy and outcome (succeeded or failed); without those whose image was there already.",
			Buckets: []float64{5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200},
		}, []string{"strategy", "outcome"}),
		validation: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "notebook_validator_validation_seconds",
			Help:    "Time that the execution of notebooks took, by the phase in which the job ended.",
			Buckets: []float64{1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600},
		}, []string{"phase"}),
	}
	registry.MustRegister(j.decided, j.build, j.validation)
	return j
}

// Written is told of every status that was written. It counts what was decided by this very write, so that each decision
// counts once: a decision stays, and a write to an object that somebody else changed does not succeed.
func (j *Jobs) Written(job *v1alpha1.NotebookValidationJob, before, after v1alpha1.NotebookValidationJobStatus) {
	if j == nil {
		return
	}
	firstDecided := func(condition string) bool {
		return status.Decided(before.Conditions, condition, job.Generation) == nil && status.Decided(after.Conditions, condition, job.Generation) != nil
	}
	if firstDecided(v1alpha1.ConditionBuildReady) {
		j.built(status.Decided(after.Conditions, v1alpha1.ConditionBuildReady, job.Generation).Reason, after)
	}
	if !firstDecided(v1alpha1.ConditionSucceeded) {
		return
	}
	reason := status.Decided(after.Conditions, v1alpha1.ConditionSucceeded, job.Generation).Reason
	j.decided.WithLabelValues(string(after.Phase), reason).Inc()
	if run := job.Status.Validation; run != nil && run.Duration != nil && reason != v1alpha1.ReasonBuildFailed {
		j.validation.WithLabelValues(string(after.Phase)).Observe(run.Duration.Seconds())
	}
}

func (j *Jobs) built(reason string, after v1alpha1.NotebookValidationJobStatus) {
	outcome := map[string]string{v1alpha1.ReasonBuildSucceeded: succeeded, v1alpha1.ReasonBuildFailed: failed}[reason]
	build := after.BuildStatus
	if outcome == "" || build == nil || build.StartTime == nil || build.CompletionTime == nil || after.StartTime == nil {
		return
	}
	// A new generation keeps a build whose inputs did not change; that one counted for an earlier generation.
	if build.CompletionTime.Before(after.StartTime) {
		return
	}
	strategy := build.Strategy
	if strategy == "" {
		strategy = noStrategy
	}
	j.build.WithLabelValues(strategy, outcome).Observe(build.CompletionTime.Sub(build.StartTime.Time).Seconds())
}
