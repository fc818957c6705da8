package fetchcmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/source"
)

// resultVersion is the version of the termination message.
const resultVersion = 1

// maxMessage keeps the termination message, of this program or of Tekton, below the 4 KiB that the kubelet keeps.
const maxMessage = 2048

// result is the termination message.
type result struct {
	Version int    `json:"version"`
	Commit  string `json:"commit"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

func outcome(ctx context.Context, commit string, err error) result {
	r := result{Version: resultVersion, Commit: commit}
	if err == nil {
		return r
	}
	r.Reason, r.Message = string(source.SourceUnavailable), err.Error()
	var problem *source.Error
	if errors.As(err, &problem) {
		r.Reason, r.Message = string(problem.Reason), problem.Message
	}
	if ctx.Err() != nil {
		r.Message = "The pod was asked to stop before the commit was there."
	}
	r.Message = buildstrategy.Result{Message: r.Message}.ShortMessage(maxMessage)
	return r
}

// write writes in place: the kubelet mounts the file into the container.
func (r result) write(path string) error {
	if path == "" {
		return nil
	}
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("write the termination message: %w", err)
	}
	return nil
}

// tellFailure writes the files of build systems that keep a reason and a message instead of a termination message.
func (o options) tellFailure(r result, temporary bool) error {
	var errs []error
	for file, text := range map[string]string{
		o.errorReasonFile:  buildstrategy.Word(buildstrategy.Reason(r.Reason), temporary),
		o.errorMessageFile: r.Message,
	} {
		if file != "" {
			errs = append(errs, os.WriteFile(file, []byte(text), 0o644))
		}
	}
	return errors.Join(errs...)
}
