package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"github.com/go-git/go-git/v5/plumbing/format/pktline"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"

	"mlops.dev/notebook-validator-operator/internal/source/pack"
)

// explain gives every failure its one reason and sentence.
func (s *session) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	explained := s.classify(ctx, err)
	explained.Message = s.repository.Credentials.hide(explained.Message)
	return explained
}

func (s *session) classify(ctx context.Context, err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	if over := s.interrupted(ctx, err); over != nil {
		return over
	}
	for _, classify := range []func(error) *Error{s.bounds, s.certificate, s.status, s.said, s.local, s.network} {
		if e := classify(err); e != nil {
			return e
		}
	}
	return problem(InvalidSource, "What %s answers is not what Git servers send (%s). Check that git.url is a repository's.", s.address, s.plain(err))
}

func (s *session) interrupted(ctx context.Context, err error) *Error {
	var e *Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e = temporary("Reading %s was interrupted.", s.address)
		e.Err = context.Canceled
	case errors.Is(ctx.Err(), context.DeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		e = temporary("%s did not answer in full within %s. Check that the cluster reaches it, and that the repository is not far larger than its notebooks need.", s.address, s.limits.Timeout)
		e.Err = context.DeadlineExceeded
	}
	return e
}

func (s *session) bounds(err error) *Error {
	switch {
	case errors.Is(err, errTooManyBytes) && s.filter == "":
		return problem(RepositoryTooLarge, "The files of one commit of %s are more than %s. Move large files out of the repository.", s.address, bytesText(s.limits.Bytes))
	case errors.Is(err, errTooManyBytes):
		return problem(RepositoryTooLarge, "The repository at %s sends more than %s for the small files of one commit. Enable partial clone on the server (git config uploadpack.allowFilter true), move large files out of the repository, or raise --max-source-bytes.", s.address, bytesText(s.limits.Bytes))
	case errors.Is(err, pack.ErrTooLarge):
		return problem(RepositoryTooLarge, "The repository at %s is too large: %s. Move large files out of the repository.", s.address, s.plain(err))
	case errors.Is(err, errRefused):
		return problem(RefNotFound, "%s does not give away the commit that is asked for. Push it to a branch or tag and give that in git.ref.", s.address)
	case errors.Is(err, errSHA256):
		return problem(InvalidSource, "The repository at %s uses the SHA-256 object format, which is not supported. Use a repository with SHA-1 objects, which is Git's default.", s.address)
	case errors.Is(err, pack.ErrMalformed), errors.Is(err, pack.ErrMissing):
		return problem(InvalidSource, "The repository at %s is damaged: %s. Check it with git fsck.", s.address, s.plain(err))
	}
	return nil
}

func (s *session) certificate(err error) *Error {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &authority):
		return problem(CertificateUntrusted, "The certificate of %s is not signed by an authority that is known. Put the authority's certificate into key ca.crt of the Git Secret.", s.address.origin())
	case errors.As(err, &name):
		return problem(CertificateUntrusted, "The certificate of %s is for another host. Use the host name that the certificate has.", s.address.origin())
	case errors.As(err, &verification):
		return problem(CertificateUntrusted, "The certificate of %s cannot be trusted: %s.", s.address.origin(), s.plain(verification.Err))
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return problem(InvalidSource, "%s does not speak https. Use http:// if that is what the server offers.", s.address.origin())
	}
	return nil
}

func (s *session) status(err error) *Error {
	var status *statusError
	switch {
	case errors.As(err, &status):
		return s.statusCode(status)
	case errors.Is(err, errRedirects), errors.Is(err, errDowngrade), errors.Is(err, errRedirectTo):
		return problem(RepositoryNotFound, "%s redirects in a way that is not followed (%s). Set git.url to the repository's present address.", s.address, s.plain(err))
	case errors.Is(err, errNotSmartGit):
		return problem(RepositoryNotFound, "%s answers, but not as a Git repository does. Check git.url; it must be the address for cloning.", s.address)
	}
	return nil
}

func (s *session) statusCode(status *statusError) *Error {
	switch code := status.code; {
	case (code == http.StatusUnauthorized || code == http.StatusForbidden) && status.redirected:
		return problem(AuthenticationFailed, "%s redirects to another server, to which the credentials are not sent. Set git.url to the repository's present address.", s.address)
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return s.denied()
	case code == http.StatusProxyAuthRequired:
		return problem(AuthenticationFailed, "The proxy on the way to %s asks for credentials. Ask who runs the cluster to set them in the operator's HTTPS_PROXY.", s.address)
	case code == http.StatusNotFound || code == http.StatusGone:
		return s.missing()
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		return temporary("%s answers with HTTP status %d. If that goes on, ask who runs the server.", s.address, code)
	case code >= 300 && code < 400:
		return problem(RepositoryNotFound, "%s redirects in a way that is not followed. Set git.url to the repository's present address.", s.address)
	}
	return problem(RepositoryNotFound, "%s answers with HTTP status %d, as no Git repository does. Check git.url.", s.address, status.code)
}

