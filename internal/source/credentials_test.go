package source_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/source/internal/gittest"
)

func TestCredentialsAreReadFromTheKeysOfASecret(t *testing.T) {
	_, key := gittest.Key(t)
	for name, test := range map[string]struct {
		data map[string]string
		text string // of the refusal
	}{
		"basic auth":                      {map[string]string{"username": "ada", "password": "x"}, ""},
		"a token":                         {map[string]string{"token": "x\n"}, ""},
		"ssh auth":                        {map[string]string{"ssh-privatekey": string(key)}, ""},
		"an authority alone":              {map[string]string{"ca.crt": string(filled(t).ServeHTTP(t, true).CA())}, ""},
		"nothing":                         {nil, "none of the keys"},
		"a user name alone":               {map[string]string{"username": "ada"}, "none of the keys"},
		"other keys":                      {map[string]string{"user": "ada", "pass": "x"}, "none of the keys"},
		"a token and a password":          {map[string]string{"token": "x", "password": "y"}, "both"},
		"a password of two lines":         {map[string]string{"password": "x\ny"}, "one line"},
		"a user name with a colon":        {map[string]string{"username": "a:b", "password": "x"}, "':'"},
		"a certificate that is not":       {map[string]string{"token": "x", "ca.crt": "y"}, "ca.crt"},
		"a key in place of a certificate": {map[string]string{"token": "x", "ca.crt": string(key)}, "ca.crt"},
		"a key that is not":               {map[string]string{"ssh-privatekey": "x"}, "BEGIN"},
		"a locked key":                    {map[string]string{"ssh-privatekey": string(encryptedKey(t))}, "passphrase"},
	} {
		t.Run(name, func(t *testing.T) {
			data := map[string][]byte{}
			for key, value := range test.data {
				data[key] = []byte(value)
			}
			_, err := source.CredentialsFromData(data)
			if test.text == "" {
				require.NoError(t, err)
				return
			}
			requireReason(t, err, source.CredentialsInvalid, test.text)
		})
	}
}

func TestCredentialsPrintNoSecret(t *testing.T) {
	c := source.Credentials{Username: "ada", Password: secret, Token: secret, SSHPrivateKey: []byte(secret)}
	encoded, err := json.Marshal(map[string]any{"c": c, "p": &c})
	require.NoError(t, err)
	repository := source.Repository{Credentials: c}
	for _, printed := range []string{fmt.Sprint(c), fmt.Sprint(&c), fmt.Sprintf("%+v %#v %s %q %v", c, c, c, c, repository), fmt.Sprintf("%+v %#v", repository, &repository), string(encoded)} {
		assert.NotContains(t, printed, secret)
		assert.Contains(t, printed, "ssh-privatekey")
	}
}
