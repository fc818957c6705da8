package source_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/source/internal/gittest"
)

const secret = "hunter2-is-not-a-password"

func filled(t testing.TB) *gittest.Repository {
	r := gittest.New(t)
	newHistory(r)
	return r
}

func TestCredentialsOverHTTPS(t *testing.T) {
	server := filled(t).ServeHTTP(t, true)
	server.Username, server.Password = "ada", secret
	ca := server.CA()
	for name, test := range map[string]struct {
		credentials source.Credentials
		reason      source.Reason
		text        string
	}{
		"right ones":               {source.Credentials{Username: "ada", Password: secret, CABundle: ca}, "", ""},
		"a token in their place":   {source.Credentials{Username: "ada", Token: secret, CABundle: ca}, "", ""},
		"a wrong password":         {source.Credentials{Username: "ada", Password: secret + "x", CABundle: ca}, source.AuthenticationFailed, "refuses the credentials"},
		"a token of nobody":        {source.Credentials{Token: secret, CABundle: ca}, source.AuthenticationFailed, "refuses the credentials"},
		"none":                     {source.Credentials{CABundle: ca}, source.AuthenticationFailed, "asks for credentials"},
		"an authority unknown":     {source.Credentials{Username: "ada", Password: secret}, source.CertificateUntrusted, "ca.crt"},
		"an authority of others":   {source.Credentials{Username: "ada", Password: secret, CABundle: otherCA(t)}, source.CertificateUntrusted, "ca.crt"},
		"an authority that is not": {source.Credentials{Username: "ada", Password: secret, CABundle: []byte("x")}, source.CredentialsInvalid, "PEM"},
		"an ssh key":               {source.Credentials{SSHPrivateKey: []byte("x")}, source.CredentialsInvalid, "only an ssh key"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := resolve(t, source.Repository{URL: server.Repository(), Credentials: test.credentials}, "main")
			if test.reason == "" {
				require.NoError(t, err)
				return
			}
			requireReason(t, err, test.reason, test.text)
			assert.NotContains(t, fmt.Sprintf("%+v %#v", err, err), secret)
		})
	}
}

func otherCA(t testing.TB) []byte {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = gittest.Quiet()
	server.TLS = nil
	server.StartTLS()
	defer server.Close()
	// A certificate of the same test authority would be trusted: change its last byte, the signature.
	raw := bytes.Clone(server.Certificate().Raw)
	raw[len(raw)-1] ^= 1
	_ = t
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}

func TestATokenIsSentAsAPassword(t *testing.T) {
	server := filled(t).ServeHTTP(t, false)
	server.Username, server.Password = "oauth2", secret
	_, err := resolve(t, source.Repository{URL: server.Repository(), Credentials: source.Credentials{Token: secret}}, "main")
	require.NoError(t, err)
}

func TestNoSecretLeavesThroughWhatAServerSays(t *testing.T) {
	for name, test := range map[string]http.HandlerFunc{
		"in a status": func(w http.ResponseWriter, r *http.Request) {
			_, password, _ := r.BasicAuth()
			http.Error(w, password, http.StatusTeapot)
		},
		"in an error line": func(w http.ResponseWriter, r *http.Request) {
			_, password, _ := r.BasicAuth()
			w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
			text := "ERR you said " + password + " \x1b[31m"
			_, _ = fmt.Fprintf(w, "%04x%s", len(text)+4, text)
		},
		"in a redirect": func(w http.ResponseWriter, r *http.Request) {
			_, password, _ := r.BasicAuth()
			http.Redirect(w, r, "gopher://"+password+"/x", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test)
			defer server.Close()
			_, err := resolve(t, source.Repository{URL: server.URL + "/x", Credentials: source.Credentials{Username: "ada", Password: secret}}, "main")
			require.Error(t, err)
			assert.NotContains(t, fmt.Sprintf("%s %+v %#v", err, err, err), secret)
			assert.NotContains(t, err.Error(), "\x1b")
		})
	}
}

