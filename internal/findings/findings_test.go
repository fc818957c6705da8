package findings_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
)

func rulesOf(all []findings.Finding) []string {
	var rules []string
	for _, f := range all {
		rules = append(rules, f.Rule)
	}
	return rules
}

func TestOrders(t *testing.T) {
	first, second := 0, 1
	all := []findings.Finding{
		{Rule: "hint in the second", Severity: v1alpha1.SeverityInfo, Cell: &second},
		{Rule: "failure in the second", Severity: v1alpha1.SeverityFailure, Cell: &second},
		{Rule: "warning in the first", Severity: v1alpha1.SeverityWarning, Cell: &first},
		{Rule: "warning of the whole", Severity: v1alpha1.SeverityWarning},
	}
	severe := slices.Clone(all)
	slices.SortStableFunc(severe, findings.MostSevereFirst)
	assert.Equal(t, []string{"failure in the second", "warning in the first", "warning of the whole", "hint in the second"}, rulesOf(severe))
	slices.SortStableFunc(all, findings.InOrderOfCells)
	assert.Equal(t, []string{"warning of the whole", "warning in the first", "hint in the second", "failure in the second"}, rulesOf(all))
	assert.Negative(t, findings.Rank("Unheard of"))
}
