package imagebuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

// Storage drivers: auto takes overlay where it works, which is where the storage lies on an ordinary file system, and
// vfs, slow and large, elsewhere.
const (
	driverAuto    = "auto"
	driverOverlay = "overlay"
	driverVFS     = "vfs"
)

// stopTime is how long buildah may take to stop, well within a pod's grace period.
const stopTime = 10 * time.Second

// buildah runs the program of that name.
type buildah struct {
	// output gets all that buildah says; the last of it is kept in tail for the step that is running.
	output io.Writer
	tail   tail
	driver string
	// home is a directory of this build alone, with buildah's configuration and the digest.
	home string
	// baseUser and baseWorkDir are what the base image is set to.
	baseUser, baseWorkDir string
	// image is the id of the built image.
	image string
}

func (b *buildah) digestFile() string { return filepath.Join(b.home, "digest") }

func (b *buildah) idFile() string { return filepath.Join(b.home, "id") }

// takeID reads which image a call of buildah made.
func (b *buildah) takeID() *Failed {
	text, err := os.ReadFile(b.idFile())
	if err != nil || !digestPattern.Match(bytes.TrimSpace(text)) {
		return mistake(fmt.Errorf("buildah says %.100q about which image it made; configure a builder image with another version of buildah", text))
	}
	b.image = strings.TrimPrefix(strings.TrimSpace(string(text)), "sha256:")
	return nil
}

// run streams one call of buildah.
func (b *buildah) run(ctx context.Context, args ...string) error {
	b.tail = tail{}
	out := io.MultiWriter(b.output, &b.tail)
	command := b.command(ctx, args)
	command.Stdout, command.Stderr = out, out
	return wait(command)
}

// capture returns the end of what one call of buildah prints.
func (b *buildah) capture(ctx context.Context, args ...string) (string, error) {
	b.tail = tail{}
	var printed tail // a stranger's image may print without end
	command := b.command(ctx, args)
	command.Stdout, command.Stderr = &printed, &b.tail
	err := wait(command)
	return string(printed.kept), err
}

// command puts buildah into a process group of its own, so that stopping it stops what it started.
func (b *buildah) command(ctx context.Context, args []string) *exec.Cmd {
	command := exec.CommandContext(ctx, "buildah", append([]string{"--storage-driver=" + b.driver}, args...)...)
	command.Env = append(slices.Clone(os.Environ()), "HOME="+b.home)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.WaitDelay = stopTime
	return command
}

// wait runs the command and leaves nothing of its process group behind.
func wait(command *exec.Cmd) error {
	err := command.Run()
	if command.Process != nil {
		if killed := syscall.Kill(-command.Process.Pid, syscall.SIGKILL); killed != nil && !errors.Is(killed, syscall.ESRCH) {
			return errors.Join(err, killed)
		}
	}
	return err
}

// chooseDriver asks buildah itself whether overlay works where its storage lies.
func chooseDriver(ctx context.Context, b *buildah, asked string) string {
	if asked != driverAuto {
		return asked
	}
	b.driver = driverOverlay
	if _, err := b.capture(ctx, "info"); err != nil {
		fmt.Fprintln(b.output, "The overlay storage driver does not work here; vfs is used, which is slower and needs more room.")
		return driverVFS
	}
	return driverOverlay
}

// failed says why a call of buildah failed: out of time, stopped, or what its output shows.
func (b *buildah) failed(ctx context.Context, err error, classify func(string) verdict) *Failed {
	log := b.tail.last(shownLog)
	switch {
	case errors.Is(context.Cause(ctx), errTimeout):
		return &Failed{podspec.ExitPermanent, buildstrategy.Result{Reason: buildstrategy.BuildTimeout, Message: "The build took longer than its " +
			"timeout. Raise podConfig.buildConfig.timeout, or ask for fewer packages.\n" + log}}
	case ctx.Err() != nil:
		return &Failed{podspec.ExitTerminated, buildstrategy.Result{Reason: buildstrategy.BuilderFailed, Message: "The build was stopped before its end.\n" + log}}
	case errors.Is(err, exec.ErrNotFound):
		return mistake(errors.New("the builder's image has no program buildah; configure another image on the operator"))
	}
	v := classifyNode(b.tail.all(), classify)
	code := podspec.ExitPermanent
	if v.temporary {
		code = podspec.ExitTemporary
	}
	return &Failed{code, buildstrategy.Result{Reason: v.reason, Message: v.sentence + "\n" + log}}
}
