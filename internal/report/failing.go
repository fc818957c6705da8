package report

import "mlops.dev/notebook-validator-operator/api/v1alpha1"

// Failing tells whether the notebook failed in the cell: by what the cell did,
// or by a finding.
func (r *Report) Failing(cell RunCell) bool {
	if isFailing(r, cell) {
		return true
	}
	for _, finding := range r.Findings {
		if finding.Severity == v1alpha1.SeverityFailure && finding.Cell != nil && *finding.Cell == cell.Index {
			return true
		}
	}
	return false
}

// recount makes failed cells of those that ran well but for a finding.
func (r *Report) recount() {
	for _, cell := range r.Cells {
		fine := cell.Status == CellOK || (cell.Status == CellExited && !isFailing(r, cell))
		if fine && r.Failing(cell) {
			r.Counts.Passed, r.Counts.Failed = r.Counts.Passed-1, r.Counts.Failed+1
		}
	}
}
