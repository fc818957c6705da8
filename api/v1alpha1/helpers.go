package v1alpha1

import "regexp"

var pinnedImage = regexp.MustCompile(`^[^@\s]+@sha256:[0-9a-f]{64}$`)

// PinnedImage says whether an image reference names one image for ever: repository@sha256:digest.
func PinnedImage(reference string) bool {
	return pinnedImage.MatchString(reference)
}

// BuildEnabled says whether the image is built rather than given.
func (c PodConfig) BuildEnabled() bool {
	return c.BuildConfig != nil && c.BuildConfig.Enabled
}
