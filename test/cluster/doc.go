// Command cluster runs a real Kubernetes on one Linux machine, with an image registry, a git server and a Python package
// index beside it, all built from the Go module proxy and Debian packages and closed off from every network.
//
//	go run ./test/cluster up             bring it up, or repair it, and print the kubeconfig's path
//	go run ./test/cluster down           remove every trace of it; what was built stays cached
//	go run ./test/cluster env            print what it consists of as JSON (package clusterenv reads the same)
//	go run ./test/cluster assets         build an API server, etcd and kubectl and print their directory
//	go run ./test/cluster opm            build opm and print its path
//	go run ./test/cluster prereqs        install the Debian packages that a node needs
//	go run ./test/cluster load-operator  build the operator's image from its Dockerfile, or another one, and push it
//	go run ./test/cluster install NAME   install tekton, shipwright or olm, whose programs "up" has built
//	go run ./test/cluster remove NAME    remove it again, its kinds and all their objects included
//
// With KUBECONFIG set, "up" leaves everything as it is: that cluster is used instead.
package main
