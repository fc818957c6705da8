// Command notebook-validator-scorecard is the project's own scorecard image: `operator-sdk scorecard` starts it in a pod with
// a bundle unpacked at /bundle and the name of a test, and reads the result, a TestStatus in JSON, from the pod's log.
// The log is standard output and standard error in one, so that nothing but the result may be written to either of them.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"mlops.dev/notebook-validator-operator/scorecard/checks"
)

const (
	bundleRoot = "/bundle"
	// timeoutVariable is for where the command is written in the bundle and the time is a matter of the cluster.
	timeoutVariable = "SCORECARD_TIMEOUT"
	defaultTimeout  = 10 * time.Minute
)

func main() {
	quiet := logr.Discard()
	ctrl.SetLogger(quiet)
	klog.SetLogger(quiet)
	// Whoever deletes the pod gets what the test created cleaned up.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newCommand(os.Stdout).ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "notebook-validator-scorecard:", err)
		os.Exit(1)
	}
}

// newCommand writes the result to out. Its error is about the command line or about writing; a test that fails is a result.
func newCommand(out io.Writer) *cobra.Command {
	var bundle string
	var timeout time.Duration
	command := &cobra.Command{
		Use:           "notebook-validator-scorecard TEST",
		Short:         "Run one scorecard test on a bundle",
		Long:          fmt.Sprintf("Runs one scorecard test on a bundle and prints its result as JSON. The tests are %v.", checks.Names()),
		Args:          cobra.ExactArgs(1),
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("timeout") {
				var err error
				if timeout, err = timeoutFrom(os.Getenv(timeoutVariable)); err != nil {
					return err
				}
			}
			status := checks.Run(cmd.Context(), args[0], bundle, func() (checks.Cluster, error) { return connect(timeout) })
			encoder := json.NewEncoder(out)
			encoder.SetIndent("", "  ")
			return encoder.Encode(status)
		},
	}
	command.SetOut(out)
	command.Flags().StringVar(&bundle, "bundle", bundleRoot, "folder with the bundle's manifests and metadata")
	command.Flags().DurationVar(&timeout, "timeout", defaultTimeout,
		"how long the examples may take to succeed; environment variable "+timeoutVariable)
	return command
}

func timeoutFrom(text string) (time.Duration, error) {
	if text == "" {
		return defaultTimeout, nil
	}
	timeout, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", timeoutVariable, err)
	}
	return timeout, nil
}
