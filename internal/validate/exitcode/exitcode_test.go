package exitcode_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/validate/exitcode"
)

func TestEachReasonHasItsExitCode(t *testing.T) {
	t.Parallel()
	cases := map[report.Reason]int{
		report.ReasonPassed: 0, report.ReasonExitedEarly: 0,
		report.ReasonSilentFailure: 1, report.ReasonLintFailed: 1, report.ReasonOutputMismatch: 1, report.ReasonGoldenMismatch: 1,
		report.ReasonPolicyViolated: 1, report.ReasonInvalidNotebook: 1, report.ReasonNoCodeCells: 1,
		report.ReasonParametersInvalid: 1,
		report.ReasonCellFailed:        2, report.ReasonNonZeroExit: 2,
		report.ReasonTimeout:    3,
		report.ReasonKernelDied: 4, report.ReasonOutOfMemory: 4,
		report.ReasonKernelUnavailable: 5, report.ReasonRunnerMissing: 5, report.ReasonReportInvalid: 5,
	}
	for reason, want := range cases {
		t.Run(string(reason), func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, want, exitcode.Of(&report.Report{Reason: reason}))
		})
	}
}

func TestTheWorstCodeCounts(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 0, exitcode.Worst(nil))
	assert.Equal(t, 4, exitcode.Worst([]int{0, 4, 1}))
}

func TestAnErrorCarriesItsCodeAndCause(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("outside: %w", exitcode.Errorf(exitcode.Unusable, "no file: %w", fs.ErrNotExist))
	var coded interface{ ExitCode() int }
	assert.True(t, errors.As(err, &coded))
	assert.Equal(t, 5, coded.ExitCode())
	assert.ErrorIs(t, err, fs.ErrNotExist)
}
