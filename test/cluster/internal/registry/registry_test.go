package registry

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheGuardAsksForThePasswordExceptForPublicPulls(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Get("Authorization"), "the password stays at the guard")
	}))
	defer backend.Close()
	target, err := url.Parse(backend.URL)
	require.NoError(t, err)
	guard := Guard{Backend: target.Host, Username: "user", Password: "secret", Public: "library/"}.Handler()
	const public, private = "/v2/library/base/manifests/1", "/v2/team/image/manifests/1"
	cases := map[string]struct {
		method, path, username, password string
		status                           int
	}{
		"a public pull without a password":     {method: "GET", path: public, status: 200},
		"a public pull with the password":      {method: "GET", path: public, username: "user", password: "secret", status: 200},
		"a public pull with a wrong password":  {method: "GET", path: public, username: "user", password: "wrong", status: 401},
		"a public push without a password":     {method: "PUT", path: public, status: 401},
		"a public push with the password":      {method: "PUT", path: public, username: "user", password: "secret", status: 200},
		"a private pull without a password":    {method: "GET", path: private, status: 401},
		"a private pull with a wrong password": {method: "HEAD", path: private, username: "user", password: "wrong", status: 401},
		"a private pull with the password":     {method: "HEAD", path: private, username: "user", password: "secret", status: 200},
		"a path that leads out of the prefix":  {method: "GET", path: "/v2/library/../team/image/manifests/1", status: 401},
		"the question what is spoken here":     {method: "GET", path: "/v2/", status: 401},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(c.method, "http://host/", nil)
			request.URL.Path = c.path
			if c.username != "" {
				request.SetBasicAuth(c.username, c.password)
			}
			response := httptest.NewRecorder()
			guard.ServeHTTP(response, request)
			assert.Equal(t, c.status, response.Code)
		})
	}
}
