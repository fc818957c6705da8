// Package shipwright builds images with Shipwright: one BuildRun with the build in it, of a ClusterBuildStrategy that
// config/shipwright installs.
//
// The strategy has the two steps of every build, fetch and build, with the same programs and arguments as everywhere. The
// BuildRun gives it the images and arguments as parameters, the Secrets as volumes and the Dockerfile as a parameter that
// refers to the ConfigMap: Shipwright would look for a ConfigMap's volume in a cache that it may not watch, and fail
// builds whose ConfigMap is newer than that.
//
// Shipwright itself fetches nothing and pushes nothing. It would mount the secrets of a source or an output into every
// step, and add the push secret to the namespace's service account for good.
package shipwright
