package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Keys of the Secret. Those of Kubernetes' own types kubernetes.io/basic-auth and kubernetes.io/ssh-auth are among them.
const (
	keyUsername   = "username"
	keyPassword   = "password"
	keyToken      = "token"
	keyPrivateKey = "ssh-privatekey"
	keyKnownHosts = "known_hosts"
	keyCABundle   = "ca.crt"
)

// maxSecretBytes is more than any Secret can hold.
const maxSecretBytes = 1 << 20

// Credentials are what the Secret of a repository holds. Printing them shows which are there, never what they are.
type Credentials struct {
	Username, Password, Token string

	SSHPrivateKey, KnownHosts, CABundle []byte
}

// String names what is there.
func (c Credentials) String() string {
	var has []string
	for _, part := range []struct {
		name  string
		given bool
	}{
		{keyUsername, c.Username != ""}, {keyPassword, c.Password != ""}, {keyToken, c.Token != ""},
		{keyPrivateKey, len(c.SSHPrivateKey) > 0}, {keyKnownHosts, len(c.KnownHosts) > 0}, {keyCABundle, len(c.CABundle) > 0},
	} {
		if part.given {
			has = append(has, part.name)
		}
	}
	return "credentials(" + strings.Join(has, ", ") + ")"
}

// GoString is String, so that %#v shows no more.
func (c Credentials) GoString() string { return c.String() }

// MarshalJSON is String, so that structured logs show no more.
func (c Credentials) MarshalJSON() ([]byte, error) { return []byte(`"` + c.String() + `"`), nil }

// CredentialsFromData reads the data of a Secret.
func CredentialsFromData(data map[string][]byte) (Credentials, error) {
	line := func(key string) string { return strings.TrimRight(string(data[key]), "\r\n") }
	c := Credentials{
		Username: line(keyUsername), Password: line(keyPassword), Token: line(keyToken),
		SSHPrivateKey: data[keyPrivateKey], KnownHosts: data[keyKnownHosts], CABundle: data[keyCABundle],
	}
	switch {
	case c.Password == "" && c.Token == "" && len(c.SSHPrivateKey) == 0 && len(c.CABundle) == 0 && len(c.KnownHosts) == 0:
		return Credentials{}, problem(CredentialsInvalid, "The Git Secret is missing or has none of the keys that are read. Give it username and password, or token, or ssh-privatekey and known_hosts; ca.crt adds certificate authorities.")
	case c.Password != "" && c.Token != "":
		return Credentials{}, problem(CredentialsInvalid, "The Git Secret has both password and token. Remove one of them.")
	case strings.Contains(c.Username, ":") || strings.ContainsAny(c.Username+c.Password+c.Token, "\x00\r\n"):
		return Credentials{}, problem(CredentialsInvalid, "The Git Secret has a user name with ':', or a user name, password or token of more than one line. Correct it.")
	case len(c.CABundle) > 0:
		if _, err := certificates(c.CABundle); err != nil {
			return Credentials{}, err
		}
	}
	if len(c.SSHPrivateKey) > 0 {
		if _, err := c.signer(); err != nil {
			return Credentials{}, err
		}
	}
	return c, nil
}

// CredentialsFromDir reads a Secret that is mounted as a directory.
func CredentialsFromDir(dir string) (Credentials, error) {
	data := map[string][]byte{}
	for _, key := range []string{keyUsername, keyPassword, keyToken, keyPrivateKey, keyKnownHosts, keyCABundle} {
		info, err := os.Stat(filepath.Join(dir, key))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && info.Size() > maxSecretBytes {
			return Credentials{}, problem(CredentialsInvalid, "Key %s of the Git Secret is larger than %d bytes.", key, maxSecretBytes)
		}
		if err == nil {
			data[key], err = os.ReadFile(filepath.Join(dir, key))
		}
		if err != nil {
			return Credentials{}, problem(CredentialsInvalid, "Key %s of the Git Secret cannot be read in the pod.", key)
		}
	}
	return CredentialsFromData(data)
}

// signer reads the private key.
func (c Credentials) signer() (ssh.Signer, error) {
	signer, err := ssh.ParsePrivateKey(c.SSHPrivateKey)
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked):
		return nil, problem(CredentialsInvalid, "The key ssh-privatekey of the Git Secret is protected by a passphrase. Use a deploy key without one: ssh-keygen -t ed25519 -N '' -f deploy-key.")
	case err != nil:
		return nil, problem(CredentialsInvalid, "The key ssh-privatekey of the Git Secret is not a private key. Put in the whole file, from its BEGIN line to its END line.")
	}
	return signer, nil
}

// basicAuth is what https and http send; ok is false for no credentials.
func (c Credentials) basicAuth(user string) (name, password string, ok bool) {
	name = first(c.Username, user)
	switch {
	case c.Token != "":
		// Servers take any name with a token, or want this one.
		return first(name, "oauth2"), c.Token, true
	case c.Password != "":
		return name, c.Password, true
	}
	return user, "", user != ""
}

// hide removes every secret from a text that a server may have made of them.
func (c Credentials) hide(text string) string {
	for _, secret := range []string{c.Password, c.Token} {
		if len(secret) > 3 {
			text = strings.ReplaceAll(text, secret, "[hidden]")
		}
	}
	return text
}
