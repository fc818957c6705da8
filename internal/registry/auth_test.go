package registry_test

import (
	"encoding/base64"
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

var basic = base64.StdEncoding.EncodeToString([]byte(user + ":" + secret))

func TestEveryShapeOfADockerConfigIsUnderstood(t *testing.T) {
	server := serve(t, "https", withPassword(newStore(t)))
	pair := fmt.Sprintf(`{"username":%q,"password":%q}`, user, secret)
	for name, test := range map[string]struct {
		config string
		reason registry.Trouble
	}{
		"username and password":          {`{"auths":{"HOST":` + pair + `}}`, ""},
		"auth":                           {`{"auths":{"HOST":{"auth":"` + basic + `"}}}`, ""},
		"auth without padding":           {`{"auths":{"HOST":{"auth":"` + strings.TrimRight(basic, "=") + `"}}}`, ""},
		"auth filled up with zeros":      {`{"auths":{"HOST":{"auth":"` + base64.StdEncoding.EncodeToString([]byte(user+":"+secret+"\x00\x00")) + `"}}}`, ""},
		"auth and more":                  {`{"auths":{"HOST":{"auth":"` + basic + `","email":"a@example.com"}},"HttpHeaders":{"User-Agent":"x"}}`, ""},
		"a URL":                          {`{"auths":{"https://HOST":` + pair + `}}`, ""},
		"a URL of plain http":            {`{"auths":{"http://HOST/":` + pair + `}}`, ""},
		"a URL with the first version":   {`{"auths":{"https://HOST/v1/":` + pair + `}}`, ""},
		"a host with the second version": {`{"auths":{"HOST/v2":` + pair + `}}`, ""},
		"a path above":                   {`{"auths":{"HOST/team":` + pair + `}}`, ""},
		"the very path":                  {`{"auths":{"https://HOST/team/python/":` + pair + `}}`, ""},
		"the longest path wins":          {`{"auths":{"HOST":{"username":"eve","password":"no"},"HOST/team":` + pair + `}}`, ""},
		"an empty entry besides":         {`{"auths":{"HOST/team":{},"HOST":` + pair + `}}`, ""},
		"helpers are ignored":            {`{"credsStore":"desktop","credHelpers":{"HOST":"gcloud"},"auths":{"HOST":` + pair + `}}`, ""},
		"only helpers":                   {`{"credsStore":"desktop","credHelpers":{"HOST":"gcloud"}}`, registry.Unauthorized},
		"another path":                   {`{"auths":{"HOST/tea":` + pair + `}}`, registry.Unauthorized},
		"another host":                   {`{"auths":{"example.com":` + pair + `}}`, registry.Unauthorized},
		"the host without its port":      {`{"auths":{"127.0.0.1":` + pair + `}}`, registry.Unauthorized},
		"a password without a user":      {`{"auths":{"HOST":{"password":"x"}}}`, registry.Unauthorized},
		"nothing":                        {``, registry.Unauthorized},
		"an empty object":                {`{}`, registry.Unauthorized},
		"null":                           {`{"auths":null}`, registry.Unauthorized},
		"no JSON":                        {`auths: {}`, registry.CredentialsInvalid},
		"half of it":                     {`{"auths":{"HOST":`, registry.CredentialsInvalid},
		"two":                            {`{"auths":{}} {"auths":{}}`, registry.CredentialsInvalid},
		"a list":                         {`[]`, registry.CredentialsInvalid},
		"auths as text":                  {`{"auths":"HOST"}`, registry.CredentialsInvalid},
		"an entry as text":               {`{"auths":{"HOST":"hunter2-hunter2"}}`, registry.CredentialsInvalid},
		"auth that is not base64":        {`{"auths":{"HOST":{"auth":"hunter2-hunter2"}}}`, registry.CredentialsInvalid},
		"auth that is no pair":           {`{"auths":{"HOST":{"auth":"` + base64.StdEncoding.EncodeToString([]byte(secret)) + `"}}}`, registry.CredentialsInvalid},
		"a password that is a number":    {`{"auths":{"HOST":{"username":"ada","password":1}}}`, registry.CredentialsInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			config := strings.ReplaceAll(test.config, "HOST", server.host)
			_, err := local.Pin(t.Context(), server.host+"/team/python:3.12", registry.Access{DockerConfig: []byte(config)})
			switch test.reason {
			case "":
				require.NoError(t, err)
			case registry.CredentialsInvalid:
				requireReason(t, err, test.reason, ".dockerconfigjson", "registry.pushSecret")
			default:
				requireReason(t, err, test.reason, server.host, "wants credentials", "registry.pushSecret")
			}
		})
	}
}

