package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
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

	// rerun is any text; changing it runs an unchanged spec again, at what the ref points to now. Default: empty.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Rerun string `json:"rerun,omitempty"`
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

// NotebookValidationJobStatus says how far the validation is and what came of it. Each field has one writer.
type NotebookValidationJobStatus struct {
	// observedGeneration is the generation that phase and message speak of. Written by the aggregate controller.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// phase for people: Initializing, Building, BuildComplete, ValidationRunning, Succeeded or Failed. It never goes
	// back within a generation. Written by the aggregate controller.
	// +optional
	Phase Phase `json:"phase,omitempty"`

	// message says in a sentence where the job stands, or why it ended as it did. Written by the aggregate controller.
	// +optional
	Message string `json:"message,omitempty"`

	// conditions BuildReady, DependencyConflict and Succeeded are written by the aggregate controller, Validated by the
	// validation controller. Unknown means not decided yet, False is final for the generation.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// startTime is when work on this generation began. Written by the aggregate controller.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`

	// completionTime is when this generation was decided. Written by the aggregate controller.
	// +optional
	CompletionTime *metav1.Time `json:"completionTime,omitempty"`

	// buildStatus sums up the build; absent where no build is enabled. Written by the aggregate controller.
	// +optional
	BuildStatus *BuildStatus `json:"buildStatus,omitempty"`

	// environment says which requirements the image was built from. Written by the aggregate controller.
	// +optional
	Environment *Environment `json:"environment,omitempty"`

	// validation sums up the run. Written by the validation controller.
	// +optional
	Validation *ValidationStatus `json:"validation,omitempty"`

	// results of the notebook's code cells, in the order of the notebook: at most 100 cells and 128 KiB; all of them are
	// in the report. Written by the validation controller.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Results []CellResult `json:"results,omitempty"`
}

// Phase sums up a job for people; controllers read conditions.
// +kubebuilder:validation:Enum=Initializing;Building;BuildComplete;ValidationRunning;Succeeded;Failed
type Phase string

// Phases of a job, in the order in which they pass.
const (
	PhaseInitializing      Phase = "Initializing"
	PhaseBuilding          Phase = "Building"
	PhaseBuildComplete     Phase = "BuildComplete"
	PhaseValidationRunning Phase = "ValidationRunning"
	PhaseSucceeded         Phase = "Succeeded"
	PhaseFailed            Phase = "Failed"
)

// BuildStatus is what a job shows of its NotebookBuild.
type BuildStatus struct {
	// phase of the build: Pending, Running, Complete or Failed.
	// +optional
	Phase BuildPhase `json:"phase,omitempty"`
	// message says where the build stands, or why it failed.
	// +optional
	Message string `json:"message,omitempty"`
	// imageReference is the image that was built, as repository@sha256:digest.
	// +optional
	ImageReference string `json:"imageReference,omitempty"`
	// commit that was built, 40 hexadecimal digits.
	// +optional
	Commit string `json:"commit,omitempty"`
	// startTime is when the build began.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`
	// completionTime is when the build was decided.
	// +optional
	CompletionTime *metav1.Time `json:"completionTime,omitempty"`
	// duration from startTime to completionTime.
	// +optional
	Duration *metav1.Duration `json:"duration,omitempty"`
	// buildName is the NotebookBuild in the same namespace.
	// +optional
	BuildName string `json:"buildName,omitempty"`
	// strategy that did the work.
	// +optional
	Strategy string `json:"strategy,omitempty"`
}

// ValidationStatus is what a job shows of its run.
type ValidationStatus struct {
	// runName is the Kubernetes Job that runs the notebook.
	// +optional
	RunName string `json:"runName,omitempty"`
	// image that the notebook ran in.
	// +optional
	Image string `json:"image,omitempty"`
	// commit that was validated, 40 hexadecimal digits.
	// +optional
	Commit string `json:"commit,omitempty"`
	// reportConfigMap holds report.json, junit.xml and requirements.lock.
	// +optional
	ReportConfigMap string `json:"reportConfigMap,omitempty"`
	// requirementsLockHash is the SHA-256 of requirements.lock without its first line, which is a comment; the others list
	// every Python package of the image with its version, as pip freeze does. 64 hexadecimal digits, written by the
	// validation controller; empty where the packages are not known. Two runs with the same hash had the same packages.
	// +optional
	RequirementsLockHash string `json:"requirementsLockHash,omitempty"`
	// cells is the number of code cells of the notebook.
	// +optional
	Cells int32 `json:"cells,omitempty"`
	// passedCells is how many of them ran without an error.
	// +optional
	PassedCells int32 `json:"passedCells,omitempty"`
	// failedCell is the index of the cell that failed, counted over all cells of the notebook from 0.
	// +optional
	FailedCell *int32 `json:"failedCell,omitempty"`
	// omittedResults is how many of the notebook's code cells are not in results.
	// +optional
	OmittedResults int32 `json:"omittedResults,omitempty"`
	// duration of the execution of the notebook.
	// +optional
	Duration *metav1.Duration `json:"duration,omitempty"`
}

// CellResult is what came of one code cell.
type CellResult struct {
	// cellIndex counts over all cells of the notebook from 0.
	// +required
	CellIndex int32 `json:"cellIndex"`
	// cellID is the cell's id (nbformat 4.5), where it has one.
	// +optional
	CellID string `json:"cellID,omitempty"`
	// status is Success, Failure, or Skipped for a cell that did not run.
	// +required
	Status CellStatus `json:"status"`
	// executionTime of the cell, for example 413ms.
	// +optional
	ExecutionTime *metav1.Duration `json:"executionTime,omitempty"`
	// output is the beginning of the text that the cell printed or displayed, at most 1 KiB.
	// +optional
	Output string `json:"output,omitempty"`
	// errorName is the class of the exception, for example ModuleNotFoundError.
	// +optional
	ErrorName string `json:"errorName,omitempty"`
	// errorMessage is the text of the exception, or why the cell did not end.
	// +optional
	ErrorMessage string `json:"errorMessage,omitempty"`
	// traceback of the exception without colours, at most 4 KiB.
	// +optional
	Traceback string `json:"traceback,omitempty"`
}

// CellStatus is the verdict on one cell.
// +kubebuilder:validation:Enum=Success;Failure;Skipped
type CellStatus string

// Verdicts on a cell.
const (
	CellSuccess CellStatus = "Success"
	CellFailure CellStatus = "Failure"
	CellSkipped CellStatus = "Skipped"
)

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
