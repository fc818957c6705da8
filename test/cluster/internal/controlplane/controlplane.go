// Package controlplane is the part of the cluster that decides: etcd, the API server, the controllers and the scheduler,
// with their certificates.
package controlplane

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/pki"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/process"
)

// Plane is the control plane of one state directory.
type Plane struct {
	Paths config.Paths
	// Bin is the directory of the Kubernetes programs.
	Bin string
	// Authority signs everybody's certificate.
	Authority *pki.Authority
	// front signs the certificate with which the API server introduces users to extension API servers.
	front *pki.Authority
}

// server is where everybody reaches the API server.
func server() string { return "https://" + config.On(config.APIPort) }

// identities are the clients and servers that get a certificate. The organizations are those that the API server's
// built-in roles are bound to.
func identities() map[string]pki.Subject {
	return map[string]pki.Subject{
		"admin":                   {CommonName: "notebook-validator-admin", Organizations: []string{"system:masters"}},
		"kube-controller-manager": {CommonName: "system:kube-controller-manager"},
		"kube-scheduler":          {CommonName: "system:kube-scheduler"},
		"kube-proxy":              {CommonName: "system:kube-proxy"},
		"apiserver-kubelet":       {CommonName: "notebook-validator-apiserver"},
		"apiserver": {
			CommonName: "kube-apiserver", Addresses: []string{config.NodeAddress, config.APIService, "127.0.0.1"},
			Names: []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc." + config.ClusterDomain},
		},
		"kubelet": {
			CommonName: "system:node:" + config.NodeName, Organizations: []string{"system:nodes"},
			Addresses: []string{config.NodeAddress}, Names: []string{config.NodeName},
		},
	}
}

// Open makes, or finds, the certificates and the kubeconfigs.
func Open(paths config.Paths, bin string) (*Plane, error) {
	authority, err := pki.OpenAuthority(paths.In("pki"), "ca")
	if err != nil {
		return nil, err
	}
	front, err := pki.OpenAuthority(paths.In("pki", "front-proxy"), "ca")
	if err != nil {
		return nil, err
	}
	p := &Plane{Paths: paths, Bin: bin, Authority: authority, front: front}
	return p, p.certify()
}

func (p *Plane) certify() error {
	for name, subject := range identities() {
		if err := p.Authority.Ensure(name, subject); err != nil {
			return err
		}
	}
	if err := p.front.Ensure("client", pki.Subject{CommonName: "front-proxy-client"}); err != nil {
		return err
	}
	if err := pki.EnsureKey(p.serviceAccountKey()); err != nil {
		return err
	}
	for _, name := range []string{"kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet"} {
		if err := p.Authority.WriteKubeconfig(p.ClientConfig(name), server(), name); err != nil {
			return err
		}
	}
	return p.Authority.WriteKubeconfig(p.Paths.Kubeconfig(), server(), "admin")
}

// ClientConfig returns the kubeconfig of a component.
func (p *Plane) ClientConfig(name string) string {
	return p.Paths.In("pki", name+".kubeconfig")
}

func (p *Plane) serviceAccountKey() string { return p.Paths.In("pki", "service-account.key") }

func (p *Plane) program(name string) string { return filepath.Join(p.Bin, name) }

// Start brings the four programs up, each as soon as what it needs is there.
func (p *Plane) Start(table process.Table) error {
	for _, spec := range []process.Spec{p.etcd(), p.apiserver(), p.controllerManager(), p.scheduler()} {
		if err := table.Ensure(spec); err != nil {
			return err
		}
	}
	return nil
}

// Kubectl runs kubectl as the administrator with a text on standard input and returns what it printed.
func (p *Plane) Kubectl(input string, args ...string) (string, error) {
	command := exec.Command(p.program("kubectl"), append([]string{"--kubeconfig", p.Paths.Kubeconfig()}, args...)...)
	command.Stdin = strings.NewReader(input)
	output, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(output)))
	}
	return string(output), nil
}
