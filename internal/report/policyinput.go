package report

import (
	"strings"

	"mlops.dev/notebook-validator-operator/internal/demands"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/policy"
)

// policyInput is what the policy needs to know of a run.
func policyInput(evidence Evidence, wanted demands.Demands) policy.Input {
	run := evidence.Run
	input := policy.Input{
		Observed: run.Observed, ObservedDetail: run.ObservedDetail, Analysis: run.Analysis, Unpinned: wanted.Unpinned,
	}
	if run.Kernel != nil {
		input.Language = strings.ToLower(run.Kernel.Language)
	}
	printed := stdouts(evidence.Executed)
	var sources []*nbformat.Cell
	if evidence.Pristine != nil && len(run.Cells) > 0 {
		sources = evidence.Pristine.CodeCells()
	}
	for i, cell := range run.Cells {
		entry := policy.Cell{
			Index: cell.Index, ID: cell.ID, FirstLine: cell.Source, Status: policy.Status(cell.Status), Raised: cell.Error != nil,
			Stdout: printed[cell.ID], Stderr: cell.Stderr, Facts: cell.Facts,
		}
		if cell.Status == CellExited {
			entry.ExitCode = run.ExitCode
		}
		if sources != nil {
			entry.Tags, entry.MayRaise = sources[i].Tags, sources[i].HasTag(nbformat.TagRaisesException)
		}
		input.Cells = append(input.Cells, entry)
	}
	return input
}

// stdouts returns what each cell of the executed notebook printed, by its id.
func stdouts(executed *nbformat.Notebook) map[string]string {
	printed := map[string]string{}
	if executed == nil {
		return printed
	}
	for _, cell := range executed.CodeCells() {
		var text strings.Builder
		for _, output := range cell.Outputs {
			if output.Type == nbformat.StreamOutput && output.Name == nbformat.Stdout {
				text.WriteString(output.Text)
			}
		}
		printed[cell.ID] = text.String()
	}
	return printed
}
