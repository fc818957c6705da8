package registry

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"unicode"

	"github.com/google/go-containerregistry/pkg/name"
)

// maxQuoted is the length of what a stranger wrote in a message.
const maxQuoted = 200

// shortened bounds what is quoted.
func shortened(text string) string {
	if runes := []rune(text); len(runes) > maxQuoted {
		return string(runes[:maxQuoted]) + "..."
	}
	return text
}

// hostName is a host as users write it, on one bounded line.
func hostName(host string) string {
	if host == name.DefaultRegistry {
		return dockerHub
	}
	return shortened(strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, host))
}

// cause is what the guard said, without the address that the library puts before it.
func (q query) cause(err error) error {
	for _, known := range []error{errTooManyRequests, errTooLarge, errSecretRedirect} {
		if errors.Is(err, known) {
			return known
		}
	}
	return err
}

func isCutOff(err error) bool {
	for _, sign := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, sign) {
			return true
		}
	}
	return false
}
