package registry

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// dial opens one connection; check sees the address that a name turned out to have.
type dial func(ctx context.Context, network, address string, check func(netip.Addr) error) (net.Conn, error)

// connections are kept apart by what was checked when they were made, so that none is used for something less harmless.
type connections struct {
	verified, unverified            *http.Transport // to the registry
	elsewhere, elsewhereNotVerified *http.Transport // to where it sends clients
}

// Connections that clients share end by themselves when nobody has used them for a while. Those of clients that may ask
// loopback are apart: one of theirs that is idle would be used again without a look at its address.
var (
	shared             = newConnections(dialTCP, refuseLocal)
	sharedWithLoopback = newConnections(dialTCP, refuseMetadata)
)

// newConnections has refuse decide about the registry; where that sends clients is never loopback.
func newConnections(dial dial, refuse func(netip.Addr) error) *connections {
	return &connections{
		verified: newTransport(dial, refuse, false), unverified: newTransport(dial, refuse, true),
		elsewhere: newTransport(dial, refuseLocal, false), elsewhereNotVerified: newTransport(dial, refuseLocal, true),
	}
}

func (c *connections) roundTrip(request *http.Request, own, tolerated bool) (*http.Response, error) {
	through := c.elsewhere
	switch {
	case own && tolerated:
		through = c.unverified
	case own:
		through = c.verified
	case tolerated:
		through = c.elsewhereNotVerified
	}
	proxy, err := http.ProxyFromEnvironment(request)
	if err != nil {
		return nil, err
	}
	return through.RoundTrip(request.WithContext(context.WithValue(request.Context(), proxiedKey{}, proxy != nil)))
}

// proxiedKey says whether what is dialled for a request is the proxy, which whoever runs the operator has chosen.
type proxiedKey struct{}

func newTransport(dial dial, refuse func(netip.Addr) error, unverified bool) *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			check := refuse
			if ctx.Value(proxiedKey{}) == true {
				check = func(netip.Addr) error { return nil }
			}
			return dial(ctx, network, address, check)
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: unverified},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // an answer that inflates would pass the bound on what the network brings
		MaxResponseHeaderBytes: 64 << 10,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConns:           20,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        30 * time.Second,
	}
}

func dialTCP(ctx context.Context, network, address string, check func(netip.Addr) error) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	dialer.Control = func(_, address string, _ syscall.RawConn) error {
		dialled, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return check(dialled.Addr())
	}
	return dialer.DialContext(ctx, network, address)
}
