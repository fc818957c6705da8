package host

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOnlyProgramsOfTheStateDirectoryAreStrays(t *testing.T) {
	names := []string{"kubelet", "containerd-shim-runc-v2"}
	cases := map[string]struct {
		line  string
		stray bool
	}{
		"a supervisor of ours":               {"/usr/bin/containerd-shim-runc-v2\x00-id\x00a\x00-address\x00/state/run/c.sock\x00", true},
		"a supervisor of another node":       {"/usr/bin/containerd-shim-runc-v2\x00-id\x00a\x00-address\x00/run/c.sock\x00", false},
		"a kubelet whose record is lost":     {"/cache/kubelet\x00--config=/state/kubelet.yaml\x00", true},
		"a directory with a longer name":     {"/cache/kubelet\x00--config=/state-2/kubelet.yaml\x00", false},
		"somebody who reads a log":           {"tail\x00-f\x00/state/logs/kubelet.log\x00", false},
		"a thread of the kernel, no words":   {"", false},
		"the state directory as a bare word": {"/cache/kubelet\x00/state\x00", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.stray, isStray(c.line, "/state", names))
		})
	}
}
