package validation

import (
	"fmt"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/podstatus"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/run"
	"mlops.dev/notebook-validator-operator/internal/status"
)

const (
	maxResults   = 100
	maxOutput    = 1 << 10
	maxTraceback = 4 << 10
	// maxTexts bounds outputs and tracebacks of all results together, except for those of the cell that failed.
	maxTexts = 100 << 10
)

// Files of the report ConfigMap, beside those that go along with the report.
const (
	// KeyReport is the whole report.
	KeyReport = "report.json"
	// KeyJUnit is the report for tools that read JUnit.
	KeyJUnit = "junit.xml"
	// KeyRequirementsLock lists the Python packages that the notebook could import, as pip freeze does, after one line
	// of comment. It is not there where the packages are not known.
	KeyRequirementsLock = "requirements.lock"
)

// verdict is a report that agrees with its summary, and the very bytes that were judged.
type verdict struct {
	*report.Report
	report.Summary
	encoded []byte
	files   report.Files
}

// readVerdict puts the termination message and the log of the report container together.
func readVerdict(pod *corev1.Pod, s seen, gate gate) (*verdict, error) {
	if s.logErr != nil {
		return nil, s.logErr
	}
	container := podstatus.Container(pod, run.ContainerReport)
	if container == nil || container.State.Terminated == nil {
		return nil, fmt.Errorf("pod %s has no container %s that ended", pod.Name, run.ContainerReport)
	}
	answer, err := report.Verify([]byte(container.State.Terminated.Message), s.log)
	if err != nil {
		return nil, err
	}
	if gate.commit != "" && answer.Summary.Commit != gate.commit && answer.Summary.Passed {
		return nil, fmt.Errorf("it speaks of commit %q, the image was built from %s", answer.Summary.Commit, gate.commit)
	}
	return &verdict{Report: answer.Report, Summary: answer.Summary, encoded: answer.Encoded, files: answer.Files}, nil
}

// reportConfigMap keeps the whole report, without owner reference.
func reportConfigMap(job *v1alpha1.NotebookValidationJob, v *verdict) (*corev1.ConfigMap, error) {
	junit, err := report.JUnit(v.Report, report.MaxJUnitBytes)
	if err != nil {
		return nil, err
	}
	data := map[string]string{KeyReport: string(v.encoded) + "\n", KeyJUnit: string(junit)}
	if lock := v.Lock(); lock != "" {
		data[KeyRequirementsLock] = lock
	}
	for name, text := range v.files {
		data[name] = text
	}
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: naming.Report(job), Namespace: job.Namespace, Labels: childLabels(job, "report")},
		Data:       data,
	}, nil
}

func validationStatus(before *v1alpha1.ValidationStatus, configMap string, v *verdict, shown int) *v1alpha1.ValidationStatus {
	after := before.DeepCopy()
	after.ReportConfigMap = configMap
	after.RequirementsLockHash = v.LockHash()
	after.Commit = v.Summary.Commit
	after.Cells = int32(v.Counts.Total)
	after.PassedCells = int32(v.Counts.Passed)
	after.OmittedResults = int32(v.Counts.Total - shown)
	after.Duration = duration(v.Seconds)
	after.Level = v.Level
	after.Failures = int32(findings.Failures(v.Findings))
	after.Warnings = int32(findings.Warnings(v.Findings))
	if v.Level != "" && v.Kernel != nil {
		after.Observed = ptr.To(v.Observed)
	}
	after.ArtifactsPath = v.ArtifactsPath
	if v.FailedCell != nil {
		after.FailedCell = ptr.To(int32(*v.FailedCell))
	}
	return after
}

// results are the cells that fit in the status. The one that failed is always among them: it takes the last place where
// it would be beyond the end.
func results(v *verdict) []v1alpha1.CellResult {
	cells := v.Report.Cells
	if len(cells) > maxResults {
		kept := append([]report.RunCell(nil), cells[:maxResults]...)
		for _, cell := range cells[maxResults:] {
			if v.FailedCell != nil && cell.Index == *v.FailedCell {
				kept[maxResults-1] = cell
			}
		}
		cells = kept
	}
	all := make([]v1alpha1.CellResult, 0, len(cells))
	left := maxTexts
	for _, cell := range cells {
		r := result(cell, v.Report.Failing(cell))
		if r.Status != v1alpha1.CellFailure {
			left -= len(r.Output) + len(r.Traceback) + len(r.ErrorMessage)
		}
		if left < 0 && r.Status != v1alpha1.CellFailure {
			r.Output, r.Traceback, r.ErrorMessage = "", "", ""
		}
		all = append(all, r)
	}
	return all
}

// lastCell is all that is known of the cells of a run whose container was killed.
func lastCell(outcome run.Outcome) []v1alpha1.CellResult {
	return []v1alpha1.CellResult{{
		CellIndex: int32(outcome.Last.Cell), CellID: outcome.Last.ID, //nolint:gosec // bounded by ParseProgress
		Status: v1alpha1.CellFailure, ErrorMessage: outcome.Message,
	}}
}

func result(cell report.RunCell, failing bool) v1alpha1.CellResult {
	r := v1alpha1.CellResult{
		CellIndex: int32(cell.Index), CellID: cell.ID, Status: cellStatus(cell, failing),
		Output: status.Bound(cell.Output, maxOutput),
	}
	if r.Status != v1alpha1.CellSkipped {
		r.ExecutionTime = duration(cell.Seconds)
	}
	if cell.Error != nil {
		r.ErrorName = cell.Error.Name
		r.ErrorMessage = status.Bound(cell.Error.Value, maxOutput)
		r.Traceback = boundTail(cell.Error.Traceback, maxTraceback)
	}
	return r
}

func cellStatus(cell report.RunCell, failing bool) v1alpha1.CellStatus {
	switch {
	case cell.Status == report.CellSkipped || cell.Status == report.CellNotRun:
		return v1alpha1.CellSkipped
	case failing:
		return v1alpha1.CellFailure
	case cell.Status == report.CellOK || cell.Status == report.CellExited:
		return v1alpha1.CellSuccess
	}
	return v1alpha1.CellFailure
}

// boundTail keeps the end of a traceback, which names the exception.
func boundTail(text string, limit int) string {
	const mark = "[cut]… "
	if len(text) <= limit {
		return text
	}
	from := len(text) - limit + len(mark)
	for from < len(text) && text[from]&0xC0 == 0x80 {
		from++
	}
	return mark + text[from:]
}

// duration keeps milliseconds: more is noise, and a status that never changes is never sent twice.
func duration(seconds float64) *metav1.Duration {
	return &metav1.Duration{Duration: time.Duration(math.Round(seconds*1000)) * time.Millisecond}
}

func passed(yes bool) metav1.ConditionStatus {
	if yes {
		return metav1.ConditionTrue
	}
	return metav1.ConditionFalse
}
