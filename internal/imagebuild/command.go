package imagebuild

import (
	"errors"
	"fmt"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/spf13/cobra"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// options are the subcommand's flags.
type options struct {
	context, dockerfile, image, baseImage, authfile string
	dockerfileEnv                                   string
	labels                                          []string
	insecure                                        bool
	timeout                                         time.Duration
	storageDriver                                   string
	results                                         results
}

// Failed is returned for a build without an image.
type Failed struct {
	code   int
	result buildstrategy.Result
}

// Error returns the sentence for the user.
func (f *Failed) Error() string { return f.result.Message }

// ExitCode is what the process has to exit with.
func (f *Failed) ExitCode() int { return f.code }

// NewCommand returns the subcommand "build".
func NewCommand() *cobra.Command {
	var o options
	command := &cobra.Command{
		Use:           "build",
		Short:         "Build and push an image with buildah (runs in the build's pod)",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(command *cobra.Command, _ []string) error { return execute(command, o) },
	}
	flags := command.Flags()
	flags.StringVar(&o.context, "context", "", "directory of the build context")
	flags.StringVar(&o.dockerfile, "dockerfile", "", "the Dockerfile")
	flags.StringVar(&o.dockerfileEnv, "dockerfile-env", "", "environment variable whose text is written to a generated Dockerfile first; empty for none")
	flags.StringVar(&o.image, "image", "", "reference with a tag to push to")
	flags.StringVar(&o.baseImage, "base-image", "", "base image of a generated Dockerfile; empty for one of the repository")
	flags.StringVar(&o.authfile, "authfile", "", "registry credentials in the form of a .dockerconfigjson; empty for none")
	flags.StringArrayVar(&o.labels, "label", nil, "label of the image as NAME=VALUE; may be given many times")
	flags.BoolVar(&o.insecure, "insecure", false, "allow plain http and unknown certificates for the image's registry")
	flags.DurationVar(&o.timeout, "build-timeout", 15*time.Minute, "longest time for pull, build and push together")
	flags.StringVar(&o.storageDriver, "storage-driver", driverAuto, "storage driver of buildah: auto, overlay or vfs")
	o.results.addFlags(flags)
	return command
}

// execute runs the build until it ends, is stopped or is out of time, and leaves what the build system reads.
func execute(command *cobra.Command, o options) error {
	ctx, stop := signal.NotifyContext(command.Context(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	digest, failed := run(ctx, o, command.OutOrStdout())
	if err := o.results.write(o.image, digest, failed); err != nil {
		return errors.Join(fmt.Errorf("the result cannot be written: %w", err), orNil(failed))
	}
	return orNil(failed)
}

func orNil(failed *Failed) error {
	if failed == nil {
		return nil
	}
	return failed
}

// check refuses flags that no build can be made of.
func (o options) check() error {
	if _, err := name.NewTag(o.image); err != nil {
		return fmt.Errorf("the built image cannot be named %q: %w", o.image, err)
	}
	if o.baseImage != "" {
		if _, err := name.ParseReference(o.baseImage); err != nil {
			return fmt.Errorf("%q is not the name of a base image: %w", o.baseImage, err)
		}
	}
	if o.timeout <= 0 {
		return errors.New("the build has no time left")
	}
	for _, label := range o.labels {
		if name, _, ok := strings.Cut(label, "="); !ok || name == "" || !utf8.ValidString(label) {
			return fmt.Errorf("%q is not a label; write it as NAME=VALUE", label)
		}
	}
	return errors.Join(o.results.check(), o.checkDockerfile())
}

// checkDockerfile holds that a Dockerfile of the repository is a file of its build context: a link to anything else in the
// pod, such as the push secret, would be shown in the log as a Dockerfile that cannot be read. Where the repository ends is
// not known here; links to its other files are refused before the build.
func (o options) checkDockerfile() error {
	context, err := filepath.EvalSymlinks(o.context)
	if err != nil {
		return fmt.Errorf("the build context cannot be found: %w", err)
	}
	file, err := filepath.EvalSymlinks(o.dockerfile)
	if err != nil {
		return fmt.Errorf("the Dockerfile cannot be found: %w", err)
	}
	if o.baseImage == "" && !strings.HasPrefix(file, context+string(filepath.Separator)) {
		return errors.New("the Dockerfile is a link that leads out of its build context, or even leads out of the repository; name the " +
			"file that it leads to in buildConfig.dockerfile, or commit the file itself in place of the link")
	}
	return nil
}