func TestWrongCredentialsAreSaidToBe(t *testing.T) {
	server := serve(t, "https", withPassword(newStore(t)))
	config := []byte(`{"auths":{"` + server.host + `":{"username":"ada","password":"another-secret"}}}`)
	_, err := local.Pin(t.Context(), server.host+"/team/python:3.12", registry.Access{DockerConfig: config})
	e := errorOf(t, err, registry.Unauthorized, "refuses the credentials of the push secret", "team/python:3.12")
	assert.NotContains(t, fmt.Sprintf("%s %+v %#v", e, e, e), "another-secret", "the server repeats it")
	assert.False(t, e.Temporary)
	_, err = local.Exists(t.Context(), server.host+"/team/python@"+aDigest, registry.Access{DockerConfig: config})
	requireReason(t, err, registry.Unauthorized)
}

func TestDockerHubGetsTheCredentialsOfAllItsNames(t *testing.T) {
	hub := serve(t, "https", withPassword(newStore(t)))
	host := "hub.example.com"
	for _, key := range []string{"docker.io", "index.docker.io", "https://index.docker.io/v1/", "registry-1.docker.io", "Docker.io"} {
		// The certificate is not that of Docker Hub, which Insecure allows by its usual name.
		client := registry.Client{}.At(map[string]string{"index.docker.io:443": hub.host})
		_, err := client.Pin(t.Context(), "team/python:3.12", registry.Access{DockerConfig: dockerConfig(key), Insecure: []string{"docker.io"}})
		require.NoError(t, err, key)
		client = registry.Client{}.At(map[string]string{host + ":443": hub.host})
		_, err = client.Pin(t.Context(), host+"/team/python:3.12", registry.Access{DockerConfig: dockerConfig(key)})
		requireReason(t, err, registry.Unauthorized)
	}
}

func TestATokenIsFetchedFromTheRealmWithTheCredentialsOfTheRegistry(t *testing.T) {
	tokens := serve(t, "https", withPassword(http.HandlerFunc(giveToken)))
	_, port, err := net.SplitHostPort(tokens.host)
	require.NoError(t, err)
	realm := "auth.example.com:" + port
	s := newStore(t)
	server := serve(t, "https", withToken("https://"+realm+"/token", s))
	client := registry.Client{}.At(map[string]string{"registry.example.com:443": server.host, realm: tokens.host})
	pinned, err := client.Pin(t.Context(), "registry.example.com/team/python:3.12", registry.Access{DockerConfig: dockerConfig("registry.example.com")})
	require.NoError(t, err)
	assert.Equal(t, "registry.example.com/team/python@"+s.image, pinned)
	assert.Equal(t, []string{"Basic " + basic}, tokens.authorizations())
	for _, header := range server.authorizations() {
		assert.NotContains(t, header, basic, "the registry itself is only shown the token")
	}
	_, err = client.Pin(t.Context(), "registry.example.com/team/python:3.12", registry.Access{DockerConfig: dockerConfig(realm)})
	requireReason(t, err, registry.Unauthorized, "registry.example.com wants credentials")
	assert.Equal(t, []string{"Basic " + basic, ""}, tokens.authorizations(), "those of another host are not sent, were it the realm")
}

func TestAnIdentityTokenIsExchanged(t *testing.T) {
	s := newStore(t)
	var server *front
	server = serve(t, "https", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			withToken(server.URL+"/token", s)(w, r)
			return
		}
		if r.Method != http.MethodPost || r.FormValue("refresh_token") != secret {
			http.Error(w, "wrong", http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"access_token":"a-token"}`)
	})
	config := []byte(`{"auths":{"` + server.host + `":{"auth":"Og==","identitytoken":"` + secret + `"}}}`)
	_, err := local.Pin(t.Context(), server.host+"/team/python:3.12", registry.Access{DockerConfig: config})
	require.NoError(t, err)
}

func TestATokenServerThatKnowsNothingDoesNotMeanThatTheImageIsGone(t *testing.T) {
	var server *front
	server = serve(t, "https", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		withToken(server.URL+"/token", http.NotFoundHandler())(w, r)
	})
	_, err := local.Exists(t.Context(), server.host+"/team/python@"+aDigest, registry.Access{})
	requireReason(t, err, registry.Unreachable, "404")
}
