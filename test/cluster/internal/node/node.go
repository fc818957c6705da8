// Package node is the part of the cluster that runs pods: containerd, the kubelet and kube-proxy, all with directories and
// configuration of their own so that nothing of the machine's is touched.
package node

import (
	_ "embed"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/controlplane"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/process"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/textfile"
)

//go:embed containerd.toml.tmpl
var containerdConfig string

//go:embed kubelet.yaml.tmpl
var kubeletConfig string

//go:embed kube-proxy.yaml.tmpl
var proxyConfig string

//go:embed network.conflist.tmpl
var networkConfig string

//go:embed hosts.toml.tmpl
var hostsConfig string

//go:embed alias.toml.tmpl
var aliasConfig string

// Node is the one node.
type Node struct {
	Paths config.Paths
	Plane *controlplane.Plane
	// Bin is the directory of the Kubernetes programs.
	Bin string
	// PauseImage holds a pod's namespaces.
	PauseImage string
}

// values are what the configuration files are filled with.
func (n Node) values() map[string]string {
	return map[string]string{
		"State": n.Paths.State, "Socket": n.Paths.ContainerdSocket(), "PauseImage": n.PauseImage,
		"NodeName": config.NodeName, "NodeAddress": config.NodeAddress, "Registry": config.RegistryHost(),
		"Public":   config.RegistryHost() + "/v2/" + strings.TrimSuffix(config.PublicPrefix, "/"),
		"PodRange": config.PodRange, "PodBridge": config.PodBridge, "PodNetwork": config.PodNetwork,
		"DNSService": config.DNSService, "ClusterDomain": config.ClusterDomain, "CgroupRoot": "/" + config.CgroupName,
		"ClientCA": n.Plane.Authority.CertFile("ca"), "ProxyClient": n.Plane.ClientConfig("kube-proxy"),
		"KubeletCert": n.Plane.Authority.CertFile("kubelet"), "KubeletKey": n.Plane.Authority.KeyFile("kubelet"),
	}
}

func (n Node) config(name string) string { return n.Paths.In("config", name) }

// configure writes every configuration file.
func (n Node) configure() error {
	files := map[string]string{
		n.config("containerd.toml"):                                                containerdConfig,
		n.config("kubelet.yaml"):                                                   kubeletConfig,
		n.config("kube-proxy.yaml"):                                                proxyConfig,
		n.config(filepath.Join("cni", "10-pods.conflist")):                         networkConfig,
		n.config(filepath.Join("registries", config.RegistryHost(), "hosts.toml")): hostsConfig,
		n.config(filepath.Join("registries", config.RegistryAlias, "hosts.toml")):  aliasConfig,
	}
	for path, text := range files {
		if err := fill(path, text, n.values()); err != nil {
			return err
		}
	}
	return nil
}

func fill(path, text string, values map[string]string) error {
	parsed, err := template.New(filepath.Base(path)).Option("missingkey=error").Parse(text)
	if err != nil {
		return err
	}
	var content strings.Builder
	if err := parsed.Execute(&content, values); err != nil {
		return err
	}
	return textfile.Write(path, []byte(content.String()), 0o644)
}

// Start writes the configuration and brings the three programs up.
func (n Node) Start(table process.Table) error {
	if err := n.configure(); err != nil {
		return err
	}
	for _, spec := range []process.Spec{n.containerd(), n.kubelet(), n.proxy()} {
		if err := table.Ensure(spec); err != nil {
			return err
		}
	}
	return nil
}

func (n Node) containerd() process.Spec {
	return process.Spec{
		Name:  "containerd",
		Args:  []string{"containerd", "--config", n.config("containerd.toml")},
		Reads: []string{n.config("containerd.toml")},
		Ready: func() error { return runtimeAnswers(n.Paths.ContainerdSocket()) },
		// After a crash it first looks through everything that it ran before.
		Patience: time.Minute,
	}
}

func (n Node) kubelet() process.Spec {
	return process.Spec{
		Name: "kubelet",
		Args: []string{
			filepath.Join(n.Bin, "kubelet"), "--config=" + n.config("kubelet.yaml"), "--kubeconfig=" + n.Plane.ClientConfig("kubelet"),
			"--root-dir=" + n.Paths.In("kubelet"), "--cert-dir=" + n.Paths.In("kubelet", "pki"),
			"--hostname-override=" + config.NodeName, "--node-ip=" + config.NodeAddress,
		},
		Reads:    []string{n.config("kubelet.yaml"), n.Plane.ClientConfig("kubelet")},
		Ready:    func() error { return process.HTTPOK("http://127.0.0.1:10248/healthz", process.Plain()) },
		Patience: time.Minute,
	}
}

func (n Node) proxy() process.Spec {
	return process.Spec{
		Name:  "kube-proxy",
		Args:  []string{filepath.Join(n.Bin, "kube-proxy"), "--config=" + n.config("kube-proxy.yaml")},
		Reads: []string{n.config("kube-proxy.yaml"), n.Plane.ClientConfig("kube-proxy")},
		Ready: func() error { return process.HTTPOK("http://127.0.0.1:10256/livez", process.Plain()) },
	}
}
