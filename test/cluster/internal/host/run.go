package host

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
)

// run runs a program and returns what it printed; its complaint is part of the error.
func run(name string, args ...string) (string, error) {
	return feed("", name, args...)
}

// feed is run with a text on standard input.
func feed(input, name string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	command := exec.Command(name, args...)
	command.Stdin = strings.NewReader(input)
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}
