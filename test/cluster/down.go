package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/host"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
)

func downCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Remove every trace of the cluster; what was built stays cached",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			paths, err := config.DefaultPaths()
			if err != nil {
				return err
			}
			if _, err := os.Stat(paths.State); err != nil {
				progress.Say("no cluster of the harness is up: nothing to do")
				return nil
			}
			if os.Geteuid() != 0 {
				return errors.New("the cluster was started by root, and only root can stop it")
			}
			return locked(paths, func() error { return down(paths) })
		},
	}
}

// order is the order in which programs are stopped: first those that would start something again.
var order = []string{
	"kubelet", "kube-proxy", "kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd", "containerd", "services", "docker-registry",
}

// down removes everything it can and then tells about all that it could not remove. The state directory goes last, and
// only when nothing is left, so that a later "down" still knows what there is to do.
func down(paths config.Paths) error {
	processes := table(paths)
	var failed []error
	for _, name := range append(append([]string{}, order...), processes.Names()...) {
		failed = append(failed, progress.Step("stop "+name, func() error { return processes.Stop(name) }))
	}
	host.KillStrays(paths.State, append(order, "cluster-services", "containerd-shim-runc-v2")...)
	failed = append(failed,
		progress.Step("remove the pods' control groups", host.RemoveCgroups),
		progress.Step("unmount the pods' file systems", func() error { return host.RemoveMounts(paths.State) }),
		progress.Step("remove the network", host.RemoveNetwork),
	)
	host.RemoveTraces(paths.State, config.PodNetwork)
	failed = append(failed, host.RestoreSettings(settingsFile(paths)))
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("something is left, run the command again when the cause is gone: %w", err)
	}
	return progress.Step("delete the state directory", func() error { return os.RemoveAll(paths.State) })
}
