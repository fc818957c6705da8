package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// lifetime is far beyond that of any test cluster.
const lifetime = 10 * 365 * 24 * time.Hour

// Authority signs the certificates in one directory.
type Authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Subject says for whom a certificate is.
type Subject struct {
	CommonName    string
	Organizations []string
	// Addresses and Names make it a server's certificate as well.
	Addresses []string
	Names     []string
}

// CertFile and KeyFile return where the pair of that name is kept.
func (a *Authority) CertFile(name string) string { return filepath.Join(a.dir, name+".crt") }

// KeyFile returns where the key of that name is kept.
func (a *Authority) KeyFile(name string) string { return filepath.Join(a.dir, name+".key") }

// PEM returns the authority's own certificate.
func (a *Authority) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
}

// OpenAuthority reads the authority called name in the directory, or makes it.
func OpenAuthority(dir, name string) (*Authority, error) {
	a := &Authority{dir: dir}
	err := a.load(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return a, err
	}
	template := template(Subject{CommonName: "notebook-validator test " + name})
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage |= x509.KeyUsageCertSign
	template.ExtKeyUsage = nil
	if err := a.issue(name, template); err != nil {
		return nil, err
	}
	return a, a.load(name)
}

// Ensure makes the pair of that name unless it is there.
func (a *Authority) Ensure(name string, subject Subject) error {
	if _, err := os.Stat(a.CertFile(name)); err == nil {
		return nil
	}
	return a.issue(name, template(subject))
}

func template(subject Subject) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // the system has no randomness: nothing sensible can follow
	}
	cert := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: subject.CommonName, Organization: subject.Organizations},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(lifetime),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		DNSNames:     subject.Names,
	}
	for _, address := range subject.Addresses {
		cert.IPAddresses = append(cert.IPAddresses, net.ParseIP(address))
	}
	if len(cert.IPAddresses)+len(cert.DNSNames) > 0 {
		cert.ExtKeyUsage = append(cert.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	return cert
}

// issue signs with the authority's key, or with the new key itself when there is no authority yet. The certificate is
// written last: a pair without it is made again.
func (a *Authority) issue(name string, template *x509.Certificate) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return fmt.Errorf("sign the certificate %q: %w", name, err)
	}
	if err := writeKey(a.KeyFile(name), key); err != nil {
		return err
	}
	return writePEM(a.CertFile(name), "CERTIFICATE", der, 0o644)
}

func (a *Authority) load(name string) error {
	cert, err := readPEM(a.CertFile(name))
	if err != nil {
		return err
	}
	if a.cert, err = x509.ParseCertificate(cert); err != nil {
		return err
	}
	a.key, err = readKey(a.KeyFile(name))
	return err
}
