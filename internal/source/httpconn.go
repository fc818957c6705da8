package source

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
)

const (
	infoRefs     = "/info/refs"
	uploadPack   = "git-upload-pack"
	maxRedirects = 5
	// userAgent begins as that of git: some servers show programs another site.
	userAgent = "git/2.0 (notebook-validator-operator)"
)

var (
	errRedirects   = errors.New("too many redirects")
	errDowngrade   = errors.New("redirect from https to http")
	errRedirectTo  = errors.New("redirect to something that is not a Git repository")
	errNotSmartGit = errors.New("no smart Git protocol")
)

// statusError is an answer that is not 200.
type statusError struct {
	code       int
	redirected bool // away from the origin, so without credentials
}

func (e *statusError) Error() string { return fmt.Sprintf("HTTP status %d", e.code) }

// httpConnection speaks the smart protocol over https and http.
type httpConnection struct {
	client      *http.Client
	base        *url.URL
	origin      *url.URL
	credentials Credentials
	user        string
	meter       *meter
}

func connectHTTP(address Address, credentials Credentials, meter *meter) (*httpConnection, error) {
	if len(credentials.SSHPrivateKey) > 0 && credentials.Password == "" && credentials.Token == "" && len(credentials.CABundle) == 0 {
		return nil, problem(CredentialsInvalid, "The Git URL is %s, but the Git Secret holds only an ssh key. Give the Secret username and password, or token, or use an ssh URL.", address.Scheme)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(credentials.CABundle) > 0 {
		pool, err := certificates(credentials.CABundle)
		if err != nil {
			return nil, err
		}
		config.RootCAs = pool
	}
	base, err := url.Parse(address.String())
	if err != nil {
		return nil, problem(InvalidSource, "The Git URL cannot be read.")
	}
	base.Path, base.RawPath = strings.TrimSuffix(base.Path, "/"), strings.TrimSuffix(base.RawPath, "/")
	c := &httpConnection{base: base, origin: base, credentials: credentials, user: address.User, meter: meter}
	c.client = &http.Client{
		CheckRedirect: c.checkRedirect,
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			TLSClientConfig:        config,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true, // packs are compressed already, and a second time hides their size
			MaxResponseHeaderBytes: 64 << 10,
			TLSHandshakeTimeout:    time.Minute,
		},
	}
	return c, nil
}

// certificates are the system's authorities and those of the bundle.
func certificates(bundle []byte) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	found := false
	for block, rest := pem.Decode(bundle); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if block.Type != "CERTIFICATE" || err != nil {
			return nil, problem(CredentialsInvalid, "The key ca.crt of the Git Secret holds something that is not a certificate. It must be PEM text of certificates only.")
		}
		pool.AddCert(certificate)
		found = true
	}
	if !found {
		return nil, problem(CredentialsInvalid, "The key ca.crt of the Git Secret holds no certificate. It must be PEM text, from BEGIN CERTIFICATE to END CERTIFICATE.")
	}
	return pool, nil
}

// checkRedirect lets the first request be redirected, as git does, and takes
// the credentials off as soon as the way has left the server they are for.
func (c *httpConnection) checkRedirect(request *http.Request, via []*http.Request) error {
	switch {
	case via[0].Method != http.MethodGet:
		return http.ErrUseLastResponse
	case len(via) > maxRedirects:
		return errRedirects
	case request.URL.Scheme != "https" && request.URL.Scheme != "http":
		return errRedirectTo
	case via[len(via)-1].URL.Scheme == "https" && request.URL.Scheme == "http":
		return errDowngrade
	}
	request.Header.Del("Referer")
	for _, hop := range append([]*http.Request{request}, via...) {
		if !c.trusted(hop.URL) {
			request.Header.Del("Authorization")
			request.URL.User = nil
		}
	}
	return nil
}

// trusted says whether credentials may go to the URL: to the same server only,
// or from http to https on it.
func (c *httpConnection) trusted(to *url.URL) bool {
	if !strings.EqualFold(to.Hostname(), c.origin.Hostname()) {
		return false
	}
	if to.Scheme == c.origin.Scheme {
		return effectivePort(to) == effectivePort(c.origin)
	}
	return c.origin.Scheme == "http" && to.Scheme == "https" && effectivePort(c.origin) == "80" && effectivePort(to) == "443"
}

func effectivePort(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

func (c *httpConnection) advertise(ctx context.Context) (*packp.AdvRefs, error) {
	target := *c.base
	target.Path += infoRefs
	if target.RawPath != "" {
		target.RawPath += infoRefs
	}
	target.RawQuery = "service=" + uploadPack
	response, err := c.do(ctx, http.MethodGet, &target, nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if err := c.follow(response.Request.URL); err != nil {
		return nil, err
	}
	if !hasType(response, "application/x-"+uploadPack+"-advertisement") {
		return nil, errNotSmartGit
	}
	return decodeAdvertisement(c.meter.reader(ctx, response.Body))
}

// follow makes the place that the first request ended at the repository's.
func (c *httpConnection) follow(end *url.URL) error {
	path, ok := strings.CutSuffix(end.EscapedPath(), infoRefs)
	if !ok {
		return errRedirectTo
	}
	base, err := url.Parse(end.Scheme + "://" + end.Host + path)
	if err != nil {
		return errRedirectTo
	}
	c.base = base
	return nil
}

func (c *httpConnection) request(ctx context.Context, body []byte) (io.ReadCloser, error) {
	target := *c.base
	target.Path += "/" + uploadPack
	if target.RawPath != "" {
		target.RawPath += "/" + uploadPack
	}
	response, err := c.do(ctx, http.MethodPost, &target, body)
	if err != nil {
		return nil, err
	}
	if !hasType(response, "application/x-"+uploadPack+"-result") {
		_ = response.Body.Close()
		return nil, errNotSmartGit
	}
	return readCloser{c.meter.reader(ctx, response.Body), response.Body}, nil
}

func (c *httpConnection) do(ctx context.Context, method string, target *url.URL, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", userAgent)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-"+uploadPack+"-request")
		request.Header.Set("Accept", "application/x-"+uploadPack+"-result")
	}
	if name, password, ok := c.credentials.basicAuth(c.user); ok && c.trusted(target) {
		request.SetBasicAuth(name, password)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, &statusError{response.StatusCode, !c.trusted(response.Request.URL)}
	}
	return response, nil
}

func hasType(response *http.Response, want string) bool {
	got, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	return err == nil && got == want
}

func (c *httpConnection) reusable() bool { return true }

func (c *httpConnection) close() { c.client.CloseIdleConnections() }

type readCloser struct {
	io.Reader
	io.Closer
}
