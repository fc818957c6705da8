package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// BuildOptions say how an image is built; NotebookBuild and the buildConfig of a job share them.
type BuildOptions struct {
	// strategy names the build system: s2i (OpenShift Builds), tekton (Tekton Pipelines), shipwright (Shipwright Builds), or
	// job, a plain Kubernetes Job with buildah, which needs nothing else. auto takes the first of these that the cluster
	// offers when the build begins. A named one that is not installed is waited for until the timeout. Default: auto.
	// +optional
	// +default="auto"
	// +kubebuilder:validation:Enum=auto;s2i;tekton;shipwright;job
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

	// preferDockerfile takes the repository's Dockerfile where the repository has both a requirements file and a Dockerfile;
	// the condition DependencyConflict tells of both. Default: false, the requirements file wins.
	// +optional
	PreferDockerfile bool `json:"preferDockerfile,omitempty"`

	// fallbackStrategy says what becomes of a notebook for which neither a requirements file nor a Dockerfile is found: warn
	// takes the bare base image and sends a warning event, auto takes it and says so in the condition EnvironmentResolved
	// only, fail ends the build. Default: warn.
	// +optional
	// +default="warn"
	// +kubebuilder:validation:Enum=warn;fail;auto
	FallbackStrategy string `json:"fallbackStrategy,omitempty"`

	// cache says whether an image may be shared: reuse takes the image of another build in this namespace that is made
	// from the same things, and waits for one that is under way; never builds for this one alone. Default: reuse.
	// +optional
	// +default="reuse"
	// +kubebuilder:validation:Enum=reuse;never
	Cache string `json:"cache,omitempty"`

	// timeout for the build itself, from the moment that a build system is given the work: "15m", "1h30m". Waiting for the
	// Git server, or for a build system that is not installed, may take as long again; waiting in the queue does not count.
	// More than zero, at most 24h. Default: 15m.
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

	// builderImage is the image that holds buildah, for every strategy but s2i. Default: the operator's --builder-image.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="!self.matches('[\\\\x00-\\\\x20\\\\x7f]')",message="builderImage must be an image reference without spaces or control characters"
	BuilderImage string `json:"builderImage,omitempty"`

	// resources of the container that builds. Default: the operator's --builder-requests and --builder-limits.
	// +optional
	Resources *corev1.ResourceRequirements `json:"resources,omitempty"`

	// serviceAccountName of the pod that builds. With the strategies job and tekton the pod gets no token of the account, with
	// s2i and shipwright it does; on OpenShift the account decides what the pod may do. Default: the namespace's default
	// account; for s2i the account builder.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	ServiceAccountName string `json:"serviceAccountName,omitempty"`

	// nodeSelector of the pod that builds: labels that its node must have. Images for another kubernetes.io/arch or
	// kubernetes.io/os are not shared. Default: none.
	// +optional
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`

	// tolerations of the pod that builds. OpenShift Builds (s2i) take none, and such a build fails. Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`
}

// Values of BuildOptions.FallbackStrategy.
const (
	// FallbackWarn takes the bare base image and warns.
	FallbackWarn = "warn"
	// FallbackFail ends the build.
	FallbackFail = "fail"
	// FallbackAuto takes the bare base image.
	FallbackAuto = "auto"
)

// Values of BuildOptions.Cache.
const (
	// CacheReuse shares images with other builds.
	CacheReuse = "reuse"
	// CacheNever builds for one build alone.
	CacheNever = "never"
)

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

	// baseImage that the generated Dockerfile starts from, as repository@sha256:digest; empty where the repository's own
	// Dockerfile says it.
	// +optional
	BaseImage string `json:"baseImage,omitempty"`

	// dockerfileConfigMap is the ConfigMap with the Dockerfile that is built: the generated one, or the repository's own as
	// it was at the commit.
	// +optional
	DockerfileConfigMap string `json:"dockerfileConfigMap,omitempty"`

	// contextDir is the directory that the Dockerfile copies from, relative to the repository root; . for the root.
	// +optional
	ContextDir string `json:"contextDir,omitempty"`

	// hash of everything that the image is made from and by: the base image, the Dockerfile, every file that it copies, the
	// strategy, the builder, the kind of machine, and the place where the image goes. Builds with the same hash share one
	// image. 64 hexadecimal digits.
	// +optional
	Hash string `json:"hash,omitempty"`

	// unpinned are the requirement lines that do not name one version, as file:line: text, so that another build may
	// install something else. At most 50.
	// +optional
	// +listType=atomic
	Unpinned []string `json:"unpinned,omitempty"`

	// unpinnedCount is how many requirement lines do not name one version, those left out of unpinned among them.
	// +optional
	UnpinnedCount int32 `json:"unpinnedCount,omitempty"`
}
