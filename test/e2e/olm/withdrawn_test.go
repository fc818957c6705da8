package olm

import (
	"testing"

	operatorsv1 "github.com/operator-framework/api/pkg/operators/v1"
	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/test/kit"
)

// A version whose image crashes comes to a cluster and is withdrawn: the next version names it in its skips.
func TestBrokenVersionTakesNoJobDownAndIsSkipped(t *testing.T) {
	serve(t, published.graph())
	w := newWork(t, "colours")
	i := subscribe(t, wish{upgrade: operatorsv1.UpgradeStrategyUnsafeFailForward})
	i.awaitVersion(current)
	w.apply("patient", "patient.ipynb", kit.Build)
	w.awaitContainer("patient", kit.ComponentRun, executeContainer)

	serve(t, published.graph(broken))
	w.requireSucceeded("patient")
	w.requireOnce("patient", wholeWay...)
	i.awaitFailed(broken)
	w.apply("meanwhile", "heights.ipynb", kit.Build)
	w.requireSucceeded("meanwhile")

	serve(t, published.graph(broken, mended))
	i.awaitVersion(mended)
	w.apply("afterwards", "heights.ipynb", kit.Build)
	w.requireSucceeded("afterwards")
}

func TestWithdrawnVersionIsNotOfferedAnyMore(t *testing.T) {
	serve(t, published.graph(broken, mended))
	i := subscribe(t, wish{starting: csvName(current), approval: operatorsv1alpha1.ApprovalManual})
	i.approve(current)
	i.awaitVersion(current)

	plan := i.awaitPlan(mended)
	assert.Equal(t, []string{csvName(mended)}, plan.Spec.ClusterServiceVersionNames)
	_, err := i.csv(t.Context(), broken)
	require.Error(t, err, "the broken version was installed on the way")
}
