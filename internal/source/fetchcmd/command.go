// Package fetchcmd is the subcommand fetch: it brings one commit into a pod, with what the other containers need, and says
// in the termination message how that went. Git credentials are in no other container.
package fetchcmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/internal/podspec"
	"mlops.dev/notebook-validator-operator/internal/source"
)

// options are the subcommand's flags.
type options struct {
	url, ref, commit, notebook        string
	golden                            string
	dest, metaDir, toolsDir, selfDest string
	credentialsDir, terminationLog    string
	errorReasonFile, errorMessageFile string
	insecureIgnoreHostKey             bool
	maxBytes                          int64
	timeout                           time.Duration
}

// New returns the subcommand fetch.
func New() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "fetch",
		Short: "Bring one commit of a Git repository into a pod",
		Long: "Resolves the ref unless --commit is given, writes the commit's files, a copy of the notebook that the run\n" +
			"cannot touch, the golden notebook beside it, and the notebook runner. Exit codes: 0 done, 65 failed for good, 75 may be tried again.",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	limits := source.CheckoutLimits()
	flags := cmd.Flags()
	flags.StringVar(&o.url, "url", "", "address of the repository")
	flags.StringVar(&o.ref, "ref", "", "branch, tag or commit; empty is HEAD")
	flags.StringVar(&o.commit, "commit", "", "commit that the ref was resolved to; empty resolves it now")
	flags.StringVar(&o.notebook, "notebook", "", "path of the notebook inside the repository")
	flags.StringVar(&o.golden, "golden", "", "path of the golden notebook inside the same commit; empty for none")
	flags.StringVar(&o.dest, "dest", "", "directory for the commit's files; what an earlier attempt left in it is removed")
	flags.StringVar(&o.metaDir, "meta-dir", "", "directory for source.json and the copy of the notebook")
	flags.StringVar(&o.toolsDir, "tools-dir", "", "directory for the notebook runner; empty for none")
	flags.StringVar(&o.selfDest, "self-dest", "", "file to copy this program to; empty for none")
	flags.StringVar(&o.credentialsDir, "credentials-dir", "", "directory with the Git Secret; empty for none")
	flags.StringVar(&o.terminationLog, "termination-log", "", "file for the termination message; empty for none")
	flags.StringVar(&o.errorReasonFile, "error-reason-file", "", "file for the reason of a failure, in one word; empty for none")
	flags.StringVar(&o.errorMessageFile, "error-message-file", "", "file for what to tell the user of a failure; empty for none")
	flags.BoolVar(&o.insecureIgnoreHostKey, "insecure-ignore-host-key", false, "accept any ssh host key where the Secret has no known_hosts")
	flags.Int64Var(&o.maxBytes, "max-bytes", limits.Bytes, "most bytes to transfer and to write")
	flags.DurationVar(&o.timeout, "timeout", limits.Timeout, "longest time for everything")
	for _, name := range []string{"url", "notebook", "dest", "meta-dir"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // a misspelt flag name: a mistake in this program
		}
	}
	return cmd
}

// Failed is a fetch that brought nothing.
type Failed struct {
	code int
	err  error
}

// Error is the sentence for the user.
func (f *Failed) Error() string { return f.err.Error() }

// Unwrap gives the cause.
func (f *Failed) Unwrap() error { return f.err }

// ExitCode tells the Job of the pod whether to try again.
func (f *Failed) ExitCode() int { return f.code }

func (o options) run(ctx context.Context) error {
	commit, err := o.fetch(ctx)
	result := outcome(ctx, commit, err)
	if writeErr := result.write(o.terminationLog); writeErr != nil {
		return errors.Join(writeErr, err)
	}
	if err != nil {
		code := exitCode(ctx, err)
		return errors.Join(&Failed{code: code, err: err}, o.tellFailure(result, code != podspec.ExitPermanent))
	}
	fmt.Printf("fetched commit %s\n", commit)
	return nil
}

// exitCode tells a pod that was stopped, a passing trouble and a lasting one apart.
func exitCode(ctx context.Context, err error) int {
	var problem *source.Error
	switch {
	case ctx.Err() != nil:
		return podspec.ExitTerminated
	case errors.As(err, &problem) && problem.Temporary:
		return podspec.ExitTemporary
	}
	return podspec.ExitPermanent
}
