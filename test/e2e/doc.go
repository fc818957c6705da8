// Package e2e shows that the operator does on a real cluster what it promises: every test applies jobs the way a user
// does, to an operator that runs in the cluster as config/default says, with its own rights, and looks at what is there in
// the end and at every step on the way.
//
// The cluster is the one that `go run ./test/cluster up` made. How another one is used is said in package test/kit; the
// test that kills the operator needs a node on this machine.
package e2e