func TestARedirectIsFollowedWithoutTheCredentialsToAnotherServer(t *testing.T) {
	real := filled(t).ServeHTTP(t, false)
	var asked []string
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Authorization"))
		http.Redirect(w, r, real.URL+r.URL.RequestURI(), http.StatusMovedPermanently)
	}))
	defer front.Close()
	repository := source.Repository{URL: front.URL + "/" + gittest.Name, Credentials: source.Credentials{Username: "ada", Password: secret}}
	_, err := resolve(t, repository, "main")
	require.NoError(t, err)
	require.NotEmpty(t, asked[0], "the first server does get them")
	for _, header := range real.Authorizations() {
		assert.Empty(t, header)
	}
	real.Username, real.Password = "ada", secret
	_, err = resolve(t, repository, "main")
	requireReason(t, err, source.AuthenticationFailed, "redirects to another server")
}

func TestARedirectOnTheSameServerKeepsTheCredentials(t *testing.T) {
	server := filled(t).ServeHTTP(t, false)
	server.Username, server.Password = "ada", secret
	served := server.Config.Handler
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/old/"); ok {
			http.Redirect(w, r, "/"+rest+"?"+r.URL.RawQuery, http.StatusFound)
			return
		}
		served.ServeHTTP(w, r)
	})
	_, err := resolve(t, source.Repository{URL: server.URL + "/old/" + gittest.Name, Credentials: source.Credentials{Username: "ada", Password: secret}}, "main")
	require.NoError(t, err)
}

func TestWhatAServerAnswersHasOneReason(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for name, test := range map[string]struct {
		serve     http.HandlerFunc
		reason    source.Reason
		temporary bool
	}{
		"not found":            {status(404), source.RepositoryNotFound, false},
		"gone":                 {status(410), source.RepositoryNotFound, false},
		"forbidden":            {status(403), source.AuthenticationFailed, false},
		"too many requests":    {status(429), source.SourceUnreachable, true},
		"broken":               {status(500), source.SourceUnreachable, true},
		"overloaded":           {status(503), source.SourceUnreachable, true},
		"a teapot":             {status(418), source.RepositoryNotFound, false},
		"proxy wants a login":  {status(407), source.AuthenticationFailed, false},
		"a page for people":    {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>welcome") }, source.RepositoryNotFound, false},
		"a circle of redirect": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.String(), http.StatusFound) }, source.RepositoryNotFound, false},
		"a login page": {func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/login") {
				http.Redirect(w, r, "/login", http.StatusFound)
			}
		}, source.RepositoryNotFound, false},
		"not what Git sends": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
			_, _ = io.WriteString(w, "001e# service=git-upload-pack\n0000zzzz")
		}, source.InvalidSource, false},
		"half a line": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
			_, _ = io.WriteString(w, "001e# service=git-up")
		}, source.SourceUnreachable, true},
		"a short shallow line, on which the library panics": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
			first := strings.Repeat("1", 40) + " HEAD\x00shallow\n"
			_, _ = fmt.Fprintf(w, "%04x%s%04xshallow %s0005x", len(first)+4, first, 4+8+40, strings.Repeat("1", 40))
		}, source.InvalidSource, false},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.serve)
			defer server.Close()
			_, err := resolve(t, source.Repository{URL: server.URL + "/x.git"}, "main")
			e := requireReason(t, err, test.reason)
			assert.Equal(t, test.temporary, e.Temporary)
			assert.Regexp(t, `^[A-Za-z].*\.$`, e.Message)
		})
	}
}

func TestSHA256RepositoriesAreRefusedByName(t *testing.T) {
	r := gittest.New(t)
	r.Git("", "init", "--quiet", "--bare", "--object-format=sha256", "../other.git")
	other := *r
	other.Dir = strings.Replace(r.Dir, "notebooks.git", "other.git", 1)
	other.CommitTree("main", other.Tree(), "x")
	for _, url := range []string{
		strings.Replace(overHTTP(t, &other).URL, "notebooks", "other", 1),
		strings.Replace(overDaemon(t, &other).URL, "notebooks", "other", 1),
	} {
		_, err := resolve(t, source.Repository{URL: url}, "main")
		requireReason(t, err, source.InvalidSource, "SHA-256")
	}
}

