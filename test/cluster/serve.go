package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/process"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/registry"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/services"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/textfile"
)

// serveCommand is the background process of the services; "up" starts it.
func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "serve",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			paths, err := config.DefaultPaths()
			if err != nil {
				return err
			}
			settings, err := services.Open(paths)
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(command.Context(), syscall.SIGTERM, syscall.SIGINT)
			defer stop()
			return settings.Serve(ctx)
		},
	}
}

// startServices brings up the registry and this program's own background process.
func startServices(paths config.Paths) (*services.Settings, error) {
	settings, err := services.Open(paths)
	if err != nil {
		return nil, err
	}
	store, err := registry.Spec(paths, settings.RegistrySecret)
	if err != nil {
		return nil, err
	}
	program, err := keepProgram(paths)
	if err != nil {
		return nil, err
	}
	serve := process.Spec{
		Name:  "services",
		Args:  []string{program, "serve"},
		Env:   []string{clusterenv.StateVariable + "=" + paths.State},
		Reads: []string{program},
		Ready: services.Ready,
	}
	for _, spec := range []process.Spec{store, serve} {
		if err := table(paths).Ensure(spec); err != nil {
			return nil, err
		}
	}
	return settings, nil
}

// keepProgram copies this program to the state directory: "go run" deletes the one it has built.
func keepProgram(paths config.Paths) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(self)
	if err != nil {
		return "", err
	}
	kept := paths.In("bin", "cluster-services")
	return kept, textfile.Write(kept, content, 0o755)
}
