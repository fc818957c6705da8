// Package kubejob builds images with nothing but a Kubernetes Job and buildah.
//
// The Job's pod is a line of two containers, each with only what it needs: fetch (the operator's image, unprivileged, the
// only one that sees the Git secret) brings the commit, and build (the builder's image, the only one that sees the push
// secret) runs buildah on it. An evicted or preempted pod is tried again and not counted; a temporary failure is counted;
// any other failure ends the Job at once.
package kubejob
