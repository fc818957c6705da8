package pki

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"path/filepath"

	"golang.org/x/crypto/ssh"
)

// EnsureSSHKey makes the key file in OpenSSH form, with its public half beside it as .pub, unless it is there, and returns
// the signer.
func EnsureSSHKey(path, comment string) (ssh.Signer, error) {
	if content, err := os.ReadFile(path); err == nil {
		return ssh.ParsePrivateKey(content)
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(key, comment)
	if err != nil {
		return nil, err
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(path+".pub", ssh.MarshalAuthorizedKey(signer.PublicKey()), 0o644); err != nil {
		return nil, err
	}
	return signer, os.WriteFile(path, pem.EncodeToMemory(block), 0o600)
}
