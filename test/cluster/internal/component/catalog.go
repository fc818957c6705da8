package component

import "mlops.dev/notebook-validator-operator/test/cluster/internal/config"

// Kubernetes is every program of the control plane and the node, and kubectl, in one binary.
var Kubernetes = Component{
	Name:  "kubernetes",
	Takes: "four to seven minutes",
	Links: []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubectl", "kubelet"},
	// Without the stamp clients would see version v0.0.0 and refuse features.
	LinkerFlags: "-X k8s.io/component-base/version.gitVersion=" + config.KubernetesVersion +
		" -X k8s.io/component-base/version.gitMajor=" + config.KubernetesMajor +
		" -X k8s.io/component-base/version.gitMinor=" + config.KubernetesMinor,
}

// CoreDNS is the cluster's name server.
var CoreDNS = Component{Name: "coredns", Takes: "one to two minutes"}

// Pause is the program of the container that holds a pod's namespaces.
var Pause = Component{Name: "pause", Takes: "a few seconds"}

// Tekton is every program of Tekton Pipelines but its resolvers.
var Tekton = Component{Name: "tekton", Tools: true, Takes: "three to five minutes"}

// Shipwright is every program of Shipwright Build but its conversion webhook.
var Shipwright = Component{Name: "shipwright", Tools: true, Takes: "two to three minutes"}

// OLM is the two operators of the Operator Lifecycle Manager and what they copy into their pods, without its package server.
var OLM = Component{Name: "olm", Tools: true, Takes: "two to four minutes"}

// Opm is the program opm, which checks and serves catalogs, and the one that asks it whether it serves. Its tags leave out
// what needs a C compiler.
var Opm = Component{
	Name: "opm", Tools: true, Takes: "two to three minutes",
	Tags: "containers_image_openpgp,exclude_graphdriver_btrfs,exclude_graphdriver_devicemapper,json1",
}
