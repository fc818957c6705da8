// Package buildpod is what the build strategies that run this program in a pod have in common: the containers fetch and
// build, where things lie in them, what each of them may see and do, and what their ends mean.
//
// Each container has only what it needs: fetch (the operator's image, restricted, the only one that sees the Git secret)
// brings the commit and this program, and build (the builder's image, the only one that sees the push secret) runs buildah
// on it. Strategies put the two into whatever their build system wants: a Job's pod, or the steps of a Task.
package buildpod
