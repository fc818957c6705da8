// Package kit is what the end-to-end tests and the demonstration have in common: it puts the operator into a cluster the
// way a user would, makes git repositories and namespaces, and watches what becomes of a job.
//
// The cluster is the one of test/cluster, which says by itself where everything is. Another cluster is used with three
// environment variables:
//
//	KUBECONFIG     the cluster
//	NBV_E2E_ENV    a JSON file of the form that `go run ./test/cluster env` prints: registry, images, git server and package
//	               index; kubeconfig in it is ignored, and git.repositories is a directory of this machine that the git
//	               server serves
//	NBV_E2E_IMAGE  the operator's image, pushed to where the cluster pulls from, best by digest
package kit
