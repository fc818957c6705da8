package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/addons"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/controlplane"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/host"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/image"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/node"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/prereq"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/services"
)

func upCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: "Bring the cluster up, or repair it, and print the kubeconfig's path",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if kubeconfig := foreign(); kubeconfig != "" {
				progress.Say("KUBECONFIG is set: the cluster of %s is used, and nothing is started", kubeconfig)
				return nil
			}
			paths, err := config.DefaultPaths()
			if err != nil {
				return err
			}
			if err := prereq.Check(); err != nil {
				return err
			}
			if err := locked(paths, func() error { return up(paths) }); err != nil {
				return err
			}
			fmt.Fprintln(command.OutOrStdout(), paths.Kubeconfig())
			return nil
		},
	}
}

// up makes every part be there. Each step finds out by itself whether there is anything to do.
func up(paths config.Paths) error {
	if err := free(paths); err != nil {
		return err
	}
	parts, err := build(paths)
	if err != nil {
		return err
	}
	if err := prepareHost(paths); err != nil {
		return err
	}
	offered, err := startServices(paths)
	if err != nil {
		return err
	}
	references, err := parts.push(image.Registry{Username: offered.Registry().Username, Password: offered.RegistryPassword})
	if err != nil {
		return err
	}
	if err := startKubernetes(paths, parts, references); err != nil {
		return err
	}
	env := clusterenv.Env{
		Kubeconfig: paths.Kubeconfig(), Kubectl: filepath.Join(parts.kubernetes, "kubectl"), State: paths.State,
		Node:     clusterenv.Node{Name: config.NodeName, Address: config.NodeAddress, BridgeGateway: config.BridgeGateway},
		Registry: offered.Registry(), Images: parts.images(references), Git: offered.Git(), PackageIndex: services.Index(),
		Optional: parts.describe(references),
	}
	return env.Save(paths.State)
}

// free refuses a machine on which the cluster would take something from somebody else.
func free(paths config.Paths) error {
	if taken, yes := host.AddressTaken(); yes {
		return fmt.Errorf("the machine already uses an address of the cluster's ranges: %s", taken)
	}
	if _, err := os.Stat(settingsFile(paths)); err != nil && host.ForeignKubernetes() {
		return errors.New("another Kubernetes node runs on this machine: set KUBECONFIG to use it")
	}
	return nil
}

// settingsFile remembers the kernel's settings from before, and that this state directory has changed the machine.
func settingsFile(paths config.Paths) string { return paths.In("settings.json") }

func prepareHost(paths config.Paths) error {
	if err := os.MkdirAll(paths.State, 0o755); err != nil {
		return err
	}
	if err := host.RememberSettings(settingsFile(paths)); err != nil {
		return err
	}
	if err := host.EnsureCgroups(); err != nil {
		return err
	}
	return host.EnsureNetwork()
}

func startKubernetes(paths config.Paths, parts *parts, references map[string]string) error {
	plane, err := controlplane.Open(paths, parts.kubernetes)
	if err != nil {
		return err
	}
	if err := plane.Start(table(paths)); err != nil {
		return err
	}
	worker := node.Node{Paths: paths, Plane: plane, Bin: parts.kubernetes, PauseImage: references["pause"]}
	if err := worker.Start(table(paths)); err != nil {
		return err
	}
	return addons.Ensure(plane, references["coredns"])
}
