package clusterenv

import (
	"encoding/base64"
	"encoding/json"
)

// Env is everything a test needs to know about a running test cluster.
type Env struct {
	// Kubeconfig is the path of the cluster administrator's kubeconfig.
	Kubeconfig string `json:"kubeconfig"`
	// Kubectl is the path of a kubectl of the cluster's own version.
	Kubectl string `json:"kubectl"`
	// State is the directory that holds everything the running cluster writes, logs included.
	State string `json:"state"`
	// Node is the one node.
	Node Node `json:"node"`
	// Registry is the image registry.
	Registry Registry `json:"registry"`
	// Images are the images that the harness made and pushed.
	Images Images `json:"images"`
	// Git is the git server.
	Git Git `json:"git"`
	// PackageIndex is the URL of the Python package index ("simple" API).
	PackageIndex string `json:"packageIndex"`
	// Optional are the systems that "go run ./test/cluster install NAME" adds to the cluster and "remove NAME" takes away.
	Optional []Optional `json:"optional"`
}

// Optional is a system that can be installed. That it is listed does not say that it is installed.
type Optional struct {
	// Name is what the commands call it: "tekton", "shipwright" or "olm".
	Name string `json:"name"`
	// Namespace is where its programs run once it is installed.
	Namespace string `json:"namespace"`
	// Version is the one of the module that its programs and manifests are from.
	Version string `json:"version"`
	// Images are the references by digest of its programs' images, by program.
	Images map[string]string `json:"images"`
}

// Node names the one node and its addresses.
type Node struct {
	Name string `json:"name"`
	// Address is the node's own address; every service of the harness listens on it.
	Address string `json:"address"`
	// BridgeGateway is the node's address on the pod network.
	BridgeGateway string `json:"bridgeGateway"`
}

// Registry is an image registry over plain http. Everybody may pull below PublicPrefix; all else needs the credentials.
type Registry struct {
	// Host is host:port, the first part of an image reference.
	Host     string `json:"host"`
	Username string `json:"username"`
	Password string `json:"password"`
	// Insecure is true: clients have to be told that the registry speaks plain http.
	Insecure bool `json:"insecure"`
	// PublicPrefix is the repository prefix that is pulled without credentials.
	PublicPrefix string `json:"publicPrefix"`
	// Alias is the host of another registry. The node, and it alone, pulls what has its name from below PublicPrefix, so that
	// manifests can be used as they are published.
	Alias string `json:"alias"`
}

// Images are image references by digest, except for the tags that say so.
type Images struct {
	// NotebookBase has Python, nbclient and ipykernel, and a pip that knows the package index.
	NotebookBase string `json:"notebookBase"`
	// NotebookBaseTag is the same image by its tag.
	NotebookBaseTag string `json:"notebookBaseTag"`
	// Builder has buildah.
	Builder string `json:"builder"`
	// BuilderTag is the same image by its tag.
	BuilderTag string `json:"builderTag"`
	// Opm has the program opm, and is what images of catalogs are made on top of.
	Opm string `json:"opm"`
	// Pause waits to be stopped.
	Pause string `json:"pause"`
}

// Git is a git server with a public and a private tree of bare repositories. A repository made below
// Repositories/public is served by HTTPPublic, HTTPSPublic and Daemon; below Repositories/private by HTTPPrivate and
// HTTPSPrivate with the credentials; SSH serves both trees. Partial clones work everywhere but below a folder "nofilter".
type Git struct {
	// Repositories is the directory that holds the trees "public" and "private".
	Repositories string `json:"repositories"`
	HTTPPublic   string `json:"httpPublic"`
	HTTPPrivate  string `json:"httpPrivate"`
	HTTPSPublic  string `json:"httpsPublic"`
	HTTPSPrivate string `json:"httpsPrivate"`
	// Username and Password open the private tree.
	Username string `json:"username"`
	Password string `json:"password"`
	// CABundle is the PEM certificate of the authority that signed the https certificate.
	CABundle string `json:"caBundle"`
	// SSH is the base URL over ssh; "private/name.git" or "public/name.git" follows.
	SSH string `json:"ssh"`
	// SSHPrivateKeyFile is the client key that the ssh server accepts, in OpenSSH form.
	SSHPrivateKeyFile string `json:"sshPrivateKeyFile"`
	// KnownHosts is the known_hosts line of the ssh server.
	KnownHosts string `json:"knownHosts"`
	// Daemon is the base URL of the public tree over the git protocol.
	Daemon string `json:"daemon"`
}

// DockerConfig returns the content of a docker config.json, or of a Secret of type kubernetes.io/dockerconfigjson, that
// opens the registry.
func (r Registry) DockerConfig() []byte {
	login := base64.StdEncoding.EncodeToString([]byte(r.Username + ":" + r.Password))
	content, err := json.Marshal(map[string]any{"auths": map[string]any{r.Host: map[string]string{"auth": login}}})
	if err != nil {
		panic(err) // strings in maps can always be encoded
	}
	return content
}
