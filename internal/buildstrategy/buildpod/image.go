package buildpod

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

var digestPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// CheckImage accepts a digest in the repository that was asked for and nothing else.
func CheckImage(built, target string) error {
	image, err := name.NewDigest(built)
	if err != nil || !digestPattern.MatchString(image.DigestStr()) {
		return fmt.Errorf("its result names %q, which is no image with a digest", built)
	}
	wanted, err := name.NewTag(target)
	if err != nil {
		return fmt.Errorf("the build does not say which image to make: %w", err)
	}
	if image.Context().Name() != wanted.Context().Name() {
		return fmt.Errorf("its result names %q, but %q was asked for", built, wanted.Context().Name())
	}
	return nil
}

// Target is the reference that a build container with those arguments was told to push to.
func Target(args []string) string {
	for _, arg := range args {
		if image, ok := strings.CutPrefix(arg, imageFlag); ok {
			return image
		}
	}
	return ""
}
