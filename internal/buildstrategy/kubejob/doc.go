// Package kubejob builds images with nothing but a Kubernetes Job and buildah.
//
// The Job's pod is the containers of package buildpod in a line: fetch as init container, build as container. An evicted
// or preempted pod is tried again and not counted; a temporary failure is counted; any other failure ends the Job at once.
package kubejob
