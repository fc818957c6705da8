package host

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestABridgeHasTheHardwareAddressOfItsAddress(t *testing.T) {
	address, err := hardwareAddress("10.88.0.1/16")

	require.NoError(t, err)
	assert.Equal(t, "02:00:0a:58:00:01", address)
	parsed, err := net.ParseMAC(address)
	require.NoError(t, err)
	assert.Zero(t, parsed[0]&1, "it is no address of a group")

	_, err = hardwareAddress("somewhere")
	assert.Error(t, err)
}
