// Package kubejob builds images with nothing but a Kubernetes Job and buildah.
//
// The Job's pod is the containers of package buildpod in a line: fetch as init container, build as container. An evicted
// or preempted pod is tried again and not counted; a temporary failure is counted, and so is a pod that its node did not
// let run; any other failure ends the Job at once. Where what ended it tells nothing about the build, as when the node
// restarts, the operator makes another Job.
package kubejob
