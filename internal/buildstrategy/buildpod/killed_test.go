package buildpod_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
)

func TestAContainerThatWasKilledFromOutsideIsNotAtFault(t *testing.T) {
	left := func(message string) string {
		return string(buildstrategy.Result{Reason: buildstrategy.BuildFailed, Message: message}.Encode(buildstrategy.ResultLimit))
	}
	tests := map[string]struct {
		code         int32
		reason, left string
		killed       bool
		says         string
	}{
		"killed without a word":                     {137, "Error", "", true, "container build was killed by the node before it ended"},
		"killed while it wrote its result":          {137, "Error", `{"version":1,"reas`, true, `code 137 (Error). {"version":1,"reas`},
		"killed after a result that says nothing":   {137, "Error", left(""), true, "killed by the node"},
		"stopped without a word":                    {143, "Error", "", true, "code 143 (Error)."},
		"the kubelet lost it":                       {137, "ContainerStatusUnknown", "The container could not be located when the pod was terminated", true, "could not be located"},
		"the runtime lost it, as after a reboot":    {255, "Unknown", "", true, "code 255 (Unknown)."},
		"killed after it said why":                  {137, "Error", left("No matching distribution"), false, ""},
		"out of memory":                             {137, "OOMKilled", "", false, ""},
		"ended by itself without a word":            {1, "Error", "", false, ""},
		"ended by itself with the runtime's code":   {255, "Error", "", false, ""},
		"ended well":                                {0, "Completed", "", false, ""},
		"never started, for want of what it starts": {128, "StartError", "exec failed", false, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ended := &corev1.ContainerStateTerminated{ExitCode: test.code, Reason: test.reason}
			got, ok := buildpod.Killed("build", ended, test.left)
			assert.Equal(t, test.killed, ok)
			assert.Equal(t, test.killed, got.Temporary)
			assert.Contains(t, got.Message, test.says)
			if test.killed {
				assert.Equal(t, buildstrategy.Failed, got.Phase)
				assert.Equal(t, buildstrategy.BuilderFailed, got.Reason)
			}
		})
	}
}
