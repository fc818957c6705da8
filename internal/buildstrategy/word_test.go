package buildstrategy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

func TestAWordKeepsTheReasonAndWhetherToTryAgain(t *testing.T) {
	for _, temporary := range []bool{true, false} {
		reason, again := buildstrategy.ParseWord(buildstrategy.Word(buildstrategy.PushFailed, temporary))
		assert.Equal(t, buildstrategy.PushFailed, reason)
		assert.Equal(t, temporary, again)
	}
}
