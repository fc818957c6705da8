// Command demo shows one validation from nothing to its verdict: a cluster on this machine, the operator in it, a git
// repository whose notebook needs a package that its base image lacks, the build of the image, the run, and the report.
//
//	go run ./test/demo
//
// With KUBECONFIG set, the cluster of that name is used; package test/kit says what else it has to know then.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"mlops.dev/notebook-validator-operator/test/kit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	d := demo{start: time.Now()}
	err := d.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}

// demo tells everything with the time since its start.
type demo struct {
	start   time.Time
	cluster *kit.Cluster
}

func (d *demo) say(format string, args ...any) {
	fmt.Printf("%7s  %s\n", time.Since(d.start).Round(100*time.Millisecond), fmt.Sprintf(format, args...))
}

func (d *demo) run(ctx context.Context) error {
	if err := d.bringUp(ctx); err != nil {
		return err
	}
	var err error
	if d.cluster, err = kit.Open(ctx, d.say); err != nil {
		return err
	}
	if err := d.cluster.Deploy(ctx); err != nil {
		return err
	}
	d.say("the operator runs in namespace %s", kit.OperatorNamespace)
	if err := d.prepare(ctx); err != nil {
		return err
	}
	job, err := d.validate(ctx)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, d.cluster.Describe(context.WithoutCancel(ctx), namespace))
	}
	return d.conclude(job)
}

// bringUp has the harness make a cluster on this machine; it says itself what it does.
func (d *demo) bringUp(ctx context.Context) error {
	if kit.Foreign() {
		d.say("KUBECONFIG is set: that cluster is used")
		return nil
	}
	root, err := kit.Root(ctx)
	if err != nil {
		return err
	}
	// Built and run as one program instead of with "go run": an interrupt then reaches it alone, and it can clean up.
	program := filepath.Join(os.TempDir(), fmt.Sprintf("nbv-cluster-%d", os.Getpid()))
	defer os.Remove(program)
	d.say("bringing the cluster up; the first time, this builds Kubernetes and takes some minutes")
	for _, args := range [][]string{{"go", "build", "-o", program, "./test/cluster"}, {program, "prereqs"}, {program, "up"}} {
		command := exec.CommandContext(ctx, args[0], args[1:]...)
		command.Dir, command.Stdout, command.Stderr = root, os.Stderr, os.Stderr
		command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
		if err := command.Run(); err != nil {
			return fmt.Errorf("%v: %w", args, err)
		}
	}
	return nil
}
