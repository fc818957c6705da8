// Package registry is the cluster's image registry: Debian's docker-registry on the loopback address, and in front of it a
// guard that lets everybody pull below one prefix and asks for the password for all else.
//
// docker-registry alone knows only "all or nothing"; with the guard a missing pull or push secret is noticed the way a
// real registry would notice it, while the harness' own images need none.
package registry

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/process"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/textfile"
)

const configuration = `version: 0.1
log:
  level: warn
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: %s
  cache:
    blobdescriptor: inmemory
  delete:
    enabled: true
http:
  addr: %s
  relativeurls: true
  secret: %s
`

// Spec writes the registry's configuration and says how to run it.
func Spec(paths config.Paths, secret string) (process.Spec, error) {
	file := paths.In("config", "registry.yml")
	address := config.Loopback(config.RegistryBackend)
	content := fmt.Sprintf(configuration, paths.In("registry"), address, secret)
	return process.Spec{
		Name: "docker-registry",
		Args: []string{"docker-registry", "serve", file},
		// Credentials and tracing of the machine are none of its business.
		Env:   []string{"OTEL_TRACES_EXPORTER=none"},
		Reads: []string{file},
		Ready: func() error { return process.HTTPOK("http://"+address+"/v2/", process.Plain()) },
	}, textfile.Write(file, []byte(content), 0o600)
}

// Guard passes requests on to the registry at backend, if the client may make them.
type Guard struct {
	Backend  string
	Username string
	Password string
	// Public is the prefix of repositories that everybody may pull from.
	Public string
}

// Handler returns the guard as a handler.
func (g Guard) Handler() http.Handler {
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: g.Backend})
		r.Out.Header.Del("Authorization")
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.mayPull(r) && !g.authorized(r) {
			refuse(w)
			return
		}
		proxy.ServeHTTP(w, r)
	})
}

// mayPull reports whether the request only reads from a public repository. A wrong password is refused even there, as
// registries do: a test of bad credentials has to fail.
func (g Guard) mayPull(r *http.Request) bool {
	username, password, _ := r.BasicAuth()
	anonymous := username == "" && password == ""
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	return anonymous && reads && strings.HasPrefix(r.URL.Path, "/v2/"+g.Public) && !strings.Contains(r.URL.Path, "..")
}

func (g Guard) authorized(r *http.Request) bool {
	username, password, given := r.BasicAuth()
	right := subtle.ConstantTimeCompare([]byte(username), []byte(g.Username)) & subtle.ConstantTimeCompare([]byte(password), []byte(g.Password))
	return given && right == 1
}

func refuse(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	w.Header().Set("WWW-Authenticate", `Basic realm="notebook-validator"`)
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = w.Write([]byte(`{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}`))
}
