package gitserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// patience is how long a client of the git protocol may take to say what it wants.
const patience = 30 * time.Second

// ServeDaemon serves the public tree over the git protocol, until the listener is closed.
func (s Server) ServeDaemon(listener net.Listener) error {
	for {
		connection, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			if err := s.daemonConnection(connection); err != nil {
				log.Printf("git %s: %v", connection.RemoteAddr(), err)
				message := "ERR " + err.Error()
				fmt.Fprintf(connection, "%04x%s", len(message)+4, message)
			}
		}()
	}
}

func (s Server) daemonConnection(connection net.Conn) error {
	if err := connection.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	in := bufio.NewReader(connection)
	path, protocol, err := readRequest(in)
	if err != nil {
		return err
	}
	if err := connection.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return s.uploadPack(context.Background(), PublicTree+"/"+path, protocol, in, connection, io.Discard)
}

// readRequest reads the one packet that opens a connection: the command, the path, the host, and after an empty field the
// protocol's version.
func readRequest(in io.Reader) (path, protocol string, err error) {
	var length [4]byte
	if _, err := io.ReadFull(in, length[:]); err != nil {
		return "", "", err
	}
	size, err := strconv.ParseUint(string(length[:]), 16, 16)
	if err != nil || size < 5 {
		return "", "", errors.New("this is not a request of the git protocol")
	}
	packet := make([]byte, size-4)
	if _, err := io.ReadFull(in, packet); err != nil {
		return "", "", err
	}
	fields := strings.Split(string(packet), "\x00")
	command, path, _ := strings.Cut(strings.TrimSpace(fields[0]), " ")
	if command != "git-upload-pack" {
		return "", "", fmt.Errorf("only git-upload-pack is served, not %q", command)
	}
	for i, field := range fields[1:] {
		if field == "" && i+2 < len(fields) {
			protocol = strings.Join(strings.Fields(strings.Join(fields[i+2:], " ")), ":")
			break
		}
	}
	// The path must not lead out of the public tree.
	return filepath.Clean("/" + path), protocol, nil
}
