package gitserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"strings"

	"golang.org/x/crypto/ssh"
)

// ServeSSH serves both trees to the one authorized key, until the listener is closed.
func (s Server) ServeSSH(listener net.Listener, host ssh.Signer, authorized ssh.PublicKey) error {
	config := &ssh.ServerConfig{
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if !bytes.Equal(key.Marshal(), authorized.Marshal()) {
				return nil, errors.New("this key is not authorized")
			}
			return nil, nil
		},
	}
	config.AddHostKey(host)
	for {
		connection, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go s.sshConnection(connection, config)
	}
}

func (s Server) sshConnection(connection net.Conn, config *ssh.ServerConfig) {
	defer connection.Close()
	client, channels, requests, err := ssh.NewServerConn(connection, config)
	if err != nil {
		log.Printf("ssh %s: %v", connection.RemoteAddr(), err)
		return
	}
	defer client.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		if offered.ChannelType() != "session" {
			_ = offered.Reject(ssh.UnknownChannelType, "only sessions are served")
			continue
		}
		channel, requests, err := offered.Accept()
		if err != nil {
			return
		}
		go s.session(ctx, channel, requests)
	}
}

// session answers the requests of one session until its one command has run.
func (s Server) session(ctx context.Context, channel ssh.Channel, requests <-chan *ssh.Request) {
	defer channel.Close()
	protocol := ""
	for request := range requests {
		switch request.Type {
		case "env":
			var variable struct{ Name, Value string }
			known := ssh.Unmarshal(request.Payload, &variable) == nil && variable.Name == "GIT_PROTOCOL"
			if known {
				protocol = variable.Value
			}
			_ = request.Reply(known, nil)
		case "exec":
			var command struct{ Line string }
			understood := ssh.Unmarshal(request.Payload, &command) == nil
			_ = request.Reply(understood, nil)
			if understood {
				go ssh.DiscardRequests(requests)
				exit(channel, s.execute(ctx, channel, command.Line, protocol))
			}
			return
		default:
			_ = request.Reply(false, nil)
		}
	}
}

// execute runs the only command there is. The line is taken apart here and never reaches a shell.
func (s Server) execute(ctx context.Context, channel ssh.Channel, line, protocol string) error {
	name, argument, _ := strings.Cut(line, " ")
	if name != "git-upload-pack" {
		return fmt.Errorf("only git-upload-pack is served, not %q", name)
	}
	path := strings.Trim(strings.TrimSpace(argument), "'\"")
	return s.uploadPack(ctx, path, protocol, channel, channel, channel.Stderr())
}

func exit(channel ssh.Channel, err error) {
	status := struct{ Code uint32 }{}
	if err != nil {
		fmt.Fprintf(channel.Stderr(), "%v\n", err)
		status.Code = 1
	}
	_ = channel.CloseWrite()
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(&status)) // a client that went away needs no status
}
