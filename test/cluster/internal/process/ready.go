package process

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"time"
)

// probe is how long one readiness request may take.
const probe = 2 * time.Second

// Plain returns a client for plain http.
func Plain() *http.Client {
	return &http.Client{Timeout: probe, Transport: &http.Transport{DisableKeepAlives: true}}
}

// Trusting returns a client that trusts one authority only.
func Trusting(authority string) *http.Client {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(authority))
	return &http.Client{Timeout: probe, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots}}}
}

// HTTPOK returns nil when the address answers with 200.
func HTTPOK(url string, client *http.Client) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}

// Listens returns nil when something accepts connections at the address.
func Listens(network, address string) error {
	connection, err := net.DialTimeout(network, address, probe)
	if err != nil {
		return err
	}
	return connection.Close()
}
