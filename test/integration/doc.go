// Package integration tests the operator against a real kube-apiserver and etcd, and the Job, garbage collection, quota and
// namespace controllers of a real kube-controller-manager: what server-side apply merges, what admission refuses, what a
// quota answers and what a deletion takes along is theirs to say, and every fake says something else. The fake client, for
// one, treats a list of conditions as one field.
//
// Only the node is played: see node. The operator runs as in a cluster, as the user of its service account with the rights
// that config/rbac gives it, in a real manager that each test keeps to its own namespaces.
//
// The tests wait for what they watch and never for a time; only the quiet after the end is measured in seconds.
package integration
