package registry

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzDockerConfig reads what a user put into a Secret: it is read or refused with one reason, and no credentials are
// found for a host that it does not name.
func FuzzDockerConfig(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"auths":null}`, `{"auths":{"":{}}}`, `{"auths":{"registry.example.com":null}}`,
		`{"auths":{"registry.example.com":{"auth":"YWRhOnNlY3JldA=="}}}`,
		`{"auths":{"registry.example.com":{"auth":"YWRhOnNlY3JldA"}}}`,
		`{"auths":{"https://registry.example.com/v1/":{"username":"ada","password":"secret"}}}`,
		`{"auths":{"registry.example.com/team":{"identitytoken":"secret"},"registry.example.com/te":{"registrytoken":"secret"}}}`,
		`{"auths":{"docker.io":{"auth":"Og=="},"INDEX.docker.io":{"auth":"!"}}}`,
		`{"credsStore":"x","credHelpers":{"registry.example.com":"y"}}`,
		`{"auths":{"registry.example.com":{"auth":"YWRh"}}}`, `{"auths":{"registry.example.com":{"username":1}}}`,
		`{"auths":{"//registry.example.com///":{"username":"a","password":"b"}}} x`, `{"AUTHS":{"https://":{"username":"a","password":"b"}}}`,
	} {
		f.Add([]byte(seed))
	}
	repository, err := name.NewRepository("registry.example.com/team/python")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := readDockerConfig(data)
		if err != nil {
			var e *Error
			require.True(t, errors.As(err, &e))
			assert.Equal(t, CredentialsInvalid, e.Reason)
			assert.False(t, e.Temporary)
			assert.NotContains(t, e.Message, "\n")
			assert.Less(t, len(e.Message), 4000)
			return
		}
		if !found.forRepository(repository).known() {
			return
		}
		named := false
		for _, e := range found {
			named = named || strings.EqualFold(e.host, "registry.example.com")
		}
		assert.True(t, named, "credentials of another host")
	})
}
