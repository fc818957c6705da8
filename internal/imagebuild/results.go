package imagebuild

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/spf13/pflag"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

// leastResult is room enough for the longest name of an image and a sentence.
const leastResult = 1024

// results are the files that tell a build system how the build ended; an empty name is a file that nobody reads.
type results struct {
	terminationLog, url, digest, errorReason, errorMessage string
	// limit is the most bytes of the termination log, and twice those of the error message.
	limit int
}

func (r *results) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&r.terminationLog, "termination-log", "", "file for the result as JSON; empty for none")
	flags.StringVar(&r.url, "url-file", "", "file for the image as repository:tag, written once it is pushed; empty for none")
	flags.StringVar(&r.digest, "digest-file", "", "file for the image's digest, written once it is pushed; empty for none")
	flags.StringVar(&r.errorReason, "error-reason-file", "", "file for the reason of a failure, in one word; empty for none")
	flags.StringVar(&r.errorMessage, "error-message-file", "", "file for what to tell the user of a failure; empty for none")
	flags.IntVar(&r.limit, "result-limit", buildstrategy.ResultLimit, "most bytes of the termination log, and twice those of the error message")
}

// check refuses room that no result fits in, and more than a reader takes.
func (r results) check() error {
	if r.limit < leastResult || r.limit > buildstrategy.ResultLimit {
		return fmt.Errorf("the result cannot be limited to %d bytes; allow between %d and %d", r.limit, leastResult, buildstrategy.ResultLimit)
	}
	return nil
}

// write leaves the result: the image only if it is pushed, and a failure only if there is one.
func (r results) write(image, digest string, failed *Failed) error {
	limit := max(leastResult, min(r.limit, buildstrategy.ResultLimit))
	if failed != nil {
		return errors.Join(
			leave(r.errorReason, buildstrategy.Word(failed.result.Reason, failed.code != podspec.ExitPermanent)),
			leave(r.errorMessage, failed.result.ShortMessage(limit/2)),
			leave(r.terminationLog, string(failed.result.Encode(limit))),
		)
	}
	tag, err := name.NewTag(image)
	if err != nil {
		return err
	}
	repository := strings.TrimSuffix(image, ":"+tag.TagStr())
	return errors.Join(
		leave(r.url, repository+":"+tag.TagStr()),
		leave(r.digest, digest),
		leave(r.terminationLog, string(buildstrategy.Result{Image: repository + "@" + digest}.Encode(limit))),
	)
}

// leave writes in place, since the kubelet mounts the termination log into the container.
func leave(file, text string) error {
	if file == "" {
		return nil
	}
	return os.WriteFile(file, []byte(text), 0o644)
}
