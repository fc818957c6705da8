package openshift

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/go-containerregistry/pkg/name"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/source"
)

var commitPattern = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// check refuses inputs that no Build can be made of, before OpenShift does it less clearly or not at all.
func check(in buildstrategy.Inputs) error {
	if len(in.Tolerations) > 0 {
		return errors.New("an OpenShift build cannot carry tolerations. Remove buildConfig's tolerations, have an administrator set them for " +
			"all builds (build.config.openshift.io/cluster, spec.buildOverrides.tolerations), or choose another buildConfig.strategy")
	}
	if in.Timeout < time.Second {
		return errors.New("the build's timeout is shorter than a second; give it the time to pull an image and install packages")
	}
	if strings.TrimSpace(in.DockerfileText) == "" {
		return errors.New("a build needs a Dockerfile, generated or of the repository, and this one is empty")
	}
	if in.Image != "" {
		if _, err := name.NewTag(in.Image); err != nil {
			return fmt.Errorf("the built image cannot be named %q: %w", in.Image, err)
		}
	}
	return checkSource(in)
}

func checkSource(in buildstrategy.Inputs) error {
	if _, err := source.ParseURL(in.Source.URL); err != nil {
		return err
	}
	if !commitPattern.MatchString(in.Source.Commit) {
		return fmt.Errorf("the commit %q is not a full one", in.Source.Commit)
	}
	if dir := path.Clean(in.ContextDir); path.IsAbs(dir) || dir == ".." || strings.HasPrefix(dir, "../") {
		return fmt.Errorf("the build context %q leads out of the repository; name a directory relative to its root", in.ContextDir)
	}
	values := map[string]string{"build context": in.ContextDir, "Dockerfile": in.DockerfileText}
	for _, label := range in.ImageLabels {
		values["image's label "+label.Name] = label.Name + label.Value
	}
	for what, value := range values {
		if strings.ContainsRune(value, 0) || !utf8.ValidString(value) {
			return fmt.Errorf("the %s cannot be passed to OpenShift, since it is not valid text", what)
		}
	}
	return nil
}
