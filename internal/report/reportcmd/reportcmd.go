package reportcmd

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/internal/demands"
	"mlops.dev/notebook-validator-operator/internal/report"
)

// options are the subcommand's flags.
type options struct {
	runDir, metaDir, terminationLog      string
	demands, artifactsDir, artifactsPath string
	subject                              report.Subject
}

// New returns the report subcommand.
func New() *cobra.Command {
	var chosen options
	command := &cobra.Command{
		Use:   "report",
		Short: "Judge the record of a run and print the report",
		Long: "Reads what the fetch and execute containers left and holds it against what is demanded.\n" +
			"Prints report.json as one line on standard output, after it a line of JSON with the files that go\n" +
			"along, and writes verdict and digest into the termination message.\n" +
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
	flags.StringVar(&chosen.demands, "demands", "{}", "what is demanded of the run beyond that it raises nothing, as JSON")
	flags.StringVar(&chosen.artifactsDir, "artifacts-dir", "", "directory of the volume to keep whole files in; empty for none")
	flags.StringVar(&chosen.artifactsPath, "artifacts-path", "", "folder inside that volume")
	flags.StringVar(&chosen.terminationLog, "termination-log", "", "file for the termination message; empty for none")
	for _, name := range []string{"run-dir", "meta-dir", "notebook"} {
		if err := command.MarkFlagRequired(name); err != nil {
			panic(err) // only a misspelt flag name, caught by the first test
		}
	}
	return command
}

func run(chosen options, stdout io.Writer) error {
	whole, evidence := judge(chosen)
	if chosen.artifactsDir != "" {
		keepWhole(chosen, whole, evidence)
	}
	bounded, err := report.Bound(whole, report.MaxReportBytes)
	if err != nil {
		return err
	}
	files, err := along(bounded, evidence)
	if err != nil {
		return err
	}
	log, message, err := report.EncodeAnswer(bounded, files)
	if err != nil {
		return err
	}
	if _, err := stdout.Write(append(log, '\n')); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	return writeTerminationLog(chosen.terminationLog, message)
}

// judge makes the report. Demands that cannot be read are a failure: nobody
// would know whether they are met.
func judge(chosen options) (*report.Report, report.Evidence) {
	wanted, err := demands.Parse(chosen.demands)
	if err != nil {
		return report.New(chosen.subject, nil, report.Unreadable(err)), report.Evidence{}
	}
	return report.Collect(chosen.runDir, chosen.metaDir, chosen.subject, wanted)
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
