// Package clusterenv tells tests what the test cluster consists of and how to reach each part of it.
//
// The harness writes it as cluster.json when the cluster is up; a test reads it with Load. Every address in it means the
// same thing to a pod, to the node and to a process on the machine.
package clusterenv
