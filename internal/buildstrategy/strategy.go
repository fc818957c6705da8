package buildstrategy

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Strategy is one way to build an image in a cluster.
type Strategy interface {
	// Name is the value of spec.podConfig.buildConfig.strategy that chooses this strategy.
	Name() string
	// NewChild returns an empty object of the child's kind, to get and to watch.
	NewChild() client.Object
	// Child returns the object that builds the inputs, without owner reference. The same inputs give the same object.
	// An error means that these inputs can never be built.
	Child(in Inputs) (client.Object, error)
	// Ended tells whether the child will not change any more; its pods are then read from the API server itself.
	Ended(child client.Object) bool
	// Outcome reads the child's status. pods are the pods that the child owns; refused is what the cluster said when it
	// refused to create one, empty if it did not.
	Outcome(child client.Object, pods []corev1.Pod, refused string) Outcome
}

// Inputs is all that a build depends on.
type Inputs struct {
	// Name and Namespace are the child's.
	Name, Namespace string
	// Labels are put on the child and on its pods.
	Labels map[string]string
	// Source is the repository at one commit.
	Source Source
	// NotebookPath is the notebook that the commit has to have.
	NotebookPath string
	// BaseImage is the image that a generated Dockerfile starts from; empty with DockerfilePath.
	BaseImage string
	// DockerfileConfigMap and DockerfileKey hold the generated Dockerfile.
	DockerfileConfigMap, DockerfileKey string
	// DockerfilePath is the repository's own Dockerfile, relative to its root; empty with DockerfileConfigMap.
	DockerfilePath string
	// Image is the reference with a tag that the image is pushed to.
	Image string
	// Registry says how to reach the registries.
	Registry Registry
	// BuilderImage has buildah.
	BuilderImage string
	// OperatorImage has this program, which fetches the source and drives buildah.
	OperatorImage string
	// Privileged runs the builder as a privileged container, where the node forbids the usual way.
	Privileged bool
	// Resources are those of the build.
	Resources corev1.ResourceRequirements
	// Timeout bounds the whole build.
	Timeout time.Duration
}

// Source is a repository at one commit.
type Source struct {
	// URL is the address of the repository.
	URL string
	// Ref is what the user asked for; some servers give out a commit only through it.
	Ref string
	// Commit is the full commit.
	Commit string
	// CredentialsSecret names the Secret with the credentials; empty for none.
	CredentialsSecret string
	// InsecureIgnoreHostKey lets an ssh server go unchecked.
	InsecureIgnoreHostKey bool
}

// Registry says how to reach the registries.
type Registry struct {
	// PushSecret names a Secret of type kubernetes.io/dockerconfigjson, for the push and for the pull of the base image.
	PushSecret string
	// Insecure allows plain http and unknown certificates for the registry of the built image.
	Insecure bool
}

// Phase is how far a build is.
type Phase string

const (
	// Running is a build that is not decided.
	Running Phase = "Running"
	// Succeeded is a build whose image has been pushed.
	Succeeded Phase = "Succeeded"
	// Failed is a build that ended without an image.
	Failed Phase = "Failed"
)

// Outcome is what a child's status means.
type Outcome struct {
	// Phase is how far the build is.
	Phase Phase
	// Image is the pushed image as repository@sha256:digest; only with Succeeded.
	Image string
	// Reason is why the build failed; only with Failed.
	Reason Reason
	// Message says what is going on, or why the build failed and what to do.
	Message string
	// Cancel is set with Failed for a child that would go on by itself; it is deleted.
	Cancel bool
}
