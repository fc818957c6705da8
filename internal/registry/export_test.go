package registry

import (
	"context"
	"net"
	"net/netip"
)

// At is a client to whom names have the addresses that resolve gives them; addresses are not checked.
func (c Client) At(resolve map[string]string) Client {
	c.connections = newConnections(func(ctx context.Context, network, address string, _ func(netip.Addr) error) (net.Conn, error) {
		if known, ok := resolve[address]; ok {
			address = known
		}
		var dialer net.Dialer
		return dialer.DialContext(ctx, network, address)
	}, refuseLocal)
	return c
}

// Refused says whether an address is refused by every check, and by the one that lets loopback through.
func Refused(address string) (usually, withLoopback bool) {
	a := netip.MustParseAddr(address)
	return refuseLocal(a) != nil, refuseMetadata(a) != nil
}

// Failing is a client whose every connection fails.
func (c Client) Failing(err error) Client {
	c.connections = newConnections(func(context.Context, string, string, func(netip.Addr) error) (net.Conn, error) { return nil, err }, refuseLocal)
	return c
}
