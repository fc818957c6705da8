package pki

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

func TestAServerCertificateIsTrustedByItsAuthorityOnly(t *testing.T) {
	authority, err := OpenAuthority(t.TempDir(), "ca")
	require.NoError(t, err)
	require.NoError(t, authority.Ensure("server", Subject{CommonName: "server", Addresses: []string{"198.51.100.2"}}))
	der, err := readPEM(authority.CertFile("server"))
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)

	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM([]byte(authority.PEM())))
	_, err = cert.Verify(x509.VerifyOptions{Roots: roots})
	require.NoError(t, err)
	assert.NoError(t, cert.VerifyHostname("198.51.100.2"))
	assert.Error(t, cert.VerifyHostname("198.51.100.3"))

	stranger, err := OpenAuthority(t.TempDir(), "ca")
	require.NoError(t, err)
	others := x509.NewCertPool()
	require.True(t, others.AppendCertsFromPEM([]byte(stranger.PEM())))
	_, err = cert.Verify(x509.VerifyOptions{Roots: others})
	assert.Error(t, err)
}

func TestWhatWasMadeOnceIsKept(t *testing.T) {
	dir := t.TempDir()
	first, err := OpenAuthority(dir, "ca")
	require.NoError(t, err)
	second, err := OpenAuthority(dir, "ca")
	require.NoError(t, err)
	assert.Equal(t, first.PEM(), second.PEM())

	password, err := EnsurePassword(filepath.Join(dir, "password"))
	require.NoError(t, err)
	again, err := EnsurePassword(filepath.Join(dir, "password"))
	require.NoError(t, err)
	assert.Equal(t, password, again)
	assert.Len(t, password, 32)

	key, err := EnsureSSHKey(filepath.Join(dir, "ssh"), "test")
	require.NoError(t, err)
	same, err := EnsureSSHKey(filepath.Join(dir, "ssh"), "test")
	require.NoError(t, err)
	assert.Equal(t, ssh.FingerprintSHA256(key.PublicKey()), ssh.FingerprintSHA256(same.PublicKey()))
}

func TestKeysAreForTheirOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	authority, err := OpenAuthority(dir, "ca")
	require.NoError(t, err)
	_, err = EnsureSSHKey(filepath.Join(dir, "ssh"), "test")
	require.NoError(t, err)

	for _, path := range []string{authority.KeyFile("ca"), filepath.Join(dir, "ssh")} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), path)
	}
}
