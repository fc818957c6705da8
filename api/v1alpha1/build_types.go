package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// BuildOptions say how an image is built; NotebookBuild and the buildConfig of a job share them.
type BuildOptions struct {
	// strategy names the build system. auto takes the first one that this cluster offers; job is a plain Kubernetes Job
	// with buildah, which needs nothing else. Default: auto.
	// +optional
	// +default="auto"
	// +kubebuilder:validation:Enum=auto;job
	Strategy string `json:"strategy,omitempty"`

	// baseImage is what a generated Dockerfile starts from. Default: the operator's --base-image.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="!self.matches('[\\\\x00-\\\\x20\\\\x7f]')",message="baseImage must be an image reference without spaces or control characters"
	BaseImage string `json:"baseImage,omitempty"`

	// dockerfile is the path of the repository's own Dockerfile, relative to the repository root. It is used when no
	// requirements file is found, or alone with autoGenerateRequirements: false.
	// Default: Dockerfile in the notebook's folder, then in the repository root.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/') && !self.split('/').exists(s, s == '..') && !self.matches('[\\\\x00-\\\\x1f\\\\x7f]')",message="dockerfile must be a path inside the repository, relative to its root"
	Dockerfile string `json:"dockerfile,omitempty"`

	// autoGenerateRequirements looks for requirements files and writes a Dockerfile that installs them; false goes
	// straight to the repository's Dockerfile. Default: true.
	// +optional
	// +default=true
	AutoGenerateRequirements *bool `json:"autoGenerateRequirements,omitempty"`

	// requirementsFile is the one requirements file to install, relative to the repository root; the build fails where it
	// is missing. Default: none, it is looked for.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/') && !self.split('/').exists(s, s == '..') && !self.matches('[\\\\x00-\\\\x1f\\\\x7f]')",message="requirementsFile must be a path inside the repository, relative to its root"
	RequirementsFile string `json:"requirementsFile,omitempty"`

	// requirementsSources are requirements files to try in this order, relative to the repository root, before the
	// notebook's folder, its tier folder and the root are searched. At most 16. Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.all(p, !p.startsWith('/') && !p.split('/').exists(s, s == '..') && !p.matches('[\\\\x00-\\\\x1f\\\\x7f]'))",message="requirementsSources must be paths inside the repository, relative to its root"
	RequirementsSources []string `json:"requirementsSources,omitempty"`

	// timeout for the whole build, from the creation of the NotebookBuild: "15m", "1h30m". More than zero, at most 24h.
	// Default: 15m.
	// +optional
	// +default="15m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`
	// +kubebuilder:validation:XValidation:rule="duration(self) > duration('0s') && duration(self) <= duration('24h')",message="build timeout must be more than zero and at most 24h, for example 15m"
	Timeout *metav1.Duration `json:"timeout,omitempty"`

	// registry says where the image goes. Default: the operator's --registry, --push-secret and --insecure-registry.
	// +optional
	Registry *ImageRegistry `json:"registry,omitempty"`

	// builderImage is the image that holds buildah, for strategy job. Default: the operator's --builder-image.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="!self.matches('[\\\\x00-\\\\x20\\\\x7f]')",message="builderImage must be an image reference without spaces or control characters"
	BuilderImage string `json:"builderImage,omitempty"`

	// resources of the container that builds. Default: the operator's --builder-requests and --builder-limits.
	// +optional
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`
}

// ImageRegistry is a place in an image registry.
type ImageRegistry struct {
	// repository that the image is pushed to, without tag: registry.example.com/team/notebooks.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+$')",message="repository must be registry/path without a tag or digest, for example registry.example.com/team/notebooks"
	Repository string `json:"repository"`

	// pushSecret is the name of a Secret of type kubernetes.io/dockerconfigjson in the same namespace, used to push the
	// image, to pull the base image, and to pull the image for the run. Default: none.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	PushSecret string `json:"pushSecret,omitempty"`

	// insecure allows plain http and unverified certificates. Default: false.
	// +optional
	Insecure bool `json:"insecure,omitempty"`
}

// Environment says what the image was built from.
type Environment struct {
	// source that won: RequirementsFile, RequirementsSources, NotebookDirectory, TierDirectory, RepositoryRoot,
	// Dockerfile or BaseImage.
	// +optional
	Source string `json:"source,omitempty"`

	// path of the requirements file or Dockerfile, relative to the repository root; empty for BaseImage.
	// +optional
	Path string `json:"path,omitempty"`

	// message says in a sentence why this source won.
	// +optional
	Message string `json:"message,omitempty"`

	// baseImage that the generated Dockerfile starts from; empty where the repository's own Dockerfile says it.
	// +optional
	BaseImage string `json:"baseImage,omitempty"`

	// dockerfileConfigMap is the ConfigMap with the generated Dockerfile; empty where the repository's own is used.
	// +optional
	DockerfileConfigMap string `json:"dockerfileConfigMap,omitempty"`
}
