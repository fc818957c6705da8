package metrics

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/assert"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

var epoch = metav1.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

func at(d time.Duration) *metav1.Time {
	t := metav1.NewTime(epoch.Add(d))
	return &t
}

func condition(kind string, s metav1.ConditionStatus, reason string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: s, Reason: reason, ObservedGeneration: 2}
}

// ready is a status in which the gate was decided, after a build of a minute.
func ready(s metav1.ConditionStatus, reason string) v1alpha1.NotebookValidationJobStatus {
	return v1alpha1.NotebookValidationJobStatus{
		StartTime:   at(0),
		Conditions:  []metav1.Condition{condition(v1alpha1.ConditionBuildReady, s, reason)},
		BuildStatus: &v1alpha1.BuildStatus{Strategy: "tekton", StartTime: at(time.Second), CompletionTime: at(61 * time.Second)},
	}
}

// ended is a status in which the job was decided.
func ended(phase v1alpha1.Phase, s metav1.ConditionStatus, reason string) v1alpha1.NotebookValidationJobStatus {
	after := ready(metav1.ConditionTrue, v1alpha1.ReasonBuildSucceeded)
	after.Phase = phase
	after.Conditions = append(after.Conditions, condition(v1alpha1.ConditionSucceeded, s, reason))
	return after
}

func edited(s v1alpha1.NotebookValidationJobStatus, edit func(*v1alpha1.NotebookValidationJobStatus)) v1alpha1.NotebookValidationJobStatus {
	edit(&s)
	return s
}

func TestWhatAWriteCounts(t *testing.T) {
	nothing := v1alpha1.NotebookValidationJobStatus{}
	built := ready(metav1.ConditionTrue, v1alpha1.ReasonBuildSucceeded)
	passed := ended(v1alpha1.PhaseSucceeded, metav1.ConditionTrue, v1alpha1.ReasonPassed)
	broken := edited(ready(metav1.ConditionFalse, v1alpha1.ReasonBuildFailed), func(s *v1alpha1.NotebookValidationJobStatus) {
		s.Phase = v1alpha1.PhaseFailed
		s.Conditions = append(s.Conditions, condition(v1alpha1.ConditionSucceeded, metav1.ConditionFalse, v1alpha1.ReasonBuildFailed))
		s.BuildStatus.Strategy = ""
	})
	const (
		builtOnce  = `build_seconds_sum{outcome="succeeded",strategy="tekton"} 60`
		passedOnce = `jobs_total{phase="Succeeded",reason="Passed"} 1`
		ranOnce    = `validation_seconds_sum{phase="Succeeded"} 90`
	)
	for name, test := range map[string]struct {
		before, after v1alpha1.NotebookValidationJobStatus
		want          []string
	}{
		"a build succeeds":            {nothing, built, []string{builtOnce}},
		"a notebook passes":           {built, passed, []string{passedOnce, ranOnce}},
		"a notebook fails":            {built, ended(v1alpha1.PhaseFailed, metav1.ConditionFalse, v1alpha1.ReasonCellFailed), []string{`jobs_total{phase="Failed",reason="CellFailed"} 1`, `validation_seconds_sum{phase="Failed"} 90`}},
		"a build fails, and its job":  {nothing, broken, []string{`build_seconds_sum{outcome="failed",strategy="none"} 60`, `jobs_total{phase="Failed",reason="BuildFailed"} 1`}},
		"a decision that stood there": {passed, passed, nil},
		"an image that was there":     {nothing, ready(metav1.ConditionTrue, v1alpha1.ReasonBuildReused), nil},
		"no build at all":             {nothing, edited(ready(metav1.ConditionTrue, v1alpha1.ReasonBuildNotRequired), func(s *v1alpha1.NotebookValidationJobStatus) { s.BuildStatus = nil }), nil},
		"a build under way":           {nothing, ready(metav1.ConditionUnknown, v1alpha1.ReasonBuilding), nil},
		"a build that failed before it began": {nothing, edited(ready(metav1.ConditionFalse, v1alpha1.ReasonBuildFailed), func(s *v1alpha1.NotebookValidationJobStatus) {
			s.BuildStatus.StartTime = nil
		}), nil},
		"a build kept from an earlier generation": {nothing, edited(built, func(s *v1alpha1.NotebookValidationJobStatus) { s.StartTime = at(time.Hour) }), nil},
		"a decision about an earlier generation": {built, edited(passed, func(s *v1alpha1.NotebookValidationJobStatus) {
			s.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionSucceeded, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonPassed, ObservedGeneration: 1}}
		}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			registry := prometheus.NewRegistry()
			job := &v1alpha1.NotebookValidationJob{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "secret", Generation: 2}}
			job.Status.Validation = &v1alpha1.ValidationStatus{Duration: &metav1.Duration{Duration: 90 * time.Second}}
			NewJobs(registry).Written(job, test.before, test.after)
			assert.ElementsMatch(t, test.want, values(t, registry))
		})
	}
}

// values are the lines of the metrics that are a count, or the sum of a histogram, without the common beginning of their names.
func values(t *testing.T, registry *prometheus.Registry) []string {
	t.Helper()
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	var lines []string
	for line := range strings.Lines(answer.Body.String()) {
		line, own := strings.CutPrefix(strings.TrimSpace(line), "notebook_validator_")
		if own && !strings.Contains(line, "_bucket{") && !strings.Contains(line, "_seconds_count{") {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestAnOperatorWithoutMetricsCountsNothing(t *testing.T) {
	var none *Jobs
	assert.NotPanics(t, func() {
		none.Written(&v1alpha1.NotebookValidationJob{}, v1alpha1.NotebookValidationJobStatus{}, ended(v1alpha1.PhaseFailed, metav1.ConditionFalse, v1alpha1.ReasonTimeout))
	})
}

func TestAJobThatNeverRanHasNoTimeOfExecution(t *testing.T) {
	registry := prometheus.NewRegistry()
	job := &v1alpha1.NotebookValidationJob{ObjectMeta: metav1.ObjectMeta{Generation: 2}}
	after := ended(v1alpha1.PhaseFailed, metav1.ConditionFalse, v1alpha1.ReasonImagePullFailed)
	NewJobs(registry).Written(job, ready(metav1.ConditionTrue, v1alpha1.ReasonBuildSucceeded), after)
	assert.Equal(t, []string{`jobs_total{phase="Failed",reason="ImagePullFailed"} 1`}, values(t, registry))
}
