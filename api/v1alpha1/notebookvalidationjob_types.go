package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NotebookValidationJobSpec is what to prove: that this notebook works, in this environment.
type NotebookValidationJobSpec struct {
	// notebook to validate.
	// +required
	Notebook NotebookSource `json:"notebook"`

	// podConfig says in which image, and with what, the notebook runs.
	// +required
	// +kubebuilder:validation:XValidation:rule="has(self.containerImage) || (has(self.buildConfig) && has(self.buildConfig.enabled) && self.buildConfig.enabled)",message="set podConfig.containerImage, or podConfig.buildConfig.enabled to have an image built"
	PodConfig PodConfig `json:"podConfig"`

	// timeout for the execution of the notebook: "30m", "1h30m". More than zero, at most 168h. Default: 30m.
	// +optional
	// +default="30m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`
	// +kubebuilder:validation:XValidation:rule="duration(self) > duration('0s') && duration(self) <= duration('168h')",message="timeout must be more than zero and at most 168h, for example 30m"
	Timeout *metav1.Duration `json:"timeout,omitempty"`

	// cellTimeout for the execution of each code cell: "90s", "10m". More than zero, at most 168h. The
	// metadata.execution.timeout of a cell, or else of the notebook, in seconds, comes first. Default: none, only timeout counts.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`
	// +kubebuilder:validation:XValidation:rule="duration(self) > duration('0s') && duration(self) <= duration('168h')",message="cellTimeout must be more than zero and at most 168h, for example 90s"
	CellTimeout *metav1.Duration `json:"cellTimeout,omitempty"`

	// parameters of the notebook, as papermill understands them: they are set in a cell of their own after the one that is
	// tagged parameters. Names are those of Python variables; values are texts, numbers, booleans, null, lists and maps of
	// such. At most 100 parameters and 32 KiB in all. Secrets do not belong here: parameters are kept in the executed notebook. Default: none.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	Parameters map[string]apiextensionsv1.JSON `json:"parameters,omitempty"`

	// unknownParameters says what becomes of a notebook that has no cell tagged parameters, or none that sets a parameter
	// of that name: fail or warn. Default: fail.
	// +optional
	// +default="fail"
	UnknownParameters UnknownParameters `json:"unknownParameters,omitempty"`

	// validationConfig says what counts as a pass. Default: level development.
	// +optional
	ValidationConfig *ValidationConfig `json:"validationConfig,omitempty"`

	// goldenNotebook is an executed notebook whose outputs must come out again. Default: none.
	// +optional
	GoldenNotebook *GoldenNotebook `json:"goldenNotebook,omitempty"`

	// comparisonConfig says how the outputs are compared with those of goldenNotebook. Default: strategy tolerance.
	// +optional
	ComparisonConfig *ComparisonConfig `json:"comparisonConfig,omitempty"`

	// artifacts says where the executed notebook and the whole reports are kept. Default: in the report ConfigMap alone, as
	// far as they fit.
	// +optional
	Artifacts *Artifacts `json:"artifacts,omitempty"`

	// rerun is any text; changing it runs an unchanged spec again, at what the ref points to now. Default: empty.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Rerun string `json:"rerun,omitempty"`
}

// UnknownParameters says what becomes of a parameter that the notebook does not know.
// +kubebuilder:validation:Enum=fail;warn
type UnknownParameters string

// What becomes of a parameter that the notebook does not know.
const (
	// UnknownParametersFail fails the validation before the run.
	UnknownParametersFail UnknownParameters = "fail"
	// UnknownParametersWarn runs the notebook all the same.
	UnknownParametersWarn UnknownParameters = "warn"
)

// Artifacts says where files of a run are kept.
type Artifacts struct {
	// persistentVolumeClaim in the same namespace that executed.ipynb, report.json, report.html and junit.xml are written to.
	// +required
	PersistentVolumeClaim ArtifactsClaim `json:"persistentVolumeClaim"`
}

// ArtifactsClaim is a folder of a PersistentVolumeClaim.
type ArtifactsClaim struct {
	// claimName is the PersistentVolumeClaim.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	ClaimName string `json:"claimName"`

	// path of a folder in the volume; it is made if it is not there. The files of each run are in a folder of their own
	// below it, JOB/RUN, which status.validation.artifactsPath names. Default: the volume's root.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/') && !self.split('/').exists(s, s == '..') && !self.matches('[\\\\x00-\\\\x1f\\\\x7f]')",message="path must stay inside the volume: relative to its root, without '..' or control characters"
	Path string `json:"path,omitempty"`
}

// NotebookSource is a notebook in a Git repository.
type NotebookSource struct {
	// git repository and ref that hold the notebook.
	// +required
	Git GitSource `json:"git"`

	// path of the notebook, relative to the repository root.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.endsWith('.ipynb')",message="notebook path must end in .ipynb"
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/') && !self.split('/').exists(s, s == '..') && !self.matches('[\\\\x00-\\\\x1f\\\\x7f]')",message="notebook path must stay inside the repository: relative to its root, without '..' or control characters"
	Path string `json:"path"`
}

