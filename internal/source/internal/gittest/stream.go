package gittest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing/format/pktline"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

// Quiet is a logger that says nothing.
func Quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// Listen accepts connections until the test ends and hands each to serve.
func Listen(t testing.TB, serve func(net.Conn)) (host string, port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	address := listener.Addr().(*net.TCPAddr)
	return address.IP.String(), address.Port
}

// ServeDaemon serves the repository with git daemon and returns its URL.
func (r *Repository) ServeDaemon(t testing.TB) string {
	host, port := Listen(t, func(conn net.Conn) {
		command := exec.Command("git", "daemon", "--inetd", "--export-all", "--informative-errors", "--base-path="+r.Root)
		command.Env = environment()
		serve(command, conn, conn, io.Discard)
	})
	return "git://" + net.JoinHostPort(host, strconv.Itoa(port)) + "/" + Name
}

// ServePack answers every request with this pack, as the commit of the default
// branch, and returns the URL. No bit of the pack is looked at.
func ServePack(t testing.TB, commit string, pack []byte) string {
	t.Helper()
	line := func(text string) string { return fmt.Sprintf("%04x%s", len(text)+4, text) }
	host, port := Listen(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, line(commit+" HEAD\x00shallow ofs-delta\n")+line(commit+" refs/heads/main\n")+"0000")
		scanner := pktline.NewScanner(conn)
		for scanner.Scan() && string(scanner.Bytes()) != "done\n" {
		}
		_, _ = io.WriteString(conn, line("shallow "+commit+"\n")+"0000"+line("NAK\n"))
		_, _ = conn.Write(pack)
	})
	return "git://" + net.JoinHostPort(host, strconv.Itoa(port)) + "/" + Name
}

// Pack is a pack of all objects of the repository, however damaged.
func (r *Repository) Pack() []byte {
	objects := r.Git("", "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
	command := exec.Command("git", "pack-objects", "--stdout", "--quiet")
	command.Dir, command.Env, command.Stdin = r.Dir, environment(), strings.NewReader(objects+"\n")
	pack, err := command.Output()
	require.NoError(r.t, err)
	return pack
}

// serve runs a command until its output ends; its input may outlive it.
func serve(command *exec.Cmd, in io.Reader, out, complaints io.Writer) int {
	stdin, err := command.StdinPipe()
	if err != nil {
		return 1
	}
	command.Stdout, command.Stderr = out, complaints
	if err := command.Start(); err != nil {
		return 1
	}
	go func() {
		_, _ = io.Copy(stdin, in)
		_ = stdin.Close()
	}()
	_ = command.Wait()
	return command.ProcessState.ExitCode()
}

// SSH is an ssh server for one repository and one client key.
type SSH struct {
	Host string
	Port int
	// HostKeys are the server's, in the order in which it offers them.
	HostKeys []ssh.Signer
	// PrivateKey is the client's, as the text of ssh-privatekey.
	PrivateKey []byte
}

// RSAKey makes a key of another type than those of ServeSSH.
func RSAKey(t testing.TB) ssh.Signer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	signer, err := ssh.NewSignerFromKey(key)
	require.NoError(t, err)
	return signer
}

// Key makes a key pair and returns the private half as text.
func Key(t testing.TB) (ssh.Signer, []byte) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	require.NoError(t, err)
	return signer, pem.EncodeToMemory(block)
}

// ServeSSH serves the repository over ssh. Commands go through a shell, as on a real server.
func (r *Repository) ServeSSH(t testing.TB, further ...ssh.Signer) *SSH {
	t.Helper()
	client, private := Key(t)
	host, _ := Key(t)
	server := &SSH{PrivateKey: private, HostKeys: append([]ssh.Signer{host}, further...)}
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(client.PublicKey().Marshal()) {
			return nil, io.EOF
		}
		return &ssh.Permissions{}, nil
	}}
	for _, key := range server.HostKeys {
		config.AddHostKey(key)
	}
	server.Host, server.Port = Listen(t, func(conn net.Conn) { r.serveSSH(conn, config) })
	return server
}

func (r *Repository) serveSSH(conn net.Conn, config *ssh.ServerConfig) {
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		channel, requests, err := offered.Accept()
		if err != nil {
			return
		}
		for request := range requests {
			ok := request.Type == "exec"
			_ = request.Reply(ok, nil)
			if !ok {
				continue
			}
			var text struct{ Command string }
			_ = ssh.Unmarshal(request.Payload, &text)
			go r.runSSH(channel, text.Command)
		}
	}
}

func (r *Repository) runSSH(channel ssh.Channel, text string) {
	defer channel.Close()
	command := exec.Command("sh", "-c", text)
	command.Dir, command.Env = r.Root, environment()
	code := serve(command, channel, channel, channel.Stderr())
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(code)})) //nolint:gosec // small
}

// URL of the repository on the server.
func (s *SSH) URL(path string) string {
	return "ssh://git@" + net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) + path
}

// KnownHosts is a line for a key of the server.
func (s *SSH) KnownHosts(key ssh.PublicKey) []byte {
	return []byte("[" + s.Host + "]:" + strconv.Itoa(s.Port) + " " + string(ssh.MarshalAuthorizedKey(key)))
}
