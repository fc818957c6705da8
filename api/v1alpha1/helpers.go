package v1alpha1

// BuildEnabled says whether the image is built rather than given.
func (c PodConfig) BuildEnabled() bool {
	return c.BuildConfig != nil && c.BuildConfig.Enabled
}
