package registry_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/registry"
)

var aDigest = "sha256:" + strings.Repeat("ab", 32)

func TestAReferenceWithADigestIsReturnedByItsFullNameWithoutAsking(t *testing.T) {
	for name, test := range map[string]struct{ reference, want string }{
		"of Docker Hub":                   {"python@" + aDigest, "docker.io/library/python@" + aDigest},
		"of Docker Hub by its name":       {"docker.io/team/python@" + aDigest, "docker.io/team/python@" + aDigest},
		"of Docker Hub by its other name": {"index.docker.io/team/python@" + aDigest, "docker.io/team/python@" + aDigest},
		"with a tag besides":              {"python:3.12@" + aDigest, "docker.io/library/python@" + aDigest},
		"of a registry":                   {"registry.invalid:5000/a/b@" + aDigest, "registry.invalid:5000/a/b@" + aDigest},
		"of a registry named like it":     {"mirror-index.docker.io/a@" + aDigest, "mirror-index.docker.io/a@" + aDigest},
	} {
		t.Run(name, func(t *testing.T) {
			pinned, err := local.Pin(t.Context(), test.reference, registry.Access{DockerConfig: []byte("not even read")})
			require.NoError(t, err)
			assert.Equal(t, test.want, pinned)
		})
	}
}

func TestWhatIsNoReferenceIsSaidToBeNone(t *testing.T) {
	for _, bad := range []string{"", "https://registry.example.com/a", "UPPER/case", "a b", "a@sha256:12", "-x/y:", "a/b:c:d", "a\nb", "example.com#x/y:z",
		strings.Repeat("a", 100_000), "user@host/a"} {
		_, err := local.Pin(t.Context(), bad, registry.Access{})
		e := errorOf(t, err, registry.ReferenceInvalid, "registry.example.com/team/python:3.12")
		assert.Less(t, len(e.Message), 1000)
		_, err = local.Exists(t.Context(), bad, registry.Access{})
		requireReason(t, err, registry.ReferenceInvalid)
	}
	_, err := local.Exists(t.Context(), "python:3.12", registry.Access{})
	requireReason(t, err, registry.ReferenceInvalid, "docker.io/library/python:3.12", "by its digest")
}

func TestATagIsPinnedToTheDigestThatBuildersPull(t *testing.T) {
	s := newStore(t)
	server := serve(t, "https", s.ServeHTTP)
	for tag, digest := range map[string]string{"3.12": s.image, "multi": s.index} {
		pinned, err := local.Pin(t.Context(), server.host+"/team/python:"+tag, registry.Access{})
		require.NoError(t, err)
		assert.Equal(t, server.host+"/team/python@"+digest, pinned)
	}
	for _, asked := range server.asked() {
		assert.False(t, strings.HasPrefix(asked, "GET") && strings.Contains(asked, "manifests"), "a pull was counted: %s", asked)
	}
}

func TestAnImageExistsWhileTheRegistryHasIt(t *testing.T) {
	s := newStore(t)
	server := serve(t, "https", s.ServeHTTP)
	for image, want := range map[string]bool{
		"/team/python@" + s.image: true, "/team/python@" + s.index: true, "/team/python@" + aDigest: false, "/team/none@" + s.image: false,
	} {
		exists, err := local.Exists(t.Context(), server.host+image, registry.Access{})
		require.NoError(t, err)
		assert.Equal(t, want, exists, image)
	}
}

// headless changes how a registry answers HEAD.
func headless(next http.Handler, head http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			head(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}
}

