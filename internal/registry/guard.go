package registry

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	// maxRequests of one call: asking, a token, the manifest by two methods, and redirects of each.
	maxRequests = 20
	// maxBytes that all answers of one call may bring; registries keep manifests below 4 MiB.
	maxBytes = 8 << 20
)

var (
	errPlainHTTP       = errors.New("it would be plain http")
	errNoFallback      = errors.New("plain http is not tried")
	errTooManyRequests = errors.New("it redirects too often")
	errTooLarge        = errors.New("the answer is too large")
	errSecretRedirect  = errors.New("it redirects what is secret to another server")
)

// guard sees every request of one call, whoever makes it: the question, that for a token, and every redirect.
type guard struct {
	connections *connections
	registry    string
	insecure    []string
	credentials bool
	requests    atomic.Int32
	left        atomic.Int64
	mu          sync.Mutex
	asked       map[string]bool
}

func newGuard(c *connections, registry string, insecure []string, credentials bool) *guard {
	g := &guard{connections: c, registry: registry, insecure: insecure, credentials: credentials, asked: map[string]bool{}}
	g.left.Store(maxBytes)
	return g
}

// RoundTrip sends what may be sent.
func (g *guard) RoundTrip(request *http.Request) (*http.Response, error) {
	own := sameHost(request.URL.Host, g.registry, request.URL.Scheme)
	tolerated := insecure(g.insecure, request.URL.Host, request.URL.Scheme)
	if err := g.allow(request, own, tolerated); err != nil {
		if request.Body != nil {
			_ = request.Body.Close()
		}
		return nil, err
	}
	g.mu.Lock()
	g.asked[origin(request).URL.Path] = true
	g.mu.Unlock()
	response, err := g.connections.roundTrip(request, own, tolerated)
	if err != nil {
		return nil, err
	}
	response.Body = &bounded{response.Body, &g.left}
	return response, nil
}

func (g *guard) allow(request *http.Request, own, tolerated bool) error {
	switch {
	case g.requests.Add(1) > maxRequests:
		return errTooManyRequests
	case request.URL.Scheme == "http" && !tolerated && request.Response == nil:
		return errNoFallback // the library tries it where a private address fails by https, and that failure is the one to tell
	case request.URL.Scheme != "https" && (request.URL.Scheme != "http" || !tolerated):
		return errPlainHTTP
	case request.Response != nil && request.Body != nil && request.Body != http.NoBody:
		return errSecretRedirect // 307 and 308 repeat the body, in which the request for a token carries one
	case g.credentials && !own && request.Response != nil && isPing(origin(request)):
		return errSecretRedirect // the other server would say where the credentials are sent
	}
	return nil
}

// askedFor says whether any request began at that path.
func (g *guard) askedFor(path string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked[path]
}

// isPing is the library's first request, whose answer says how to log in.
func isPing(request *http.Request) bool { return request.URL.Path == "/v2/" }

// origin is the request that redirects led away from.
func origin(request *http.Request) *http.Request {
	for request.Response != nil && request.Response.Request != nil {
		request = request.Response.Request
	}
	return request
}

// insecure says whether a host is one of those that may be reached without a certificate that can be checked.
func insecure(hosts []string, host, scheme string) bool {
	for _, listed := range hosts {
		if sameHost(hubAlias(listed), host, scheme) {
			return true
		}
	}
	return false
}

var defaultPorts = map[string]string{"http": ":80", "https": ":443"}

// sameHost compares host or host:port, where the scheme's own port may be left out.
func sameHost(a, b, scheme string) bool {
	port := defaultPorts[scheme]
	return strings.EqualFold(strings.TrimSuffix(a, port), strings.TrimSuffix(b, port))
}

// bounded ends an answer when all answers together have brought too much.
type bounded struct {
	io.ReadCloser
	left *atomic.Int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left.Add(-int64(n)) < 0 {
		return 0, errTooLarge
	}
	return n, err
}
