package source

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
)

// connection is one conversation with git-upload-pack.
type connection interface {
	// advertise returns what the server offers. It is called once, first.
	advertise(ctx context.Context) (*packp.AdvRefs, error)
	// request sends an encoded request and returns the answer.
	request(ctx context.Context, body []byte) (io.ReadCloser, error)
	// reusable says whether there may be another request on the connection.
	reusable() bool
	close()
}

// connect opens a connection to the repository. Every call makes its own, so
// that nothing is shared between two tenants.
func connect(ctx context.Context, address Address, repository Repository, meter *meter) (connection, error) {
	switch address.Scheme {
	case "ssh":
		return connectSSH(ctx, address, repository, meter)
	case "git":
		return connectGit(ctx, address, meter)
	}
	return connectHTTP(address, repository.Credentials, meter)
}

// dial connects, and closes the connection when the context ends: that is what
// ends a server that accepts and stays silent.
func dial(ctx context.Context, address Address) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address.hostPort())
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return &boundConn{Conn: conn, stop: stop}, nil
}

// boundConn forgets the context when it is closed.
type boundConn struct {
	net.Conn
	stop func() bool
}

func (c *boundConn) Close() error {
	c.stop()
	return c.Conn.Close()
}

// meter bounds the bytes that all answers of one operation have together.
type meter struct {
	left int64
}

func (m *meter) reader(ctx context.Context, r io.Reader) io.Reader {
	return &meteredReader{ctx, r, m}
}

type meteredReader struct {
	ctx   context.Context
	r     io.Reader
	meter *meter
}

func (r *meteredReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if r.meter.left <= 0 {
		return 0, errTooManyBytes
	}
	n, err := r.r.Read(p[:min(int64(len(p)), r.meter.left)])
	r.meter.left -= int64(n)
	return n, err
}
