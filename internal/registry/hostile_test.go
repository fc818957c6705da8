package registry_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/registry"
)

func TestAManifestMayBeElsewhereButTheCredentialsStay(t *testing.T) {
	s := newStore(t)
	redirect := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/manifests/") {
			http.Redirect(w, r, "https://mirror.example.com"+r.URL.Path, http.StatusTemporaryRedirect)
		}
	})
	for name, login := range map[string]func(server *front) http.HandlerFunc{
		"basic": func(*front) http.HandlerFunc { return withPassword(redirect) },
		"bearer": func(server *front) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/token" {
					withPassword(http.HandlerFunc(giveToken))(w, r)
					return
				}
				withToken(server.URL+"/token", redirect)(w, r)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			elsewhere := serve(t, "https", s.ServeHTTP)
			var server *front
			server = serve(t, "https", func(w http.ResponseWriter, r *http.Request) { login(server)(w, r) })
			client := registry.Client{}.At(map[string]string{"mirror.example.com:443": elsewhere.host})
			pinned, err := client.Pin(t.Context(), server.host+"/team/python:3.12", registry.Access{DockerConfig: dockerConfig(server.host)})
			require.NoError(t, err)
			assert.Equal(t, server.host+"/team/python@"+s.image, pinned)
			assert.Contains(t, server.authorizations(), "Basic "+basic)
			require.NotEmpty(t, elsewhere.authorizations())
			for _, header := range elsewhere.authorizations() {
				assert.Empty(t, header)
			}
		})
	}
}

func TestARegistryCannotHaveSecretsSentElsewhere(t *testing.T) {
	for name, attack := range map[string]func(server *front, elsewhere string) http.HandlerFunc{
		"the question how to log in is redirected": func(_ *front, elsewhere string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, elsewhere+r.URL.Path, http.StatusFound)
			}
		},
		"the request for a token is redirected": func(server *front, elsewhere string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/token" {
					http.Redirect(w, r, elsewhere+"/token", http.StatusPermanentRedirect)
					return
				}
				withToken(server.URL+"/token", http.NotFoundHandler())(w, r)
			}
		},
	} {
		for shape, config := range map[string]string{
			"password": `{"username":"` + user + `","password":"` + secret + `"}`, "identity token": `{"identitytoken":"` + secret + `"}`,
		} {
			t.Run(name+", "+shape, func(t *testing.T) {
				var got []string
				elsewhere := serve(t, "https", func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					got = append(got, string(body)+r.Header.Get("Authorization"))
					w.Header().Set("WWW-Authenticate", `Bearer realm="https://evil.example.com/token"`)
					w.WriteHeader(http.StatusUnauthorized)
				})
				var server *front
				server = serve(t, "https", func(w http.ResponseWriter, r *http.Request) {
					attack(server, "https://evil.example.com")(w, r)
				})
				client := registry.Client{}.At(map[string]string{"evil.example.com:443": elsewhere.host})
				access := registry.Access{DockerConfig: []byte(`{"auths":{"` + server.host + `":` + config + `}}`)}
				_, err := client.Pin(t.Context(), server.host+"/team/python:3.12", access)
				require.Error(t, err)
				for _, sent := range got {
					assert.NotContains(t, sent, secret)
					assert.NotContains(t, sent, basic)
				}
			})
		}
	}
}

func TestARegistryCannotSendTheOperatorToItself(t *testing.T) {
	internal := serve(t, "https", newStore(t).ServeHTTP)
	plain := serve(t, "http", newStore(t).ServeHTTP)
	_, port, _ := strings.Cut(internal.host, ":")
	for name, target := range map[string]string{
		"by its address": "https://" + internal.host, "by a name": "https://localhost:" + port, "in plain text": "http://" + plain.host,
		"the metadata service": "http://169.254.169.254", "the same in a certificate's words": "https://169.254.169.254", "a file": "file:///etc/passwd",
	} {
		t.Run(name, func(t *testing.T) {
			for where, handler := range map[string]http.HandlerFunc{
				"the realm": withToken(target+"/token", http.NotFoundHandler()),
				"the start": func(w http.ResponseWriter, r *http.Request) {
					http.Redirect(w, r, target+r.URL.Path, http.StatusFound)
				},
				"the manifest": afterLogin(func(w http.ResponseWriter, r *http.Request) {
					http.Redirect(w, r, target+r.URL.Path, http.StatusFound)
				}),
			} {
				server := serve(t, "https", handler)
				_, err := local.Pin(t.Context(), server.host+"/team/python:3.12", registry.Access{})
				var e *registry.Error
				require.ErrorAs(t, err, &e, where)
			}
			assert.Empty(t, internal.asked())
			assert.Empty(t, plain.asked())
		})
	}
}

func TestARegistryThatGoesOnForEverIsLeft(t *testing.T) {
	endless := func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			return // what is written would go nowhere, and never fail
		}
		for block := make([]byte, 64<<10); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}
	around := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+"?"+r.URL.RawQuery+"x", http.StatusFound)
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		text    string
	}{
		"a manifest without end":     {afterLogin(headless(http.HandlerFunc(endless), status(405))), "too large"},
		"a start without end":        {endless, ""},
		"redirects without end":      {around, ""},
		"a manifest without a place": {afterLogin(around), "redirects too often"},
		"a trouble without end": {afterLogin(headless(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			endless(w, r)
		}), status(405))), ""},
		"headers without end": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
			w.WriteHeader(http.StatusOK)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, "https", test.handler)
			_, err := local.Pin(t.Context(), server.host+"/team/python:3.12", registry.Access{})
			requireReason(t, err, registry.Unreachable, server.host, test.text)
			assert.LessOrEqual(t, len(server.asked()), 21)
		})
	}
}
