package olm

import (
	"context"
	"testing"

	operatorsv1 "github.com/operator-framework/api/pkg/operators/v1"
	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/test/kit"
)

// A version whose image crashes comes to a cluster and is withdrawn: the next version names it in its skips.
func TestBrokenVersion(t *testing.T) {
	t.Cleanup(func() { require.NoError(t, serveCatalog(context.Background(), published.graph())) })
	t.Run("takes no job down and is skipped", func(t *testing.T) {
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
	})
	t.Run("is not offered once withdrawn", func(t *testing.T) {
		serve(t, published.graph(broken, mended))
		i := subscribe(t, wish{starting: csvName(current), approval: operatorsv1alpha1.ApprovalManual})
		i.approve(current)
		i.awaitVersion(current)

		plan := i.awaitPlan(mended)
		assert.Equal(t, []string{csvName(mended)}, plan.Spec.ClusterServiceVersionNames)
		_, err := i.csv(t.Context(), broken)
		require.Error(t, err, "the broken version was installed on the way")
	})
}
