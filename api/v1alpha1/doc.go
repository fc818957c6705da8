// Package v1alpha1 holds the API of the notebook validator: NotebookValidationJob, which proves that a Jupyter
// notebook works, and NotebookBuild, which builds the image that the notebook asks for.
//
// The types are the contract with users: every field says what it is for, its default and its bounds, and every
// status field says which controller writes it. The protocol between the controllers (conditions and their
// reasons) is in conditions.go.
//
// +kubebuilder:object:generate=true
// +groupName=mlops.mlops.dev
package v1alpha1
