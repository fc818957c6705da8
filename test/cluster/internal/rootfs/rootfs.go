// Package rootfs makes root file systems from Debian packages.
package rootfs

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Suite is the Debian release that images are made of.
const Suite = "bookworm"

// unwanted are parts of packages that no test reads.
var unwanted = []string{
	"/usr/share/doc/*", "/usr/share/info/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/lintian/*",
	"/usr/share/javascript/*", "/usr/share/icons/*", "/usr/share/bash-completion/*",
}

// hooks run with the finished root file system as their argument.
var hooks = []string{
	`rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/cache/debconf/*-old "$1"/var/log/*`,
}

// Arguments are the maker's arguments for a list of packages; they decide what comes out.
func Arguments(packages []string) []string {
	args := []string{"--quiet", "--variant=minbase", "--include=" + strings.Join(packages, ","), "--skip=output/dev"}
	for _, pattern := range unwanted {
		args = append(args, "--dpkgopt=path-exclude="+pattern)
	}
	for _, hook := range hooks {
		args = append(args, "--customize-hook="+hook)
	}
	return append(args, Suite)
}

// Make writes a root file system with the packages as a tar archive.
func Make(packages []string, archive string) error {
	command := exec.Command("mmdebstrap", append(Arguments(packages), archive)...)
	// Files without a time of their own get this one, so that two runs differ as little as possible.
	command.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1700000000")
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Run(); err != nil {
		return fmt.Errorf("mmdebstrap: %w\n%s", err, output.String())
	}
	return nil
}
