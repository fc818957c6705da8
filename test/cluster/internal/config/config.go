// Package config is the fixed plan of the test cluster: names, addresses, ports and paths.
package config

import (
	"fmt"
	"os"
	"path/filepath"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
)

// Addresses and names. The node's address is one that documentation owns (RFC 5737), so that it can belong to no
// network of the machine; it lives on an interface of its own and nothing depends on the machine's outside interface.
const (
	NodeName      = "nbv-node"
	NodeAddress   = "198.51.100.2"
	NodeInterface = "nbv-node0"
	PodBridge     = "nbv-pods0"
	PodNetwork    = "nbv-pods"
	PodRange      = "10.88.0.0/16"
	BridgeGateway = "10.88.0.1"
	ServiceRange  = "10.96.0.0/16"
	APIService    = "10.96.0.1"
	DNSService    = "10.96.0.10"
	ClusterDomain = "cluster.local"
	CgroupName    = "nbv-cluster"
)

// Ports on the node's address, except for those that say otherwise.
const (
	APIPort         = 6443
	RegistryPort    = 5000
	GitHTTPPort     = 5001
	GitHTTPSPort    = 5002
	IndexPort       = 5003
	GitSSHPort      = 5022
	GitDaemonPort   = 9418
	RegistryBackend = 5010  // on the loopback address, behind the harness' own authentication
	EtcdPort        = 23790 // on the loopback address
	EtcdPeerPort    = 23800 // on the loopback address
)

// Versions of what is built. KubernetesVersion is also what clients are told.
const (
	KubernetesVersion = "v1.34.4"
	KubernetesMajor   = "1"
	KubernetesMinor   = "34"
)

// PublicPrefix is the part of the registry that everybody may pull from.
const PublicPrefix = "library/"

// RegistryAlias is the registry that published manifests name. Nobody owns it (RFC 2606), so nothing real is shadowed.
const RegistryAlias = "registry.example.com"

// CacheVariable is the environment variable that moves the cache directory.
const CacheVariable = "NBV_CLUSTER_CACHE"

// Paths are the two directories of the harness. State belongs to one running cluster and goes with it; Cache holds what
// was built and stays.
type Paths struct {
	State string
	Cache string
}

// DefaultPaths returns the directories, as moved by the environment.
func DefaultPaths() (Paths, error) {
	cache := os.Getenv(CacheVariable)
	if cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return Paths{}, fmt.Errorf("find the cache directory (set %s to choose one): %w", CacheVariable, err)
		}
		cache = filepath.Join(dir, "notebook-validator")
	}
	return absolute(clusterenv.StateDir(), cache)
}

func absolute(state, cache string) (Paths, error) {
	state, err := filepath.Abs(state)
	if err != nil {
		return Paths{}, err
	}
	cache, err = filepath.Abs(cache)
	return Paths{State: state, Cache: cache}, err
}

// In returns a path below the state directory.
func (p Paths) In(parts ...string) string {
	return filepath.Join(append([]string{p.State}, parts...)...)
}

// Kubeconfig returns the administrator's kubeconfig.
func (p Paths) Kubeconfig() string { return p.In("kubeconfig") }

// Repositories returns the directory of the bare git repositories.
func (p Paths) Repositories() string { return p.In("git") }

// ContainerdSocket returns the socket of the node's containerd.
func (p Paths) ContainerdSocket() string { return p.In("run", "containerd", "containerd.sock") }

// On returns the node's address with a port.
func On(port int) string { return fmt.Sprintf("%s:%d", NodeAddress, port) }

// Loopback returns the loopback address with a port.
func Loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// RegistryHost is the first part of every image reference.
func RegistryHost() string { return On(RegistryPort) }

// PublicImage returns the reference of an image that everybody may pull.
func PublicImage(name string) string { return RegistryHost() + "/" + PublicPrefix + name }
