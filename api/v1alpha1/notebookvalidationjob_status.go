package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

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

	// comparisonResult is what came of the comparison with goldenNotebook; absent without one. Written by the validation
	// controller.
	// +optional
	ComparisonResult *ComparisonResult `json:"comparisonResult,omitempty"`

	// educationalFeedback are the findings of the validation, the most severe first: at most 50 and 64 KiB; all of them are
	// in the report. Written by the validation controller.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	EducationalFeedback []Finding `json:"educationalFeedback,omitempty"`
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
	// level that was applied.
	// +optional
	Level ValidationLevel `json:"level,omitempty"`
	// failures is the number of findings that fail at that level.
	// +optional
	Failures int32 `json:"failures,omitempty"`
	// warnings is the number of findings that warn at that level.
	// +optional
	Warnings int32 `json:"warnings,omitempty"`
	// observed is false where values could not be watched while the notebook ran, as with kernels of other languages: then
	// nothing is known of silent failures. Absent where the notebook did not run.
	// +optional
	Observed *bool `json:"observed,omitempty"`
	// artifactsPath is the folder of spec.artifacts.persistentVolumeClaim that the files were written to.
	// +optional
	ArtifactsPath string `json:"artifactsPath,omitempty"`
	// reportConfigMap holds report.json, report.html, junit.xml, requirements.lock and, where it fits, executed.ipynb.
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
