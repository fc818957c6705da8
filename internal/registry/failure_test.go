package registry_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/registry"
)

// afterLogin lets the registry as a whole answer and the question about a manifest be answered by the handler.
func afterLogin(handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/" {
			handler(w, r)
		}
	}
}

func TestWhatARegistryAnswersHasOneReason(t *testing.T) {
	for name, test := range map[string]struct {
		serve     http.HandlerFunc
		reason    registry.Trouble
		temporary bool
	}{
		"not found":                 {afterLogin(status(404)), registry.NotFound, false},
		"unknown name":              {afterLogin(withCode(400, "NAME_UNKNOWN")), registry.NotFound, false},
		"unknown manifest":          {afterLogin(withCode(400, "MANIFEST_UNKNOWN")), registry.NotFound, false},
		"unauthorized":              {afterLogin(status(401)), registry.Unauthorized, false},
		"forbidden":                 {afterLogin(status(403)), registry.Unauthorized, false},
		"denied":                    {afterLogin(withCode(400, "DENIED")), registry.Unauthorized, false},
		"forbidden from the start":  {status(403), registry.Unauthorized, false},
		"no registry":               {status(404), registry.Unreachable, true},
		"asked too often":           {afterLogin(status(429)), registry.Unreachable, true},
		"asked too often, by code":  {afterLogin(withCode(400, "TOOMANYREQUESTS")), registry.Unreachable, true},
		"broken":                    {afterLogin(status(500)), registry.Unreachable, true},
		"broken from the start":     {status(503), registry.Unreachable, true},
		"a timeout of its own":      {afterLogin(status(408)), registry.Unreachable, true},
		"a teapot":                  {afterLogin(status(418)), registry.Unreachable, false},
		"a login without realm":     {challenge(`Bearer service="x"`), registry.Unreachable, true},
		"a login nobody knows":      {challenge(`Magic spell="x"`), registry.Unauthorized, false},
		"a realm that is no URL":    {challenge(`Bearer realm="://"`), registry.Unreachable, true},
		"a connection that is cut":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, registry.Unreachable, true},
		"a redirect without target": {afterLogin(status(302)), registry.Unreachable, false},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, "https", test.serve)
			_, err := local.Pin(t.Context(), server.host+"/team/python:3.12", registry.Access{})
			e := errorOf(t, err, test.reason, server.host)
			assert.Equal(t, test.temporary, e.Temporary)
			exists, err := local.Exists(t.Context(), server.host+"/team/python@"+aDigest, registry.Access{})
			assert.False(t, exists)
			if test.reason == registry.NotFound {
				require.NoError(t, err)
				return
			}
			requireReason(t, err, test.reason)
		})
	}
}

// withCode is an answer with a code of the protocol, which needs a body, so HEAD is not known.
func withCode(number int, code string) http.HandlerFunc {
	return headless(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"errors":[{"code":"`+code+`","message":"`+secret+`"}]}`, number)
	}), status(http.StatusMethodNotAllowed))
}

func challenge(header string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", header)
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func TestAServerThatIsNotThereIsTriedAgain(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := listener.Addr().String()
	require.NoError(t, listener.Close())
	for _, insecure := range [][]string{nil, {closed}} {
		_, err = local.Pin(t.Context(), closed+"/a", registry.Access{Insecure: insecure})
		e := errorOf(t, err, registry.Unreachable, closed, "refuses the connection")
		assert.True(t, e.Temporary)
	}
	for address, failure := range map[string]error{
		"is not known":           &net.DNSError{Name: "registry.example.com", IsNotFound: true},
		"cannot be looked up":    &net.DNSError{Name: "registry.example.com", IsTimeout: true},
		"broke off":              &net.OpError{Op: "read", Err: errors.New("reset")},
		"takes too long":         &net.OpError{Op: "dial", Err: &timeout{}},
		"not what image registr": errors.New("something else"),
	} {
		_, err = registry.Client{}.Failing(failure).Pin(t.Context(), "registry.example.com/a", registry.Access{})
		e := errorOf(t, err, registry.Unreachable, "registry.example.com", address)
		assert.True(t, e.Temporary)
	}
}

type timeout struct{}

func (*timeout) Error() string   { return "timeout" }
func (*timeout) Timeout() bool   { return true }
func (*timeout) Temporary() bool { return true }

func TestAServerThatHangsIsLeft(t *testing.T) {
	done := make(chan struct{})
	release := sync.OnceFunc(func() { close(done) })
	hang := func(http.ResponseWriter, *http.Request) { <-done }
	begin := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		hang(w, r)
	}
	for name, handler := range map[string]http.HandlerFunc{
		"at once": hang, "after the login": afterLogin(hang), "within the first answer": begin, "within the manifest": afterLogin(headless(http.HandlerFunc(begin), status(405))),
	} {
		for scheme, insecure := range map[string]bool{"https": false, "http": true} {
			server := serve(t, scheme, handler)
			t.Cleanup(release) // runs before the server is closed, which waits for its handlers
			access := registry.Access{}
			if insecure {
				access.Insecure = []string{server.host}
			}
			_, err := registry.Client{Timeout: 200 * time.Millisecond, AllowLoopback: true}.Pin(t.Context(), server.host+"/a:b", access)
			e := errorOf(t, err, registry.Unreachable, server.host, "did not answer")
			assert.True(t, e.Temporary, name)
			require.ErrorIs(t, err, context.DeadlineExceeded, name)
		}
	}
}

func TestAnEndedContextEndsTheCall(t *testing.T) {
	server := serve(t, "https", newStore(t).ServeHTTP)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := local.Pin(ctx, server.host+"/team/python:3.12", registry.Access{})
	requireReason(t, err, registry.Unreachable, "interrupted")
	require.ErrorIs(t, err, context.Canceled)
}

func TestAMessageIsBoundedAndOfOneLine(t *testing.T) {
	_, err := registry.Client{}.Failing(&net.DNSError{Name: strings.Repeat("a\n", 10_000)}).Pin(t.Context(), "registry.example.com/a", registry.Access{})
	e := errorOf(t, err, registry.Unreachable)
	assert.Less(t, len(e.Message), 600)
	assert.NotContains(t, e.Message, "\n")
}
