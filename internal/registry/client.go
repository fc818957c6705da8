package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	defaultTimeout = 15 * time.Second
	userAgent      = "notebook-validator-operator"
	// dockerHub is how builders and runtimes spell name.DefaultRegistry.
	dockerHub = "docker.io"
)

// errNoManifest is an answer without the description of an image in it, such as the page of a proxy.
var errNoManifest = errors.New("the answer is not an image manifest")

// Client asks registries. The zero value has the usual timeout; it may be used by many goroutines at once.
type Client struct {
	// Timeout for one call, everything together; zero is 15 seconds.
	Timeout time.Duration
	// AllowLoopback lets the registry of an image have a loopback address, as the servers of a test have. In a cluster that
	// is the operator's own pod, which no job's author may have it ask. Default: false.
	AllowLoopback bool
	// connections that are not the ones that all clients share.
	connections *connections
}

// Pin returns the full name and the digest that a reference has now, that of the index where an image is for several
// platforms. A reference that has a digest is returned by its full name without asking anybody. Every error is an *Error.
func (c Client) Pin(ctx context.Context, reference string, access Access) (string, error) {
	ref, err := parse(reference, access)
	if err != nil {
		return "", err
	}
	if digest, ok := ref.(name.Digest); ok {
		return FullName(digest), nil
	}
	descriptor, err := c.describe(ctx, ref, access)
	if err != nil {
		return "", err
	}
	return FullName(ref.Context().Digest(descriptor.Digest.String())), nil
}

// Exists says whether the registry has an image, given as repository@digest. Every error is an *Error.
func (c Client) Exists(ctx context.Context, pinned string, access Access) (bool, error) {
	ref, err := parse(pinned, access)
	if err != nil {
		return false, err
	}
	if _, ok := ref.(name.Digest); !ok {
		return false, problem(ReferenceInvalid, "The image %s is not given by its digest. Write it as repository@sha256:digest.", FullName(ref))
	}
	_, err = c.describe(ctx, ref, access)
	var known *Error
	if errors.As(err, &known) && known.Reason == NotFound {
		return false, nil
	}
	return err == nil, err
}

// FullName writes out what a reference leaves to defaults, which builders do not agree on.
func FullName(ref name.Reference) string {
	if rest, ok := strings.CutPrefix(ref.Name(), name.DefaultRegistry+"/"); ok {
		return dockerHub + "/" + rest
	}
	return ref.Name()
}

func parse(reference string, access Access) (name.Reference, error) {
	ref, err := name.ParseReference(reference)
	if err == nil && insecure(access.Insecure, ref.Context().RegistryStr(), "") {
		ref, err = name.ParseReference(reference, name.Insecure)
	}
	if err != nil {
		return nil, problem(ReferenceInvalid, "%q is not an image reference. Write it like registry.example.com/team/python:3.12.", shortened(reference))
	}
	return ref, nil
}

// describe asks for one manifest within the timeout.
func (c Client) describe(ctx context.Context, ref name.Reference, access Access) (*v1.Descriptor, error) {
	login, err := readDockerConfig(access.DockerConfig)
	if err != nil {
		return nil, err
	}
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	auth := login.forRepository(ref.Context())
	q := query{ref: ref, known: auth.known(), timeout: timeout}
	q.guard = newGuard(c.through(), ref.Context().RegistryStr(), access.Insecure, q.known)
	puller, err := remote.NewPuller(
		remote.WithAuth(auth), remote.WithTransport(q.guard), remote.WithUserAgent(userAgent),
		// The caller tries again, and the library's pauses do not end with the context.
		remote.WithRetryStatusCodes(), remote.WithRetryPredicate(func(error) bool { return false }))
	if err == nil {
		var descriptor *v1.Descriptor
		if descriptor, err = q.manifest(ctx, puller); err == nil {
			return descriptor, nil
		}
	}
	return nil, q.explain(ctx, err)
}

// through says which connections the client uses.
func (c Client) through() *connections {
	switch {
	case c.connections != nil:
		return c.connections
	case c.AllowLoopback:
		return sharedWithLoopback
	}
	return shared
}

// query is one question about one image.
type query struct {
	ref     name.Reference
	guard   *guard
	known   bool // there are credentials
	timeout time.Duration
}

// manifest asks by HEAD, which registries do not count as a pull, and by GET those that do not do HEAD well.
func (q query) manifest(ctx context.Context, puller *remote.Puller) (*v1.Descriptor, error) {
	head, err := puller.Head(ctx, q.ref)
	if err == nil && head.Digest.Algorithm == "sha256" && isImage(head.MediaType) {
		return head, nil
	}
	if err != nil && !q.headFailed(ctx, err) {
		return nil, err
	}
	got, err := puller.Get(ctx, q.ref)
	if err != nil {
		return nil, err
	}
	if !describesImage(got.Manifest) {
		return nil, errNoManifest
	}
	return &got.Descriptor, nil
}

// headFailed says whether GET may succeed where HEAD did not: the method is not known, or headers are missing, which the
// library tells with errors that have no type.
func (q query) headFailed(ctx context.Context, err error) bool {
	var answer *transport.Error
	var request *url.Error
	if errors.As(err, &answer) {
		return q.aboutManifest(answer) &&
			slices.Contains([]int{http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusNotImplemented}, answer.StatusCode)
	}
	return ctx.Err() == nil && !errors.As(err, &request) && q.guard.askedFor(q.manifestPath())
}

// aboutManifest tells an answer about the image from one of the token server or of the registry as a whole.
func (q query) aboutManifest(answer *transport.Error) bool {
	return answer.Request != nil && origin(answer.Request).URL.Path == q.manifestPath()
}

func (q query) manifestPath() string {
	return fmt.Sprintf("/v2/%s/manifests/%s", q.ref.Context().RepositoryStr(), q.ref.Identifier())
}

func isImage(mediaType types.MediaType) bool {
	plain, _, err := mime.ParseMediaType(string(mediaType))
	return err == nil && (types.MediaType(plain).IsImage() || types.MediaType(plain).IsIndex())
}

// describesImage looks into a manifest whose Content-Type may be anything.
func describesImage(manifest []byte) bool {
	var found struct {
		SchemaVersion int             `json:"schemaVersion"`
		MediaType     types.MediaType `json:"mediaType"`
		Manifests     json.RawMessage `json:"manifests"`
		Config        json.RawMessage `json:"config"`
	}
	if json.Unmarshal(manifest, &found) != nil || found.SchemaVersion != 2 {
		return false
	}
	return (found.MediaType == "" || isImage(found.MediaType)) && (found.Manifests != nil || found.Config != nil)
}
