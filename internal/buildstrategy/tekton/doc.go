// Package tekton builds images with a PipelineRun of Tekton Pipelines.
//
// The PipelineRun brings its pipeline along: one task with the containers of package buildpod as its steps. Nothing has to
// be installed but Tekton itself, and no step has a script. The image is read from the results IMAGE_URL and IMAGE_DIGEST,
// which the build leaves once the registry has confirmed the push; a failed step leaves a reason and a sentence as results
// of its TaskRun. Tekton tries nothing again, so that the operator does: an outcome of trouble that may pass is Temporary.
package tekton