func TestAMissingRepositoryIsNamedOverEveryTransport(t *testing.T) {
	r := filled(t)
	for transport, serve := range servers {
		repository := serve(t, r)
		repository.URL = strings.Replace(repository.URL, "notebooks.git", "none.git", 1)
		_, err := resolve(t, repository, "main")
		requireReason(t, err, source.RepositoryNotFound, "none.git")
		_ = transport
	}
}

func TestAClosedPortIsUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	_, key := gittest.Key(t)
	for _, scheme := range []string{"http", "https", "ssh", "git"} {
		_, err := resolve(t, source.Repository{URL: scheme + "://" + address + "/x.git", InsecureIgnoreHostKey: true,
			Credentials: keyFor(scheme, key)}, "main")
		e := requireReason(t, err, source.SourceUnreachable, "refuses the connection")
		assert.True(t, e.Temporary)
	}
}

// TestNoServerKeepsUsWaiting: what a server does after the connection is made must not matter.
func TestNoServerKeepsUsWaiting(t *testing.T) {
	_, key := gittest.Key(t)
	silent := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	trickle := func(start string) func(net.Conn) {
		return func(conn net.Conn) {
			_, err := io.WriteString(conn, start)
			for err == nil {
				_, err = io.WriteString(conn, "x")
				time.Sleep(time.Millisecond)
			}
		}
	}
	header := "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n"
	before := runtime.NumGoroutine()
	for name, test := range map[string]struct {
		scheme string
		serve  func(net.Conn)
	}{
		"http, silent":               {"http", silent},
		"http, trickle of headers":   {"http", trickle("HTTP/1.1 200 OK\r\nX: ")},
		"http, trickle of body":      {"http", trickle(header + "fff0")},
		"https, silent in handshake": {"https", silent},
		"git, silent":                {"git", silent},
		"git, trickle":               {"git", trickle("fff0")},
		"ssh, silent":                {"ssh", silent},
		"ssh, trickle before banner": {"ssh", trickle("")},
		"ssh, silent after banner":   {"ssh", func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-x\r\n"); silent(c) }},
	} {
		t.Run(name, func(t *testing.T) {
			host, port := gittest.Listen(t, test.serve)
			resolver := &source.Resolver{Limits: source.Limits{Timeout: 100 * time.Millisecond}}
			_, err := resolver.Resolve(t.Context(), source.Repository{
				URL: fmt.Sprintf("%s://%s:%d/x.git", test.scheme, host, port), InsecureIgnoreHostKey: true,
				Credentials: keyFor(test.scheme, key)})
			e := requireReason(t, err, source.SourceUnreachable)
			assert.True(t, e.Temporary)
		})
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+2 }, 10*time.Second, 10*time.Millisecond, "goroutines stay behind")
}