// PodConfig shapes the pod that runs the notebook.
type PodConfig struct {
	// containerImage to run the notebook in. It needs python3 with nbclient and a kernel. Not used where a build is
	// enabled. Default: none, required where no build is enabled.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="!self.matches('[\\\\x00-\\\\x20\\\\x7f]')",message="containerImage must be an image reference without spaces or control characters"
	ContainerImage string `json:"containerImage,omitempty"`

	// buildConfig has the image built from the repository's requirements. Default: no build.
	// +optional
	BuildConfig *BuildConfig `json:"buildConfig,omitempty"`

	// resources of the container that runs the notebook. Default: none.
	// +optional
	Resources corev1.ResourceRequirements `json:"resources,omitempty"`

	// serviceAccountName to run as. Its token is mounted in the notebook's container alone.
	// Default: the namespace's default account, without a token.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	ServiceAccountName string `json:"serviceAccountName,omitempty"`

	// env are environment variables of the notebook.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=256
	Env []corev1.EnvVar `json:"env,omitempty"`

	// envFrom are ConfigMaps and Secrets whose keys become environment variables of the notebook.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	EnvFrom []corev1.EnvFromSource `json:"envFrom,omitempty"`

	// credentials are names of Secrets in the same namespace whose keys become environment variables of the notebook:
	// short for envFrom with secretRef.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	Credentials []string `json:"credentials,omitempty"`

	// volumes that volumeMounts can mount. Names must not begin with "nbv-".
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:XValidation:rule="self.all(v, !v.name.startsWith('nbv-'))",message="volume names that begin with nbv- are taken by the validator; choose another name"
	Volumes []corev1.Volume `json:"volumes,omitempty"`

	// volumeMounts of the notebook's container. /workspace and the volumes that begin with "nbv-" are taken by the validator.
	// At most 30.
	// +optional
	// +listType=map
	// +listMapKey=mountPath
	// +kubebuilder:validation:MaxItems=30
	// +kubebuilder:validation:XValidation:rule="self.all(m, !m.name.startsWith('nbv-'))",message="volumes whose names begin with nbv- are the validator's own; mount one of podConfig.volumes"
	// +kubebuilder:validation:XValidation:rule="self.all(m, m.mountPath.startsWith('/') && !m.mountPath.contains('//') && !m.mountPath.endsWith('/.') && !m.mountPath.endsWith('/..'))",message="mountPath must be an absolute path without '//', '.' or '..'"
	// +kubebuilder:validation:XValidation:rule="self.all(m, !m.mountPath.contains('/./'))",message="mountPath must be an absolute path without '//', '.' or '..'"
	// +kubebuilder:validation:XValidation:rule="self.all(m, !m.mountPath.contains('/../'))",message="mountPath must be an absolute path without '//', '.' or '..'"
	// +kubebuilder:validation:XValidation:rule="self.all(m, m.mountPath != '/workspace' && !m.mountPath.startsWith('/workspace/'))",message="/workspace is taken by the validator; mount the volume elsewhere"
	VolumeMounts []corev1.VolumeMount `json:"volumeMounts,omitempty"`

	// imagePullSecrets to pull the notebook's image with. The pushSecret of a build is added by itself.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	ImagePullSecrets []corev1.LocalObjectReference `json:"imagePullSecrets,omitempty"`

	// securityContext of the pod; what is not set here stays as the restricted Pod Security Standard asks.
	// +optional
	SecurityContext *corev1.PodSecurityContext `json:"securityContext,omitempty"`

	// tolerations of the pod.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Tolerations []corev1.Toleration `json:"tolerations,omitempty"`

	// nodeSelector of the pod.
	// +optional
	// +kubebuilder:validation:MaxProperties=64
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`

	// affinity of the pod.
	// +optional
	Affinity *corev1.Affinity `json:"affinity,omitempty"`
}

// BuildConfig switches the build of an image on and says how it is done.
type BuildConfig struct {
	// enabled builds the image that the repository's requirements ask for, and runs the notebook in it.
	// Default: false, the notebook runs in containerImage.
	// +optional
	Enabled bool `json:"enabled,omitempty"`

	BuildOptions `json:",inline"`
}

// NotebookValidationJob proves that a Jupyter notebook works: it resolves the commit, builds the environment that the
// repository asks for, runs the notebook in it, and says whether it passed and why.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=nvj;nvjob
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Build",type=string,JSONPath=`.status.buildStatus.phase`
// +kubebuilder:printcolumn:name="Notebook",type=string,JSONPath=`.spec.notebook.path`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.message`,priority=1
type NotebookValidationJob struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says what to validate. A change of it is a new run.
	// +required
	Spec NotebookValidationJobSpec `json:"spec"`

	// status says how far the validation is and what came of it.
	// +optional
	Status NotebookValidationJobStatus `json:"status,omitempty"`
}

// NotebookValidationJobList is a list of NotebookValidationJobs.
// +kubebuilder:object:root=true
type NotebookValidationJobList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []NotebookValidationJob `json:"items"`
}
