package buildstrategy

import (
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Strategy is one way to build an image in a cluster.
type Strategy interface {
	// Name is the value of spec.podConfig.buildConfig.strategy that chooses this strategy.
	Name() string
	// Kind is the kind of the child; a cluster that serves it offers this strategy.
	Kind() schema.GroupVersionKind
	// NewChild returns an empty object of the child's kind, to get and to watch.
	NewChild() client.Object
	// NewParts returns an empty list of the kind of objects that the build system makes of the child and that tell more
	// than the child does, to list and to watch; nil for none.
	NewParts() client.ObjectList
	// Selector is the labels by which the child's parts and pods are found; nil where none are read. They name the uid of
	// the child, so that no other incarnation's are found.
	Selector(child client.Object) map[string]string
	// Companions are objects that have to be there before the child, without owner reference; they are applied.
	Companions(in Inputs) []client.Object
	// Child returns the object that builds the inputs, without owner reference. The same inputs give the same object.
	// An error means that these inputs can never be built; ErrNoRegistry that nobody says where the image goes.
	Child(in Inputs) (client.Object, error)
	// Ended tells whether the child will not change any more; its pods are then read from the API server itself.
	Ended(child client.Object) bool
	// Outcome tells what the child's status means.
	Outcome(seen Seen) Outcome
}

// ErrNoRegistry is returned by Child for a strategy that cannot build without a place to push to.
var ErrNoRegistry = errors.New("neither the build nor the operator says where images go. Set buildConfig.registry.repository, " +
	"or start the operator with --registry")

// Seen is everything that is known of a child.
type Seen struct {
	// Child is the object itself.
	Child client.Object
	// Parts are the objects of the kind of NewParts that belong to the child.
	Parts []client.Object
	// Pods of the child. Before the child has ended they are those that carry the operator's label.
	Pods []corev1.Pod
	// Refused is what the cluster said when it refused to create a pod of a child that is a Job; empty if it did not.
	Refused string
}

// Inputs is all that a build depends on.
type Inputs struct {
	// Name and Namespace are the child's.
	Name, Namespace string
	// Labels and Annotations are put on the child and on its pods.
	Labels, Annotations map[string]string
	// Source is the repository at one commit.
	Source Source
	// NotebookPath is the notebook that the commit has to have.
	NotebookPath string
	// BaseImage is the image that a generated Dockerfile starts from, by digest; empty with DockerfilePath.
	BaseImage string
	// DockerfileConfigMap and DockerfileKey hold the text that is built: the generated Dockerfile, or the repository's own.
	DockerfileConfigMap, DockerfileKey string
	// DockerfileText is that text, for build systems that take it inline.
	DockerfileText string
	// DockerfilePath is the repository's own Dockerfile, relative to its root; empty for a generated one.
	DockerfilePath string
	// ContextDir is the directory of the repository that COPY takes from, relative to its root; "." for the root.
	ContextDir string
	// Image is the reference with a tag that the image is pushed to; empty where nobody says where images go.
	Image string
	// ImageLabels are put on the image, sorted by name.
	ImageLabels []ImageLabel
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
	// ServiceAccountName of the build's pod; empty for the namespace's default.
	ServiceAccountName string
	// NodeSelector and Tolerations of the build's pod.
	NodeSelector map[string]string
	Tolerations  []corev1.Toleration
	// Timeout bounds the whole build.
	Timeout time.Duration
}

// ImageLabel is a label of the image.
type ImageLabel struct{ Name, Value string }

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
	// Tag is set instead of Image where the build system does not tell the digest: the reference that was pushed to, which
	// no other build pushes to.
	Tag string
	// Reason is why the build failed or, with Running, why it does not go on; empty for one that does.
	Reason Reason
	// Message says what is going on, or why the build failed and what to do.
	Message string
	// Settles is set with Failed where the build system may tell more until then; zero where it has told all.
	Settles time.Time
	// Cancel is set with Failed for a child that would go on by itself; it is deleted.
	Cancel bool
	// Temporary is set with Failed for a trouble that may pass, which the build system does not try again by itself: the
	// operator makes another child after a while.
	Temporary bool
}
