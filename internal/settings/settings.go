// Package settings holds what whoever runs the operator decides for all jobs: images, the registry, the base image.
// They are flags of the manager command; a job's own buildConfig comes first where both say something.
package settings

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// Settings of the operator.
type Settings struct {
	// OperatorImage is the image of this program; pods use it to fetch the source and to judge a run.
	OperatorImage string
	// RunAsUser is the user of run pods whose podConfig names none; nil leaves it to the platform, as OpenShift asks.
	RunAsUser *int64
	// BaseImage is what generated Dockerfiles start from.
	BaseImage string
	// BuilderImage holds buildah.
	BuilderImage string
	// BuilderPrivileged runs builders as privileged containers, where nodes forbid them to mount in a user namespace.
	BuilderPrivileged bool
	// BuilderResources of the container that builds.
	BuilderResources corev1.ResourceRequirements
	// MaxBuilds and MaxBuildsPerNamespace are how many builds may be under way; zero is no limit.
	MaxBuilds, MaxBuildsPerNamespace int
	// Registry is where images go: a prefix, to which the namespace is added; empty where every build says it itself.
	Registry v1alpha1.ImageRegistry
}

// RegistryFor is where a build of that namespace pushes to.
func (s Settings) RegistryFor(namespace string, options v1alpha1.BuildOptions) v1alpha1.ImageRegistry {
	if options.Registry != nil {
		return *options.Registry
	}
	registry := s.Registry
	if registry.Repository != "" {
		registry.Repository += "/" + namespace
	}
	return registry
}

// BaseImageFor is what a generated Dockerfile of the build starts from.
func (s Settings) BaseImageFor(options v1alpha1.BuildOptions) string {
	return cmp.Or(options.BaseImage, s.BaseImage)
}

// BuilderImageFor is the image that does the build.
func (s Settings) BuilderImageFor(options v1alpha1.BuildOptions) string {
	return cmp.Or(options.BuilderImage, s.BuilderImage)
}

// BuilderResourcesFor are the resources of the container that builds.
func (s Settings) BuilderResourcesFor(options v1alpha1.BuildOptions) corev1.ResourceRequirements {
	if options.Resources != nil {
		return *options.Resources
	}
	return s.BuilderResources
}
