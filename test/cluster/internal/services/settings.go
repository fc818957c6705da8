// Package services is what the cluster offers besides Kubernetes, in one background process: the guard of the image
// registry, the git server and the package index.
package services

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/crypto/ssh"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/gitserver"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/pki"
)

// Usernames of the registry and of the private git tree.
const (
	registryUser = "nbv"
	gitUser      = "reader"
)

// Settings are the passwords and keys of the services.
type Settings struct {
	Paths            config.Paths
	RegistryPassword string
	// RegistrySecret is what docker-registry signs its upload sessions with.
	RegistrySecret string
	GitPassword    string
	HostKey        ssh.Signer
	ClientKey      ssh.Signer
	// Authority signed the https certificate; it is not the cluster's own, so that trusting one is not trusting both.
	Authority *pki.Authority
}

// Open makes, or finds, the passwords and keys, and the directories of the repositories.
func Open(paths config.Paths) (*Settings, error) {
	s := &Settings{Paths: paths}
	for name, password := range map[string]*string{
		"registry-password": &s.RegistryPassword, "registry-secret": &s.RegistrySecret, "git-password": &s.GitPassword,
	} {
		var err error
		if *password, err = pki.EnsurePassword(paths.In("services", name)); err != nil {
			return nil, err
		}
	}
	if err := s.openKeys(); err != nil {
		return nil, err
	}
	for _, tree := range []string{gitserver.PublicTree, gitserver.PrivateTree} {
		if err := os.MkdirAll(filepath.Join(paths.Repositories(), tree), 0o755); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Settings) openKeys() (err error) {
	if s.HostKey, err = pki.EnsureSSHKey(s.Paths.In("services", "ssh-host-key"), "git server"); err != nil {
		return err
	}
	if s.ClientKey, err = pki.EnsureSSHKey(s.clientKeyFile(), "git client"); err != nil {
		return err
	}
	if s.Authority, err = pki.OpenAuthority(s.Paths.In("services", "tls"), "ca"); err != nil {
		return err
	}
	return s.Authority.Ensure("git", pki.Subject{CommonName: "git server", Addresses: []string{config.NodeAddress}})
}

func (s *Settings) clientKeyFile() string { return s.Paths.In("services", "ssh-client-key") }

// Registry tells tests about the registry.
func (s *Settings) Registry() clusterenv.Registry {
	return clusterenv.Registry{
		Host: config.RegistryHost(), Username: registryUser, Password: s.RegistryPassword, Insecure: true, PublicPrefix: config.PublicPrefix,
		Alias: config.RegistryAlias,
	}
}

// Git tells tests about the git server.
func (s *Settings) Git() clusterenv.Git {
	plain, secure := "http://"+config.On(config.GitHTTPPort), "https://"+config.On(config.GitHTTPSPort)
	return clusterenv.Git{
		Repositories: s.Paths.Repositories(),
		HTTPPublic:   plain + "/" + gitserver.PublicTree, HTTPPrivate: plain + "/" + gitserver.PrivateTree,
		HTTPSPublic: secure + "/" + gitserver.PublicTree, HTTPSPrivate: secure + "/" + gitserver.PrivateTree,
		Username: gitUser, Password: s.GitPassword, CABundle: s.Authority.PEM(),
		SSH:               "ssh://git@" + config.On(config.GitSSHPort),
		SSHPrivateKeyFile: s.clientKeyFile(),
		KnownHosts:        fmt.Sprintf("[%s]:%d %s", config.NodeAddress, config.GitSSHPort, ssh.MarshalAuthorizedKey(s.HostKey.PublicKey())),
		Daemon:            "git://" + config.On(config.GitDaemonPort),
	}
}

// Index returns the URL of the package index.
func Index() string { return "http://" + config.On(config.IndexPort) + "/simple/" }
