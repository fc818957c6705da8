package registry

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
)

// login is what a docker config has credentials for.
type login []entry

// entry is one key of auths: a host, and the path below which it counts.
type entry struct {
	host, path string
	config     authn.AuthConfig
}

// credentials of one repository, or none.
type credentials authn.AuthConfig

// Authorization makes credentials an authn.Authenticator.
func (c credentials) Authorization() (*authn.AuthConfig, error) {
	config := authn.AuthConfig(c)
	return &config, nil
}

func (c credentials) known() bool {
	return c.Auth != "" || c.IdentityToken != "" || c.RegistryToken != ""
}

// readDockerConfig reads a .dockerconfigjson. Helpers are programs on somebody's machine, so they are ignored; the
// library's own reader would run them.
func readDockerConfig(data []byte) (login, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil
	}
	var file struct {
		Auths map[string]json.RawMessage `json:"auths"`
	}
	if json.Unmarshal(data, &file) != nil {
		return nil, problem(CredentialsInvalid, "The key .dockerconfigjson of the push secret is not a docker config. %s", howToMakeOne)
	}
	var found login
	for _, key := range slices.Sorted(maps.Keys(file.Auths)) {
		var config authn.AuthConfig
		if json.Unmarshal(file.Auths[key], &config) != nil {
			return nil, problem(CredentialsInvalid, "What the key .dockerconfigjson of the push secret says for %q cannot be read: auth is not base64 of "+
				"user:password, or something else is not text. %s", shortened(key), howToMakeOne)
		}
		config.Password = strings.Trim(config.Password, "\x00") // some versions of docker filled it up
		if config.Username == "" && config.Password == "" {
			config.Auth = "" // what is written beside an identity token may be an empty pair
		}
		host, path := splitKey(key)
		found = append(found, entry{host, path, config})
	}
	return found, nil
}

const howToMakeOne = "Make it with kubectl create secret docker-registry, and name it in registry.pushSecret."

// splitKey understands every spelling in use: a host, a URL of one, with the version of the API or with a path.
func splitKey(key string) (host, path string) {
	key = strings.ToLower(strings.TrimSpace(key))
	key = strings.TrimPrefix(strings.TrimPrefix(key, "https://"), "http://")
	host, path, _ = strings.Cut(key, "/")
	path = strings.Trim(path, "/")
	if path == "v1" || path == "v2" {
		path = ""
	}
	return hubAlias(host), path
}

// hubAlias gives Docker Hub, which has several names, the one that references get.
func hubAlias(host string) string {
	switch strings.ToLower(host) {
	case dockerHub, "registry-1.docker.io":
		return name.DefaultRegistry
	}
	return host
}

// forRepository are the credentials whose path is the longest that the repository is below.
func (l login) forRepository(repository name.Repository) credentials {
	var best credentials
	length := -1
	for _, e := range l {
		c := credentials(e.config)
		if c.known() && len(e.path) > length && e.covers(repository) {
			best, length = c, len(e.path)
		}
	}
	return best
}

func (e entry) covers(repository name.Repository) bool {
	if !strings.EqualFold(e.host, hubAlias(repository.RegistryStr())) {
		return false
	}
	return e.path == "" || strings.HasPrefix(repository.RepositoryStr()+"/", e.path+"/")
}
