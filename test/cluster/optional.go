package main

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/controlplane"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/optional"
)

func installCommand() *cobra.Command {
	return optionalCommand("install", "Install a system in the running cluster and wait until it is ready", optional.Cluster.Install)
}

func removeCommand() *cobra.Command {
	return optionalCommand("remove", "Remove a system, its kinds and all their objects from the running cluster", optional.Cluster.Remove)
}

// optionalCommand does something to one optional system of the harness' own cluster.
func optionalCommand(verb, short string, do func(optional.Cluster, optional.System) error) *cobra.Command {
	return &cobra.Command{
		Use:       verb + " " + strings.Join(optional.Names(), "|"),
		Short:     short,
		Args:      cobra.ExactArgs(1),
		ValidArgs: optional.Names(),
		RunE: func(_ *cobra.Command, args []string) error {
			if foreign() != "" {
				return errors.New("KUBECONFIG names a cluster that the harness did not make, and nothing is changed in it: install there what you need, or unset KUBECONFIG")
			}
			system, err := optional.Find(args[0])
			if err != nil {
				return err
			}
			paths, err := config.DefaultPaths()
			if err != nil {
				return err
			}
			return locked(paths, func() error {
				cluster, err := running(paths)
				if err != nil {
					return err
				}
				return do(cluster, system)
			})
		},
	}
}

// running returns the cluster that is up, as a place to install systems in.
func running(paths config.Paths) (optional.Cluster, error) {
	env, err := clusterenv.Load()
	if err != nil {
		return optional.Cluster{}, err
	}
	builder, err := builder(paths)
	if err != nil {
		return optional.Cluster{}, err
	}
	plane := &controlplane.Plane{Paths: paths, Bin: filepath.Dir(env.Kubectl)}
	return optional.Cluster{Env: env, Kubectl: plane.Kubectl, Builder: builder}, nil
}
