package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/component"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/process"
)

func main() {
	root := &cobra.Command{
		Use:           "cluster",
		Short:         "Run a real Kubernetes on this machine for tests",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(upCommand(), downCommand(), envCommand(), assetsCommand(), opmCommand(), prereqsCommand(), loadOperatorCommand(), serveCommand(),
		installCommand(), removeCommand())
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// foreign returns the kubeconfig of a cluster that is to be used instead of an own one. The own cluster's is not foreign.
func foreign() string {
	kubeconfig := os.Getenv("KUBECONFIG")
	if paths, err := config.DefaultPaths(); err == nil && kubeconfig == paths.Kubeconfig() {
		return ""
	}
	return kubeconfig
}

// table returns the background programs of the state directory.
func table(paths config.Paths) process.Table {
	return process.Table{Records: paths.In("run", "processes"), Logs: paths.In("logs")}
}

// builder builds components from this module's sources.
func builder(paths config.Paths) (component.Builder, error) {
	output, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return component.Builder{}, fmt.Errorf("ask go for the module: %w", err)
	}
	module := strings.TrimSpace(string(output))
	source := filepath.Join(filepath.Dir(module), "test", "cluster", "components")
	if _, err := os.Stat(source); err != nil {
		return component.Builder{}, errors.New("run this command inside the project's repository: " + err.Error())
	}
	return component.Builder{Source: source, Cache: filepath.Join(paths.Cache, "components")}, nil
}
