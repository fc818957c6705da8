package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/component"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/operator"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/prereq"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
)

func envCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "env",
		Short: "Print what the running cluster consists of as JSON",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			env, err := clusterenv.Load()
			if err != nil {
				return err
			}
			content, err := env.JSON()
			if err != nil {
				return err
			}
			_, err = command.OutOrStdout().Write(content)
			return err
		},
	}
}

func assetsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "assets",
		Short: "Build an API server, etcd and kubectl and print their directory",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return printBuilt(command, component.Kubernetes, "")
		},
	}
}

func opmCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "opm",
		Short: "Build opm, which checks and renders catalogs of operators, and print its path",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return printBuilt(command, component.Opm, "opm")
		},
	}
}

// printBuilt builds a component, for which no cluster has to be up, and prints the path of a file in its directory.
func printBuilt(command *cobra.Command, wanted component.Component, file string) error {
	paths, err := config.DefaultPaths()
	if err != nil {
		return err
	}
	return locked(paths, func() error {
		builder, err := builder(paths)
		if err != nil {
			return err
		}
		dir, err := builder.Ensure(wanted)
		if err == nil {
			fmt.Fprintln(command.OutOrStdout(), filepath.Join(dir, file))
		}
		return err
	})
}

func prereqsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "prereqs",
		Short: "Install the Debian packages that a node needs",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if foreign() != "" {
				progress.Say("KUBECONFIG is set: nothing has to be installed")
				return nil
			}
			return prereq.Install()
		},
	}
}

func loadOperatorCommand() *cobra.Command {
	var build operator.Build
	command := &cobra.Command{
		Use:   "load-operator NAME:TAG",
		Short: "Build the operator's image from its Dockerfile, push it and print its reference by digest",
		Args:  cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			env, err := clusterenv.Load()
			if err != nil {
				return err
			}
			if strings.Count(args[0], ":") != 1 {
				return errors.New("give the image as NAME:TAG; the registry's host is added")
			}
			paths, err := config.DefaultPaths()
			if err != nil {
				return err
			}
			build.Image, build.Work = config.PublicImage(args[0]), paths.In("buildah")
			reference, err := build.Run(env.Registry)
			if err == nil {
				fmt.Fprintln(command.OutOrStdout(), reference)
			}
			return err
		},
	}
	command.Flags().StringVar(&build.Dockerfile, "dockerfile", "Dockerfile", "the file that says how the image is built")
	command.Flags().StringVar(&build.Context, "context", ".", "the directory that the file copies from")
	command.Flags().StringArrayVar(&build.Arguments, "build-arg", nil, "NAME=VALUE of an ARG of the file; may be repeated")
	return command
}