func (s *session) denied() *Error {
	c := s.repository.Credentials
	if c.Password == "" && c.Token == "" && len(c.SSHPrivateKey) == 0 {
		return problem(AuthenticationFailed, "%s asks for credentials. Put username and password, or token, into a Secret and name it in git.credentialsSecret.", s.address)
	}
	return problem(AuthenticationFailed, "%s refuses the credentials of the Git Secret. Check that they are right, have not expired, and may read this repository.", s.address)
}

func (s *session) missing() *Error {
	return problem(RepositoryNotFound, "%s is not a repository, or one that the credentials do not show. Check git.url and git.credentialsSecret.", s.address)
}

// fatalPrefix begins the error that a server's last words beside the pack come as.
const fatalPrefix = "unexpected error: "

// said reads what the server itself says.
func (s *session) said(err error) *Error {
	text := ""
	var line *pktline.ErrorLine
	var complaint *complaintError
	switch {
	case errors.As(err, &complaint):
		text = complaint.text
	case errors.As(err, &line):
		text = line.Text
	case strings.HasPrefix(err.Error(), fatalPrefix):
		text = strings.TrimPrefix(err.Error(), fatalPrefix)
	case strings.Contains(err.Error(), "unable to authenticate"):
		return problem(AuthenticationFailed, "%s refuses the ssh key of the Git Secret. Add its public half as a deploy key of the repository, and check the user name in git.url.", s.address)
	default:
		return nil
	}
	lower := strings.ToLower(text)
	for _, sign := range []string{"permission denied", "authentication failed", "unauthorized", "access denied or", "forbidden"} {
		if strings.Contains(lower, sign) && !strings.Contains(lower, "not exported") {
			return s.denied()
		}
	}
	for _, sign := range []string{"not found", "does not exist", "does not appear to be a git repository", "no such repository", "not exported", "could not be found", "not a git repository"} {
		if strings.Contains(lower, sign) {
			return s.missing()
		}
	}
	return problem(InvalidSource, "%s refuses to send the repository and says: %s", s.address, printable(text))
}

// local is a failure to write in the pod.
func (s *session) local(err error) *Error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return problem(RepositoryTooLarge, "The volume for the files of %s is full. Give the node or the volume more ephemeral storage.", s.address)
	case errors.As(err, &link), errors.As(err, &path):
		return problem(SourceUnavailable, "The files of %s cannot be written in the pod: %s.", s.address, s.plain(err))
	}
	return nil
}

func (s *session) network(err error) *Error {
	var dns *net.DNSError
	var operation *net.OpError
	var request *url.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return temporary("The host name %s is not known. Check git.url and the cluster's DNS.", s.address.Host)
	case errors.As(err, &dns):
		return temporary("The host name %s cannot be looked up. Check the cluster's DNS.", s.address.Host)
	case errors.Is(err, syscall.ECONNREFUSED):
		return temporary("%s refuses the connection. Check host and port in git.url, and that the server runs.", s.address.hostPort())
	case errors.As(err, &operation), errors.As(err, &request), isCutOff(err):
		return temporary("The connection to %s broke off (%s).", s.address.origin(), s.plain(err))
	}
	return nil
}

func isCutOff(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, packp.ErrEmptyInput) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		strings.Contains(err.Error(), "pkt-line") && strings.Contains(err.Error(), "EOF")
}

// plain is the innermost cause, which does not repeat the URL.
func (s *session) plain(err error) string {
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	return strings.TrimSuffix(printable(err.Error()), ".")
}

const maxQuoted = 300

// printable makes one bounded line of a text that a stranger wrote.
func printable(text string) string {
	line := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
	line = strings.Join(strings.Fields(line), " ")
	if len(line) <= maxQuoted {
		return line
	}
	cut := maxQuoted
	for cut > 0 && line[cut]&0xc0 == 0x80 {
		cut--
	}
	return line[:cut] + " ..."
}

func bytesText(n int64) string {
	if n >= 1<<20 {
		return strconv.FormatInt(n>>20, 10) + " MiB"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}
