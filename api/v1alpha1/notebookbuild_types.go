package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NotebookBuildSpec is what to build an image from. It cannot be changed: a changed build is another build.
type NotebookBuildSpec struct {
	// git repository and ref to build from.
	// +required
	Git GitSource `json:"git"`

	// notebookPath is the notebook that the image is for, relative to the repository root. Its folder is the first place
	// where requirements are looked for, and a build for a notebook that is not there fails.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.endsWith('.ipynb')",message="notebook path must end in .ipynb"
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/') && !self.split('/').exists(s, s == '..') && !self.matches('[\\\\x00-\\\\x1f\\\\x7f]')",message="notebook path must stay inside the repository: relative to its root, without '..' or control characters"
	NotebookPath string `json:"notebookPath"`

	BuildOptions `json:",inline"`
}

// NotebookBuildStatus is written by the build controller alone.
type NotebookBuildStatus struct {
	// observedGeneration is the generation that this status speaks of. Written by the build controller.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions SourceResolved, EnvironmentResolved, DependencyConflict and Succeeded. Written by the build controller.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// phase for people: Pending, Running, Complete or Failed. Written by the build controller.
	// +optional
	Phase BuildPhase `json:"phase,omitempty"`

	// strategy that was chosen. Written by the build controller.
	// +optional
	Strategy string `json:"strategy,omitempty"`

	// commit that the ref was resolved to, 40 hexadecimal digits. Written by the build controller.
	// +optional
	Commit string `json:"commit,omitempty"`

	// environment says which requirements were found and used. Written by the build controller.
	// +optional
	Environment *Environment `json:"environment,omitempty"`

	// childName is the object of the build system that does the work. Written by the build controller.
	// +optional
	ChildName string `json:"childName,omitempty"`

	// imageReference is the image that was built, as repository@sha256:digest. Written by the build controller.
	// +optional
	ImageReference string `json:"imageReference,omitempty"`

	// reusedFrom is the build whose image this one took over, or waits for; empty for a build of its own. Written by the
	// build controller.
	// +optional
	ReusedFrom string `json:"reusedFrom,omitempty"`

	// retries is how often the operator began the work anew after trouble that may pass; the strategy job also tries again by
	// itself, which its message tells. Written by the build controller.
	// +optional
	Retries int32 `json:"retries,omitempty"`

	// retryTime is when the work is begun anew; set only while that is waited for. Written by the build controller.
	// +optional
	RetryTime *metav1.Time `json:"retryTime,omitempty"`

	// startTime is when the build left the queue and its work began; not set for an image that was reused. Written by the
	// build controller.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`

	// completionTime is when the build was decided. Written by the build controller.
	// +optional
	CompletionTime *metav1.Time `json:"completionTime,omitempty"`
}

// BuildPhase sums up a build for people.
// +kubebuilder:validation:Enum=Pending;Running;Complete;Failed
type BuildPhase string

// Phases of a build.
const (
	BuildPhasePending  BuildPhase = "Pending"
	BuildPhaseRunning  BuildPhase = "Running"
	BuildPhaseComplete BuildPhase = "Complete"
	BuildPhaseFailed   BuildPhase = "Failed"
)

// NotebookBuild builds the image that a notebook asks for: the repository's requirements at one commit, as an image
// with a digest. A NotebookValidationJob makes one for itself; a user may make one who only wants the image.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=nbb
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Commit",type=string,JSONPath=`.status.commit`,priority=1
// +kubebuilder:printcolumn:name="Environment",type=string,JSONPath=`.status.environment.source`
// +kubebuilder:printcolumn:name="Strategy",type=string,JSONPath=`.status.strategy`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Succeeded")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Image",type=string,JSONPath=`.status.imageReference`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Succeeded")].message`,priority=1
type NotebookBuild struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says what to build. It cannot be changed.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the spec of a NotebookBuild cannot be changed; create another NotebookBuild"
	Spec NotebookBuildSpec `json:"spec"`

	// status says what became of it.
	// +optional
	Status NotebookBuildStatus `json:"status,omitempty"`
}

// NotebookBuildList is a list of NotebookBuilds.
// +kubebuilder:object:root=true
type NotebookBuildList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []NotebookBuild `json:"items"`
}
