// Package crd carries the definitions of the API's objects, so that a program without a cluster can hold settings against
// the very rules that an API server applies.
package crd

import _ "embed"

// NotebookValidationJobs is the CustomResourceDefinition of NotebookValidationJob, as YAML.
//
//go:embed bases/mlops.mlops.dev_notebookvalidationjobs.yaml
var NotebookValidationJobs []byte
