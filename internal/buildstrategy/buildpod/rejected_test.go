package buildpod_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
)

func TestRejected(t *testing.T) {
	tests := map[string]struct {
		message   string
		reason    buildstrategy.Reason
		says      string
		permanent bool
	}{
		"the Pod Security Standard": {`Error creating: pods "a-x" is forbidden: violates PodSecurity "restricted:latest": privileged (container "build" must not set securityContext.privileged=true)`,
			buildstrategy.BuilderForbidden, "pod-security.kubernetes.io/enforce=baseline", true},
		"the security context constraints": {`Error creating: pods "a-" is forbidden: unable to validate against any security context constraint: [provider "anyuid"]`,
			buildstrategy.BuilderForbidden, "anyuid security context constraint", true},
		"a quota":       {`Error creating: pods "a-x" is forbidden: exceeded quota: q, requested: memory=2Gi`, buildstrategy.BuilderWaiting, "raise the quota", false},
		"anything else": {"Error creating: Internal error\x1b[0m occurred", buildstrategy.BuilderWaiting, "says: Error creating: Internal error occurred", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			reason, sentence, permanent := buildpod.Rejected(test.message)
			assert.Equal(t, test.reason, reason)
			assert.Contains(t, sentence, test.says)
			assert.Equal(t, test.permanent, permanent)
		})
	}
}
