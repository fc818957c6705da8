package validation

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/run"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

func TestAKilledRunTellsTheCellThatRan(t *testing.T) {
	job := ready().Obj()
	killed := func(noted string) seen {
		s := running(job, pod().Init(run.ContainerExecute, builders.Ended(137, "OOMKilled", noted, 0)))
		s.runs = []batchv1.Job{*builders.MakeRunOf(job).Failed(batchv1.JobReasonPodFailurePolicy).Obj()}
		return s
	}
	for name, test := range map[string]struct {
		noted string
		cell  *int32
	}{
		"that it noted":                  {`{"cell":7,"id":"c7","done":3,"total":9,"seconds":12.5}`, ptr.To[int32](7)},
		"and none where it noted none":   {"", nil},
		"and none where that is no cell": {`{"cell":99999999999,"id":"x","done":0,"total":99999999999,"seconds":1}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := planAt(0, job, killed(test.noted))
			assert.Equal(t, v1alpha1.ReasonOutOfMemory, validated(t, p).Reason)
			assert.Equal(t, test.cell, p.status.Validation.FailedCell)
			if test.cell == nil {
				assert.Empty(t, p.status.Results)
				return
			}
			require.Len(t, p.status.Results, 1)
			assert.Equal(t, v1alpha1.CellFailure, p.status.Results[0].Status)
			assert.Equal(t, "c7", p.status.Results[0].CellID)
			assert.Contains(t, p.status.Results[0].ErrorMessage, "lack of memory in cell 7")
			assert.Equal(t, int32(8), p.status.Validation.OmittedResults)
		})
	}
}
