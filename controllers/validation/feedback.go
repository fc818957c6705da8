package validation

import (
	"slices"

	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/golden"
	"mlops.dev/notebook-validator-operator/internal/status"
)

const (
	maxFeedback      = 50
	maxFeedbackBytes = 64 << 10
	maxFeedbackText  = 1 << 10
	maxDiffs         = 20
	maxDiffText      = 500
)

// feedback is what of the findings fits in the status, the most severe first; examples are the first to be left out.
func feedback(all []findings.Finding) []v1alpha1.Finding {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, findings.MostSevereFirst)
	var told []v1alpha1.Finding
	left := maxFeedbackBytes
	for _, f := range sorted[:min(len(sorted), maxFeedback)] {
		entry := finding(f)
		if size(entry) > left {
			entry.Example = ""
		}
		if left -= size(entry); left < 0 {
			break
		}
		told = append(told, entry)
	}
	return told
}

func finding(f findings.Finding) v1alpha1.Finding {
	entry := v1alpha1.Finding{
		Rule: f.Rule, Severity: f.Severity, CellID: f.CellID, Line: int32(f.Line), //nolint:gosec // lines of one cell
		Message: status.Bound(f.Message, maxFeedbackText), Why: status.Bound(f.Why, maxFeedbackText),
		Fix: status.Bound(f.Fix, maxFeedbackText), Example: status.Bound(f.Example, maxFeedbackText), Link: f.Link,
	}
	if f.Cell != nil {
		entry.CellIndex = ptr.To(int32(*f.Cell)) //nolint:gosec // cells of one notebook
	}
	return entry
}

func size(f v1alpha1.Finding) int {
	return len(f.Rule) + len(f.CellID) + len(f.Message) + len(f.Why) + len(f.Fix) + len(f.Example) + len(f.Link) + 100
}

// comparison is what of the comparison fits in the status, nil where there was none.
func comparison(result *golden.Result) *v1alpha1.ComparisonResult {
	if result == nil {
		return nil
	}
	told := &v1alpha1.ComparisonResult{
		Strategy: result.Strategy, Result: result.Verdict, Message: status.Bound(result.Message, maxFeedbackText), GoldenCommit: result.Commit,
		TotalCells: int32(result.TotalCells), MatchedCells: int32(result.Matched), MismatchedCells: int32(result.Mismatched), //nolint:gosec // cells of one notebook
		OmittedDiffs: int32(result.OmittedDiffs), //nolint:gosec // cells of one notebook
	}
	for _, diff := range result.Diffs {
		if len(told.Diffs) == maxDiffs {
			told.OmittedDiffs++
			continue
		}
		expected, actual := diff.Excerpt(maxDiffText)
		told.Diffs = append(told.Diffs, v1alpha1.CellDiff{
			CellIndex: index(diff.Cell), GoldenCellIndex: index(diff.GoldenCell), CellID: diff.CellID, Message: status.Bound(diff.Message, maxFeedbackText),
			Expected: expected, Actual: actual,
		})
	}
	return told
}

func index(cell *int) *int32 {
	if cell == nil {
		return nil
	}
	return ptr.To(int32(*cell)) //nolint:gosec // cells of one notebook
}
