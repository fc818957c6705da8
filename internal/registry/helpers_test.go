package registry_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	upstream "github.com/google/go-containerregistry/pkg/registry"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/registry"
)

const (
	user   = "ada"
	secret = "hunter2-hunter2"
)

// local is a client for servers of these tests, which are on loopback.
var local = registry.Client{AllowLoopback: true}

// TestMain makes the certificate of test servers one that is trusted, and the tests independent of a proxy.
func TestMain(m *testing.M) {
	for _, variable := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		_ = os.Unsetenv(variable)
	}
	os.Exit(withTrust(m.Run))
}

func withTrust(run func() int) int {
	server := httptest.NewTLSServer(nil)
	server.Close()
	dir, err := os.MkdirTemp("", "registry-test")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		panic(err)
	}
	_ = os.Setenv("SSL_CERT_FILE", file)
	_ = os.Setenv("SSL_CERT_DIR", dir)
	return run()
}

// store is a registry with team/python:3.12, an image, and team/python:multi, an index.
type store struct {
	http.Handler
	image, index string
}

func newStore(t testing.TB) store {
	t.Helper()
	s := store{Handler: upstream.New(upstream.Logger(log.New(io.Discard, "", 0)))}
	server := httptest.NewServer(s.Handler)
	defer server.Close()
	image, err := random.Image(64, 1)
	require.NoError(t, err)
	index, err := random.Index(64, 1, 2)
	require.NoError(t, err)
	at := strings.TrimPrefix(server.URL, "http://") + "/team/python:"
	tag, err := name.NewTag(at+"3.12", name.Insecure)
	require.NoError(t, err)
	require.NoError(t, remote.Write(tag, image))
	multi, err := name.NewTag(at+"multi", name.Insecure)
	require.NoError(t, err)
	require.NoError(t, remote.WriteIndex(multi, index))
	digest, err := image.Digest()
	require.NoError(t, err)
	s.image = digest.String()
	digest, err = index.Digest()
	require.NoError(t, err)
	s.index = digest.String()
	return s
}

// front is a server before a registry; it remembers what was asked.
type front struct {
	*httptest.Server
	host string
	// opened counts connections.
	opened atomic.Int32

	mu       sync.Mutex
	requests []*http.Request
}

// serve starts a server: "http", "https" with a trusted certificate, or "unknown" with one that is not.
func serve(t testing.TB, scheme string, handler http.HandlerFunc) *front {
	t.Helper()
	f := &front{}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.requests = append(f.requests, r)
		f.mu.Unlock()
		handler(w, r)
	}))
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	f.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			f.opened.Add(1)
		}
	}
	switch scheme {
	case "http":
		f.Start()
	case "unknown":
		f.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{selfSigned(t)}}
		f.StartTLS()
	default:
		f.StartTLS()
	}
	t.Cleanup(f.Close)
	f.host = f.Listener.Addr().String()
	return f
}

// authorizations are the headers of all requests so far.
func (f *front) authorizations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, r := range f.requests {
		all = append(all, r.Header.Get("Authorization"))
	}
	return all
}

func (f *front) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, r := range f.requests {
		all = append(all, r.Method+" "+r.URL.Path)
	}
	return all
}

func selfSigned(t testing.TB) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// withPassword answers who gives the password by HTTP basic authentication.
func withPassword(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if name, password, _ := r.BasicAuth(); name != user || password != secret {
			w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
			http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"not `+password+`"}]}`, http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// withToken answers who has the token that the realm gives out.
func withToken(realm string, next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer a-token" {
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+realm+`",service="registry"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	}
}

func giveToken(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, `{"token":"a-token"}`)
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func dockerConfig(host string) []byte {
	return []byte(`{"auths":{"` + host + `":{"username":"` + user + `","password":"` + secret + `"}}}`)
}

// requireReason holds what an error says.
func requireReason(t testing.TB, err error, reason registry.Trouble, texts ...string) {
	t.Helper()
	require.Error(t, errorOf(t, err, reason, texts...))
}

// errorOf is requireReason, and returns the error for what else there is to hold.
func errorOf(t testing.TB, err error, reason registry.Trouble, texts ...string) *registry.Error {
	t.Helper()
	var e *registry.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, reason, e.Reason, e.Message)
	for _, text := range texts {
		assert.Contains(t, e.Message, text)
	}
	assert.NotContains(t, e.Message, secret)
	return e
}
