package reportcmd

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/internal/report"
)

// options are the subcommand's flags.
type options struct {
	runDir, metaDir, terminationLog string
	subject                         report.Subject
}

// New returns the report subcommand.
func New() *cobra.Command {
	var chosen options
	command := &cobra.Command{
		Use:   "report",
		Short: "Judge the record of a run and print the report",
		Long: "Reads what the fetch and execute containers left, prints report.json as one line on\n" +
			"standard output, and writes verdict and digest into the termination message.\n" +
			"The exit code says only whether that worked; the verdict is in the report.",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(command *cobra.Command, _ []string) error {
			return run(chosen, command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&chosen.runDir, "run-dir", "", "directory in which the runner wrote run.json")
	flags.StringVar(&chosen.metaDir, "meta-dir", "", "directory in which fetch left the pristine notebook and source.json")
	flags.StringVar(&chosen.subject.Notebook, "notebook", "", "path of the notebook inside the repository")
	flags.StringVar(&chosen.subject.URL, "url", "", "address of the repository")
	flags.StringVar(&chosen.subject.Image, "image", "", "image that the notebook ran in")
	flags.StringVar(&chosen.terminationLog, "termination-log", "", "file for the termination message; empty for none")
	for _, name := range []string{"run-dir", "meta-dir", "notebook"} {
		if err := command.MarkFlagRequired(name); err != nil {
			panic(err) // only a misspelt flag name, caught by the first test
		}
	}
	return command
}

func run(chosen options, stdout io.Writer) error {
	collected := report.Collect(chosen.runDir, chosen.metaDir, chosen.subject)
	bounded, err := report.Bound(collected, report.MaxReportBytes)
	if err != nil {
		return err
	}
	encoded, err := report.Encode(bounded)
	if err != nil {
		return err
	}
	message, err := report.EncodeSummary(report.Summarize(bounded, encoded))
	if err != nil {
		return err
	}
	if _, err := stdout.Write(append(encoded, '\n')); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	return writeTerminationLog(chosen.terminationLog, message)
}

// writeTerminationLog writes in place: the kubelet mounts the file into the
// container, so it cannot be replaced.
func writeTerminationLog(path string, message []byte) error {
	if path == "" {
		return nil
	}
	if err := os.WriteFile(path, message, 0o644); err != nil {
		return fmt.Errorf("write the termination message: %w", err)
	}
	return nil
}
