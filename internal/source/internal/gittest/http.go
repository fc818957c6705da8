package gittest

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// HTTP is a smart http server; set what it asks for before the first request.
type HTTP struct {
	*httptest.Server
	// Username and Password are asked for unless both are empty.
	Username, Password string
	// Sent counts the bytes of all answers.
	Sent atomic.Int64

	mu    sync.Mutex
	auths []string
}

// ServeHTTP serves the repository over http, or https with its own authority.
func (r *Repository) ServeHTTP(t testing.TB, secure bool) *HTTP {
	t.Helper()
	path, err := exec.Command("git", "--exec-path").Output()
	require.NoError(t, err)
	backend := &cgi.Handler{
		Path:   filepath.Join(strings.TrimSpace(string(path)), "git-http-backend"),
		Stderr: io.Discard, Logger: Quiet(),
		Env: append(environment(), "GIT_PROJECT_ROOT="+r.Root, "GIT_HTTP_EXPORT_ALL=1"),
	}
	server := &HTTP{}
	server.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		server.mu.Lock()
		server.auths = append(server.auths, request.Header.Get("Authorization"))
		server.mu.Unlock()
		user, password, _ := request.BasicAuth()
		if user != server.Username || password != server.Password {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "the password "+password+" is wrong", http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(&countingWriter{w, &server.Sent}, request)
	}))
	if secure {
		server.Config.ErrorLog = Quiet()
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server
}

// Repository is the URL of the repository on the server.
func (h *HTTP) Repository() string { return h.URL + "/" + Name }

// CA is the server's certificate as the text of ca.crt.
func (h *HTTP) CA() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw})
}

// Authorizations are the headers of all requests so far.
func (h *HTTP) Authorizations() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.auths...)
}

type countingWriter struct {
	http.ResponseWriter
	sent *atomic.Int64
}

func (w *countingWriter) Write(p []byte) (int, error) {
	w.sent.Add(int64(len(p)))
	return w.ResponseWriter.Write(p)
}
