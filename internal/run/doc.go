// Package run is the run of a notebook: the Kubernetes Job that executes it, and what that Job's status means.
//
// The pod is a line of containers, each with only what it needs. fetch brings the commit and is the only one that sees
// the Git credentials. execute is the user's image and has neither them nor, unless the user names a service account, a
// token. report judges what execute left, in the operator's image, against a copy of the notebook that execute never
// saw.
package run
