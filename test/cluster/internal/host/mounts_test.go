package host

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMountsBelowADirectory(t *testing.T) {
	table := "21 1 8:1 / / rw - ext4 /dev/vda rw\n" +
		"30 21 0:30 / /state/kubelet/pods/a/volumes rw - tmpfs tmpfs rw\n" +
		"31 21 0:31 / /stateful/data rw - tmpfs tmpfs rw\n" +
		"32 30 0:32 / /state/kubelet/with\\040blank rw - tmpfs tmpfs rw\n" +
		"33 21 0:33 / /state rw - tmpfs tmpfs rw\n"

	assert.Equal(t, []string{"/state/kubelet/pods/a/volumes", "/state/kubelet/with blank"}, mountsBelow(table, "/state"))
}
