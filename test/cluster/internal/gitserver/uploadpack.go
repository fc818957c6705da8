package gitserver

import (
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
)

// uploadPack lets git serve one fetch of the repository that the path names.
func (s Server) uploadPack(ctx context.Context, path, protocol string, in io.Reader, out, complaints io.Writer) error {
	dir, err := s.repository(path)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "git", "upload-pack", "--strict", "--timeout=60", "--", dir)
	command.Env = append(os.Environ(), environment(path)...)
	if validProtocol(protocol) {
		command.Env = append(command.Env, "GIT_PROTOCOL="+protocol)
	}
	command.Stdout, command.Stderr = out, complaints
	// A pipe of its own: a client that stays silent after the end must not keep the command waiting.
	stdin, err := command.StdinPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(stdin, in) // ends with the connection
		_ = stdin.Close()
	}()
	return command.Wait()
}

// validProtocol accepts the list of key=value pairs that the protocol's version is announced with.
func validProtocol(protocol string) bool {
	return protocol != "" && len(protocol) < 100 && strings.Trim(protocol, "abcdefghijklmnopqrstuvwxyz0123456789=:") == ""
}