func TestARegistryThatDoesNotDoHEADIsAskedByGET(t *testing.T) {
	s := newStore(t)
	for name, head := range map[string]http.HandlerFunc{
		"not allowed":      status(http.StatusMethodNotAllowed),
		"not implemented":  status(http.StatusNotImplemented),
		"bad request":      status(http.StatusBadRequest),
		"without a digest": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "4") },
		"with a digest of another kind": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Docker-Content-Digest", "sha512:"+strings.Repeat("ab", 64))
			w.Header().Set("Content-Type", "application/vnd.oci.image.index.v1+json")
			w.Header().Set("Content-Length", "4")
		},
		"as a page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Docker-Content-Digest", aDigest)
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Length", "4")
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, "https", headless(s, head))
			pinned, err := local.Pin(t.Context(), server.host+"/team/python:multi", registry.Access{})
			require.NoError(t, err)
			assert.Equal(t, server.host+"/team/python@"+s.index, pinned)
			exists, err := local.Exists(t.Context(), pinned, registry.Access{})
			require.NoError(t, err)
			assert.True(t, exists)
			exists, err = local.Exists(t.Context(), server.host+"/team/python@"+aDigest, registry.Access{})
			require.NoError(t, err)
			assert.False(t, exists)
		})
	}
}

func TestAPageIsNotTakenForAnImage(t *testing.T) {
	for name, body := range map[string]string{
		"a page": "<html>Log in</html>", "an object": "{}", "an old format": `{"schemaVersion":1,"config":{}}`,
		"another artifact": `{"schemaVersion":2,"mediaType":"application/json","config":{}}`, "nothing": "", "an image of nothing": `{"schemaVersion":2}`,
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, "https", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
			_, err := local.Pin(t.Context(), server.host+"/team/python:3.12", registry.Access{})
			requireReason(t, err, registry.Unreachable, server.host, "is not what image registries send")
			_, err = local.Exists(t.Context(), server.host+"/team/python@"+aDigest, registry.Access{})
			requireReason(t, err, registry.Unreachable)
		})
	}
}

func TestPlainHTTPAndUnknownCertificatesAreForTheHostsThatAreNamed(t *testing.T) {
	s := newStore(t)
	for scheme, text := range map[string]string{"http": "does not speak https", "unknown": "not signed by an authority"} {
		t.Run(scheme, func(t *testing.T) {
			server := serve(t, scheme, s.ServeHTTP)
			_, port, err := net.SplitHostPort(server.host)
			require.NoError(t, err)
			image := server.host + "/team/python:3.12"
			for _, others := range [][]string{nil, {"127.0.0.1"}, {"localhost:" + port}, {"example.com"}, {""}, {"http://" + server.host}} {
				_, err = local.Pin(t.Context(), image, registry.Access{Insecure: others})
				e := errorOf(t, err, registry.CertificateUntrusted, server.host, text, "registry.insecure", "by its digest")
				assert.False(t, e.Temporary)
			}
			assert.Empty(t, server.asked(), "nothing was sent in plain text")
			pinned, err := local.Pin(t.Context(), image, registry.Access{Insecure: []string{"example.com", server.host}})
			require.NoError(t, err)
			assert.Equal(t, server.host+"/team/python@"+s.image, pinned)
			exists, err := local.Exists(t.Context(), pinned, registry.Access{Insecure: []string{server.host}})
			require.NoError(t, err)
			assert.True(t, exists)
			_, err = local.Pin(t.Context(), image, registry.Access{})
			requireReason(t, err, registry.CertificateUntrusted)
		})
	}
}

func TestACertificateForAnotherHostIsNotTrusted(t *testing.T) {
	server := serve(t, "https", newStore(t).ServeHTTP)
	client := registry.Client{}.At(map[string]string{"registry.test:443": server.host})
	_, err := client.Pin(t.Context(), "registry.test/team/python:3.12", registry.Access{})
	requireReason(t, err, registry.CertificateUntrusted, "registry.test", "for another host")
}

func TestManyCallsAtOnceShareConnections(t *testing.T) {
	s := newStore(t)
	server := serve(t, "https", s.ServeHTTP)
	image := server.host + "/team/python:3.12"
	for range 10 {
		_, err := local.Pin(t.Context(), image, registry.Access{})
		require.NoError(t, err)
	}
	assert.EqualValues(t, 1, server.opened.Load())
	results := make(chan string, 20)
	for range cap(results) {
		go func() {
			pinned, err := local.Pin(t.Context(), image, registry.Access{DockerConfig: dockerConfig(server.host)})
			results <- fmt.Sprint(pinned, err)
		}()
	}
	for range cap(results) {
		assert.Equal(t, server.host+"/team/python@"+s.image+"<nil>", <-results)
	}
}
