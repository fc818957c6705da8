// Package prereq checks and installs the programs of the machine that the cluster needs.
package prereq

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
)

// programs maps what has to be found, a path or a name, to the Debian package that brings it.
var programs = map[string]string{
	"buildah":             "buildah",
	"conntrack":           "conntrack",
	"containerd":          "containerd",
	"docker-registry":     "docker-registry",
	"git":                 "git",
	"ip":                  "iproute2",
	"iptables-restore":    "iptables",
	"mmdebstrap":          "mmdebstrap",
	"mount":               "mount",
	"nsenter":             "util-linux",
	"runc":                "runc",
	"ssh":                 "openssh-client",
	"/usr/lib/cni/bridge": "containernetworking-plugins",
	"/etc/ssl/certs":      "ca-certificates",
	"/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
}

// Missing returns the Debian packages that have to be installed, in order of their names.
func Missing() []string {
	var packages []string
	for program, name := range programs {
		if !found(program) {
			packages = append(packages, name)
		}
	}
	slices.Sort(packages)
	return packages
}

func found(program string) bool {
	if strings.HasPrefix(program, "/") {
		_, err := os.Stat(program)
		return err == nil
	}
	_, err := exec.LookPath(program)
	return err == nil
}

// Check returns an error that says what to do when something is missing.
func Check() error {
	if os.Geteuid() != 0 {
		return errors.New("a node needs root: run this command as root, or set KUBECONFIG to use a cluster that exists")
	}
	if missing := Missing(); len(missing) > 0 {
		return fmt.Errorf("the machine lacks the Debian packages %s: run `go run ./test/cluster prereqs`", strings.Join(missing, " "))
	}
	return nil
}

// Install installs what is missing where apt-get and root are there, and otherwise says what is to be installed.
func Install() error {
	missing := Missing()
	if len(missing) == 0 {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return fmt.Errorf("please install what these Debian packages hold, or run this as root on Debian: %s", strings.Join(missing, " "))
	}
	return progress.Step("install "+strings.Join(missing, " "), func() error {
		return withoutServices(func() error { return install(missing) })
	})
}

func install(packages []string) error {
	args := append([]string{"install", "--yes", "--no-install-recommends"}, packages...)
	if err := apt(args...); err == nil {
		return nil
	}
	// The lists of packages may be old, or not be there at all.
	if err := apt("update"); err != nil {
		return err
	}
	return apt(args...)
}

func apt(args ...string) error {
	command := exec.Command("apt-get", args...)
	command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Run(); err != nil {
		return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, output.String())
	}
	return nil
}

// policy is the program that Debian asks before a freshly installed service is started.
const policy = "/usr/sbin/policy-rc.d"

// withoutServices keeps the packages' services from being started: the harness runs the programs itself, on ports and in
// directories of its own. A policy that is there already comes back afterwards.
func withoutServices(work func() error) (err error) {
	kept := policy + ".kept"
	restore := func() error { return os.Rename(kept, policy) }
	switch err := os.Rename(policy, kept); {
	case errors.Is(err, fs.ErrNotExist):
		restore = func() error { return os.Remove(policy) }
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, restore()) }()
	if err := os.WriteFile(policy, []byte("#!/bin/sh\nexit 101\n"), 0o755); err != nil {
		return err
	}
	return work()
}
