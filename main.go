// Command notebook-validator proves that Jupyter notebooks work. It is the operator (manager) and what the operator's
// pods run (fetch, build, report).
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/internal/explain"
	"mlops.dev/notebook-validator-operator/internal/imagebuild"
	"mlops.dev/notebook-validator-operator/internal/report/reportcmd"
	"mlops.dev/notebook-validator-operator/internal/source/fetchcmd"
	"mlops.dev/notebook-validator-operator/internal/validate/validatecmd"
)

// version is set by the linker.
var version = "dev"

// exitTerm is the exit code of a container that was asked to stop; the Job of a run tries it again.
const exitTerm = 143

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stopped := ctx.Err() != nil
	stop()
	os.Exit(exitCode(err, stopped))
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "notebook-validator",
		Short:         "Prove that Jupyter notebooks work",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(managerCommand(), fetchcmd.New(), imagebuild.NewCommand(), reportcmd.New(), validatecmd.New(), explain.New())
	return cmd
}

// coded is an error that says which exit code it deserves.
type coded interface{ ExitCode() int }

func exitCode(err error, stopped bool) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "Error:", err)
	var c coded
	switch {
	case errors.As(err, &c):
		return c.ExitCode()
	case stopped:
		return exitTerm
	}
	return 1
}
