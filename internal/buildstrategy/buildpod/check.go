package buildpod

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/go-containerregistry/pkg/name"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// Check refuses inputs that no pod can be made of, before the API server or the node does it less clearly.
func Check(in buildstrategy.Inputs) error {
	if in.Image == "" {
		return buildstrategy.ErrNoRegistry
	}
	if _, err := name.NewTag(in.Image); err != nil {
		return fmt.Errorf("the built image cannot be named %q: %w", in.Image, err)
	}
	if in.BuilderImage == "" || in.OperatorImage == "" {
		return errors.New("the operator does not know its own image or the builder's; set both on the operator")
	}
	if in.Timeout < time.Second {
		return errors.New("the build's timeout is shorter than a second; give it the time to pull an image and install packages")
	}
	if in.DockerfileConfigMap == "" && in.DockerfilePath == "" {
		return errors.New("a build needs a Dockerfile, generated or of the repository")
	}
	for _, passed := range Texts(in) {
		if strings.ContainsRune(passed.Value, 0) || !utf8.ValidString(passed.Value) {
			return fmt.Errorf("the %s %q cannot be passed to a program, since it is not valid text", passed.What, passed.Value)
		}
	}
	return nil
}

// Text is a value that somebody else chose and that a container gets as an argument.
type Text struct{ What, Value string }

// Texts are all of them.
func Texts(in buildstrategy.Inputs) []Text {
	all := []Text{
		{"repository's address", in.Source.URL}, {"ref", in.Source.Ref}, {"commit", in.Source.Commit},
		{"notebook's path", in.NotebookPath}, {"Dockerfile's path", in.DockerfilePath}, {"Dockerfile's key", in.DockerfileKey},
		{"build context", in.ContextDir}, {"base image", in.BaseImage},
	}
	for _, label := range in.ImageLabels {
		all = append(all, Text{"image's label", label.Name + "=" + label.Value})
	}
	return all
}
