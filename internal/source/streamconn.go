package source

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"golang.org/x/crypto/ssh"
)

// streamConnection speaks the protocol over one stream: ssh and git.
type streamConnection struct {
	in         io.Writer
	out        io.Reader
	complaints *complaints // what the ssh server wrote to standard error
	meter      *meter
	finished   func() // waits for the end of what the server says; nil where it says nothing
	end        func()
	once       sync.Once
}

func connectGit(ctx context.Context, address Address, meter *meter) (connection, error) {
	conn, err := dial(ctx, address)
	if err != nil {
		return nil, err
	}
	path := "/" + strings.TrimPrefix(address.Path, "/")
	hello := packp.GitProtoRequest{RequestCommand: uploadPack, Pathname: path, Host: address.origin()}
	if err := hello.Encode(conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &streamConnection{in: conn, out: conn, complaints: &complaints{}, meter: meter, end: func() { _ = conn.Close() }}, nil
}

func connectSSH(ctx context.Context, address Address, repository Repository, meter *meter) (connection, error) {
	check := newHostCheck(address, repository)
	config, err := sshConfig(address, repository.Credentials, check)
	if err != nil {
		return nil, err
	}
	conn, err := dial(ctx, address)
	if err != nil {
		return nil, err
	}
	c, err := startSSH(conn, address, config, meter)
	if err == nil {
		return c, nil
	}
	_ = conn.Close()
	if check.refusal != nil { // what the library makes of it says less
		return nil, check.refusal
	}
	return nil, check.explain(err)
}

func startSSH(conn io.Closer, address Address, config *ssh.ClientConfig, meter *meter) (*streamConnection, error) {
	transport, channels, requests, err := ssh.NewClientConn(conn.(*boundConn), address.hostPort(), config)
	if err != nil {
		return nil, err
	}
	client := ssh.NewClient(transport, channels, requests)
	session, err := client.NewSession()
	if err != nil {
		_ = client.Close()
		return nil, err
	}
	c := &streamConnection{complaints: &complaints{}, meter: meter, end: func() { _ = client.Close() }}
	session.Stderr = c.complaints
	if c.in, err = session.StdinPipe(); err == nil {
		if c.out, err = session.StdoutPipe(); err == nil {
			err = session.Start(uploadPack + " " + quote(address.Path))
		}
	}
	if err != nil {
		c.close()
		return nil, err
	}
	c.finished = func() { _ = session.Wait() }
	return c, nil
}

// quote makes one word of the path for the shell of the ssh server, as git
// does: ssh can send a command only as one text.
func quote(path string) string {
	return "'" + strings.NewReplacer(`'`, `'\''`, `!`, `'\!'`).Replace(path) + "'"
}

func (c *streamConnection) advertise(ctx context.Context) (*packp.AdvRefs, error) {
	refs, err := decodeAdvertisement(c.meter.reader(ctx, c.out))
	return refs, c.complained(ctx, err)
}

// complained adds to an error what the server said about it, which may arrive
// after the end of its answer.
func (c *streamConnection) complained(ctx context.Context, err error) error {
	if err == nil || c.finished == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lastWords)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.finished() // ends with the connection at the latest
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	return c.complaints.with(err)
}

func (c *streamConnection) request(ctx context.Context, body []byte) (io.ReadCloser, error) {
	if _, err := c.in.Write(body); err != nil {
		return nil, err
	}
	return readCloser{c.meter.reader(ctx, c.out), closer(c.close)}, nil
}

func (c *streamConnection) reusable() bool { return false }

func (c *streamConnection) close() { c.once.Do(c.end) }

type closer func()

func (c closer) Close() error {
	c()
	return nil
}

// complaints keeps the start of what a server says beside the protocol.
type complaints struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const (
	maxComplaint = 2 << 10
	lastWords    = 2 * time.Second
)

func (c *complaints) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text.Write(p[:min(len(p), maxComplaint-c.text.Len())])
	return len(p), nil
}

// with adds to an error what the server said.
func (c *complaints) with(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil || c.text.Len() == 0 {
		return err
	}
	return &complaintError{c.text.String(), err}
}

type complaintError struct {
	text string
	error
}

func (e *complaintError) Unwrap() error { return e.error }
