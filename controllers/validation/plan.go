package validation

import (
	"cmp"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/run"
	"mlops.dev/notebook-validator-operator/internal/settings"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// logGrace is how long the log of a finished run may be out of reach before the run counts as one without a report.
const logGrace = 5 * time.Minute

// seen is everything that a plan is made from beside the job.
type seen struct {
	// builds and runs that were made for this incarnation of the job, of whatever generation.
	builds []v1alpha1.NotebookBuild
	runs   []batchv1.Job
	// pods of this generation's run.
	pods []corev1.Pod
	// refused is what the cluster said when it refused to create a pod of the run.
	refused string
	// log of the report container of a finished run, or why it cannot be read.
	log    []byte
	logErr error
}

// plan is what to do, and the complete status that this controller owns.
type plan struct {
	deleteBuilds []v1alpha1.NotebookBuild
	deleteRuns   []batchv1.Job
	createBuild  *v1alpha1.NotebookBuild
	createRun    *batchv1.Job
	applyReport  *corev1.ConfigMap
	status       v1alpha1.NotebookValidationJobStatus
	requeueAfter time.Duration
	// retry is a passing trouble; the job is looked at again with back-off.
	retry error
}

// planner holds what is the same for all jobs.
type planner struct {
	settings settings.Settings
	now      time.Time
}

// plan decides. It reads nothing but its arguments.
func (p planner) plan(job *v1alpha1.NotebookValidationJob, s seen) plan {
	out := plan{status: owned(job.Status)}
	out.deleteBuilds, out.deleteRuns = stale(job, s)
	if decided := status.Decided(job.Status.Conditions, v1alpha1.ConditionValidated, job.Generation); decided != nil {
		if decided.Status == metav1.ConditionFalse {
			out.deleteRuns = append(out.deleteRuns, leftover(job, s)...)
		}
		return out
	}
	out.status = v1alpha1.NotebookValidationJobStatus{Conditions: out.status.Conditions, Validation: &v1alpha1.ValidationStatus{}}
	gate := readGate(job)
	switch {
	case gate.failed:
		out.decide(p.condition(job, metav1.ConditionFalse, v1alpha1.ReasonBuildFailed, "The notebook was not run: "+gate.message))
	case !gate.open:
		p.planBuild(&out, job, s, gate)
	default:
		p.planRun(&out, job, s, gate)
	}
	return out
}

// planBuild asks for the image and waits for the gate.
func (p planner) planBuild(out *plan, job *v1alpha1.NotebookValidationJob, s seen, gate gate) {
	out.set(p.condition(job, metav1.ConditionUnknown, v1alpha1.ReasonWaitingForBuild, cmp.Or(gate.message, "Waiting for the image of the run.")))
	if job.Spec.PodConfig.BuildEnabled() && find(s.builds, naming.Build(job)) == nil {
		out.createBuild = newBuild(job)
	}
}

// planRun runs the notebook in the image that came through the gate.
func (p planner) planRun(out *plan, job *v1alpha1.NotebookValidationJob, s seen, gate gate) {
	out.status.Validation = &v1alpha1.ValidationStatus{RunName: naming.Run(job), Image: gate.image, Commit: gate.commit}
	current := find(s.runs, naming.Run(job))
	if current == nil {
		if problem := configProblem(job.Spec); problem != "" {
			out.decide(p.condition(job, metav1.ConditionFalse, v1alpha1.ReasonValidationConfigInvalid, problem))
			return
		}
		out.createRun = run.Job(p.runInputs(job, gate))
		out.set(p.condition(job, metav1.ConditionUnknown, v1alpha1.ReasonRunPending, "The run is being created."))
		return
	}
	outcome := run.Read(current, s.pods, s.refused)
	switch outcome.State {
	case run.Pending:
		p.planPending(out, job, current, outcome)
	case run.Running:
		out.set(p.condition(job, metav1.ConditionUnknown, v1alpha1.ReasonRunning, outcome.Message))
	case run.Finished:
		p.planVerdict(out, job, outcome, s, gate)
	default:
		p.giveUp(out, job, outcome)
	}
}

// planPending gives up on a run that waits for what does not come by waiting.
func (p planner) planPending(out *plan, job *v1alpha1.NotebookValidationJob, current *batchv1.Job, outcome run.Outcome) {
	if outcome.Deadline.IsZero() {
		out.set(p.condition(job, metav1.ConditionUnknown, v1alpha1.ReasonRunPending, outcome.Message))
		return
	}
	if left := outcome.Deadline.Sub(p.now); left > 0 {
		out.set(p.condition(job, metav1.ConditionUnknown, v1alpha1.ReasonRunPending, outcome.Message))
		out.requeueAfter = left
		return
	}
	p.giveUp(out, job, outcome)
	out.deleteRuns = append(out.deleteRuns, *current)
}

// giveUp decides a run that left no report. Where it is known which cell was running, that much is told.
func (p planner) giveUp(out *plan, job *v1alpha1.NotebookValidationJob, outcome run.Outcome) {
	if outcome.Last != nil {
		out.status.Results = lastCell(outcome)
		out.status.Validation.FailedCell = &out.status.Results[0].CellIndex
		out.status.Validation.Cells = int32(outcome.Last.Total) //nolint:gosec // bounded by ParseProgress
		out.status.Validation.OmittedResults = out.status.Validation.Cells - 1
	}
	out.decide(p.condition(job, metav1.ConditionFalse, outcome.Reason, outcome.Message))
}

// planVerdict takes the verdict from the report; a report that cannot be believed is never a pass.
func (p planner) planVerdict(out *plan, job *v1alpha1.NotebookValidationJob, outcome run.Outcome, s seen, gate gate) {
	if s.logErr != nil && p.now.Sub(completed(outcome.Pod)) < logGrace {
		out.set(p.condition(job, metav1.ConditionUnknown, v1alpha1.ReasonRunning, "The run ended; its report cannot be read yet. It is tried again."))
		out.retry = s.logErr
		return
	}
	verdict, err := readVerdict(outcome.Pod, s, gate)
	if err != nil {
		out.decide(p.condition(job, metav1.ConditionFalse, v1alpha1.ReasonReportInvalid,
			fmt.Sprintf("The report of the run cannot be believed: %v. Change spec.rerun to run the notebook again.", err)))
		return
	}
	configMap, err := reportConfigMap(job, verdict)
	if err != nil {
		out.decide(p.condition(job, metav1.ConditionFalse, v1alpha1.ReasonReportInvalid, fmt.Sprintf("The report of the run cannot be kept: %v.", err)))
		return
	}
	out.applyReport = configMap
	out.status.Results = results(verdict)
	out.status.EducationalFeedback = feedback(verdict.Findings)
	out.status.ComparisonResult = comparison(verdict.Comparison)
	out.status.Validation = validationStatus(out.status.Validation, configMap.Name, verdict, len(out.status.Results))
	out.decide(p.condition(job, passed(verdict.Passed), string(verdict.Summary.Reason), verdict.Summary.Message))
}

func (p planner) runInputs(job *v1alpha1.NotebookValidationJob, gate gate) run.Inputs {
	in := run.Inputs{Job: job, Image: gate.image, Commit: gate.commit, OperatorImage: p.settings.OperatorImage, RunAsUser: p.settings.RunAsUser}
	if job.Status.Environment != nil {
		in.Unpinned = job.Status.Environment.Unpinned
	}
	if job.Spec.PodConfig.BuildEnabled() {
		in.PullSecrets = []string{p.settings.RegistryFor(job.Namespace, job.Spec.PodConfig.BuildConfig.BuildOptions).PushSecret}
	}
	return in
}

func (p planner) condition(job *v1alpha1.NotebookValidationJob, s metav1.ConditionStatus, reason, message string) metav1.Condition {
	return status.Carry(job.Status.Conditions, metav1.Condition{
		Type: v1alpha1.ConditionValidated, Status: s, Reason: reason, Message: message, ObservedGeneration: job.Generation,
	}, metav1.NewTime(p.now))
}

// set puts the condition in place of the one there.
func (out *plan) set(c metav1.Condition) {
	out.status.Conditions = []metav1.Condition{c}
}

// decide is set, for a condition that stays for its generation.
func (out *plan) decide(c metav1.Condition) {
	out.set(c)
	if v := out.status.Validation; v != nil && *v == (v1alpha1.ValidationStatus{}) {
		out.status.Validation = nil
	}
}
