package source_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"testing"

	"crypto/ed25519"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/source/internal/gittest"
)

// hashed is a known_hosts line as ssh-keyscan -H writes it.
func hashed(server *gittest.SSH, key ssh.PublicKey) []byte {
	salt := []byte("0123456789abcdefghij")
	mac := hmac.New(sha1.New, salt)
	fmt.Fprintf(mac, "[%s]:%d", server.Host, server.Port)
	encode := base64.StdEncoding.EncodeToString
	return []byte("|1|" + encode(salt) + "|" + encode(mac.Sum(nil)) + " " + string(ssh.MarshalAuthorizedKey(key)))
}

func ecdsaKey(t testing.TB) ssh.PublicKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	public, err := ssh.NewPublicKey(&key.PublicKey)
	require.NoError(t, err)
	return public
}

func encryptedKey(t testing.TB) []byte {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte("open sesame"))
	require.NoError(t, err)
	return pem.EncodeToMemory(block)
}

// keyFor leaves the ssh key out where the URL has no use for it.
func keyFor(scheme string, key []byte) source.Credentials {
	if scheme != "ssh" {
		return source.Credentials{}
	}
	return source.Credentials{SSHPrivateKey: key}
}

// incompressible is the same noise every time.
func incompressible(n int) string {
	out := make([]byte, n)
	state := uint64(88172645463325252)
	for i := range out {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		out[i] = byte(state)
	}
	return string(out)
}

func manyFiles(n int) map[string]gittest.File {
	files := map[string]gittest.File{}
	for i := range n {
		files[fmt.Sprint(i)] = text(fmt.Sprint(i))
	}
	return files
}

func samePlaces(n int, content string) map[string]gittest.File {
	files := map[string]gittest.File{}
	for i := range n {
		files[fmt.Sprint(i)] = text(content)
	}
	return files
}