func TestACallerThatGivesUpIsHeard(t *testing.T) {
	host, port := gittest.Listen(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := (&source.Resolver{}).Resolve(ctx, source.Repository{URL: fmt.Sprintf("git://%s:%d/x.git", host, port)})
	e := requireReason(t, err, source.SourceUnreachable, "interrupted")
	assert.ErrorIs(t, e, context.Canceled)
}

func TestHostKeys(t *testing.T) {
	r := filled(t)
	rsa := gittest.RSAKey(t)
	server := r.ServeSSH(t, rsa)
	other, otherPrivate := gittest.Key(t)
	ed, rsaKey := server.HostKeys[0].PublicKey(), rsa.PublicKey()
	encrypted := encryptedKey(t)
	for name, test := range map[string]struct {
		knownHosts []byte
		key        []byte
		ignore     bool
		reason     source.Reason
		text       string
	}{
		"the server's key":                      {server.KnownHosts(ed), nil, false, "", ""},
		"the one that it would not show first":  {server.KnownHosts(rsaKey), nil, false, "", ""},
		"an old one of the type it shows first": {append(server.KnownHosts(other.PublicKey()), server.KnownHosts(rsaKey)...), nil, false, source.HostKeyMismatch, "not the one"},
		"an old one and the present one":        {append(server.KnownHosts(other.PublicKey()), server.KnownHosts(ed)...), nil, false, "", ""},
		"a line before it that cannot be read":  {append([]byte("example.com ssh-dss AAAA\n# note\n\n"), server.KnownHosts(ed)...), nil, false, "", ""},
		"hashed":                                {hashed(server, ed), nil, false, "", ""},
		"a pattern":                             {bytes.Replace(server.KnownHosts(ed), []byte("[127.0.0.1]"), []byte("[127.*]"), 1), nil, false, "", ""},
		"the key of another server":             {server.KnownHosts(other.PublicKey()), nil, false, source.HostKeyMismatch, "SHA256:"},
		"a key of a type that it does not have": {server.KnownHosts(ecdsaKey(t)), nil, false, source.HostKeyMismatch, "no key of the types"},
		"revoked":                               {append(server.KnownHosts(ed), append([]byte("@revoked "), server.KnownHosts(ed)...)...), nil, false, source.HostKeyMismatch, "not the one"},
		"an authority, which is no key":         {append([]byte("@cert-authority "), server.KnownHosts(ed)...), nil, false, source.HostKeyUnverified, "no entry"},
		"another port":                          {bytes.Replace(server.KnownHosts(ed), []byte("]:"), []byte("]:1"), 1), nil, false, source.HostKeyUnverified, "ssh-keyscan -p "},
		"negated":                               {append([]byte(fmt.Sprintf("*,![127.0.0.1]:%d ", server.Port)), ssh.MarshalAuthorizedKey(ed)...), nil, false, source.HostKeyUnverified, "no entry"},
		"nothing":                               {nil, nil, false, source.HostKeyUnverified, "insecureIgnoreHostKey"},
		"nothing, and it is not asked for":      {nil, nil, true, "", ""},
		"a wrong one, and it is not asked for":  {server.KnownHosts(other.PublicKey()), nil, true, source.HostKeyMismatch, "SHA256:"},
		"garbage":                               {[]byte("a b\nfoo bar baz\n"), nil, false, source.HostKeyUnverified, "cannot be read"},
		"a key that the server does not know":   {server.KnownHosts(ed), otherPrivate, false, source.AuthenticationFailed, "deploy key"},
		"a key that is locked":                  {server.KnownHosts(ed), encrypted, false, source.CredentialsInvalid, "passphrase"},
		"a key that is none":                    {server.KnownHosts(ed), []byte("x"), false, source.CredentialsInvalid, "not a private key"},
	} {
		t.Run(name, func(t *testing.T) {
			key := test.key
			if key == nil {
				key = server.PrivateKey
			}
			_, err := resolve(t, source.Repository{URL: server.URL(r.Dir), InsecureIgnoreHostKey: test.ignore,
				Credentials: source.Credentials{SSHPrivateKey: key, KnownHosts: test.knownHosts}}, "main")
			if test.reason == "" {
				require.NoError(t, err)
				return
			}
			requireReason(t, err, test.reason, test.text)
		})
	}
	_, err := resolve(t, source.Repository{URL: server.URL(r.Dir), InsecureIgnoreHostKey: true}, "main")
	requireReason(t, err, source.CredentialsInvalid, "ssh-privatekey")
}

func TestNoPathIsReadByTheShellOfAnSSHServer(t *testing.T) {
	r := filled(t)
	server := r.ServeSSH(t)
	for _, path := range []string{"/x';touch%20pwned;'", "/$(touch%20pwned)", "/`touch%20pwned`", "/!x", "/a%22b", "/%2d%2dupload-pack=touch"} {
		_, err := resolve(t, source.Repository{URL: server.URL(path),
			Credentials: source.Credentials{SSHPrivateKey: server.PrivateKey, KnownHosts: server.KnownHosts(server.HostKeys[0].PublicKey())}}, "main")
		requireReason(t, err, source.RepositoryNotFound)
		assert.NoFileExists(t, r.Root+"/pwned")
	}
}
