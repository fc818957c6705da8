package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"syscall"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

func problem(reason Trouble, format string, args ...any) *Error {
	return &Error{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

func temporary(format string, args ...any) *Error {
	e := problem(Unreachable, format, args...)
	e.Temporary = true
	return e
}

// explain gives every failure its one reason and sentence. What servers say is left out: it may repeat a password.
func (q query) explain(ctx context.Context, err error) *Error {
	if e := q.interrupted(ctx); e != nil {
		return e
	}
	for _, classify := range []func(error) *Error{q.certificate, q.answered, q.forbidden, q.network, q.refused} {
		if e := classify(err); e != nil {
			return e
		}
	}
	return temporary("What %s answers about %s is not what image registries send. Check that it is the registry of the image, and that no proxy answers for it.", q.host(), FullName(q.ref))
}

func (q query) host() string { return hostName(q.ref.Context().RegistryStr()) }

func (q query) interrupted(ctx context.Context) *Error {
	var e *Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e = temporary("Asking %s about %s was interrupted.", q.host(), FullName(q.ref))
		e.Err = context.Canceled
	case ctx.Err() != nil:
		e = temporary("%s did not answer about %s within %s. Check that the cluster reaches it.", q.host(), FullName(q.ref), q.timeout)
		e.Err = context.DeadlineExceeded
	}
	return e
}

func (q query) certificate(err error) *Error {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	at := q.where(err)
	const advice = "Give it a certificate of an authority that the operator knows, set registry.insecure if it is your own registry, or give the image by its digest, for which it is not asked."
	switch {
	case errors.As(err, &authority):
		return problem(CertificateUntrusted, "The certificate of %s is not signed by an authority that is known. %s", at, advice)
	case errors.As(err, &host):
		return problem(CertificateUntrusted, "The certificate of %s is for another host. %s", at, advice)
	case errors.As(err, &verification):
		return problem(CertificateUntrusted, "The certificate of %s cannot be trusted, for example because it has expired. %s", at, advice)
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return problem(CertificateUntrusted, "%s does not speak https. %s", at, advice)
	}
	return nil
}

// answered is an answer with a status that says no.
func (q query) answered(err error) *Error {
	var answer *transport.Error
	if !errors.As(err, &answer) {
		return nil
	}
	about := q.aboutManifest(answer)
	says := func(codes ...transport.ErrorCode) bool {
		return slices.ContainsFunc(answer.Errors, func(d transport.Diagnostic) bool { return slices.Contains(codes, d.Code) })
	}
	status := answer.StatusCode
	switch {
	case status == http.StatusTooManyRequests, says(transport.TooManyRequestsErrorCode):
		return temporary("%s answers that it is asked too often. Wait, or give the push secret credentials that may ask more.", q.host())
	case status >= http.StatusInternalServerError, status == http.StatusRequestTimeout:
		return temporary("%s is in trouble: it answers with status %d. Check that the registry works.", q.host(), status)
	case status == http.StatusUnauthorized, status == http.StatusForbidden, says(transport.UnauthorizedErrorCode, transport.DeniedErrorCode):
		return q.unauthorized()
	case about && (status == http.StatusNotFound || says(transport.NameUnknownErrorCode, transport.ManifestUnknownErrorCode)):
		return problem(NotFound, "%s has no image %s. Check the name and the tag or digest, and that it was pushed.", q.host(), FullName(q.ref))
	case status == http.StatusNotFound:
		// Also what the front of a registry answers while the registry behind it starts.
		return temporary("%s does not answer as an image registry does (status 404). Check the host in %s.", q.host(), FullName(q.ref))
	}
	return problem(Unreachable, "%s answers with status %d to the question for %s. Check that it is an image registry.", q.host(), status, FullName(q.ref))
}

func (q query) unauthorized() *Error {
	if !q.known {
		return problem(Unauthorized, "%s wants credentials for %s, and the push secret has none for it. Name a Secret in registry.pushSecret that has some, or check the name: some registries hide what does not exist.", q.host(), FullName(q.ref))
	}
	return problem(Unauthorized, "%s refuses the credentials of the push secret for %s. Check in the Secret of registry.pushSecret that they are valid and may read this repository, and that the name is right.", q.host(), FullName(q.ref))
}

// forbidden is where the guard let nothing through, whatever else may have failed.
func (q query) forbidden(err error) *Error {
	switch {
	case errors.Is(err, errForbiddenAddress):
		return problem(Unreachable, "%s has an address that is not asked: one of the cloud, of the node or of the operator itself. Check the host in %s.", q.where(err), FullName(q.ref))
	case errors.Is(err, errTooManyRequests), errors.Is(err, errTooLarge), errors.Is(err, errSecretRedirect):
		return problem(Unreachable, "%s does not answer the question for %s as a registry does: %s. Give the registry by the name at which it answers itself.", q.host(), FullName(q.ref), q.cause(err))
	}
	return nil
}

// refused is a redirect to plain http.
func (q query) refused(err error) *Error {
	if !errors.Is(err, errPlainHTTP) {
		return nil
	}
	return problem(CertificateUntrusted, "%s leads to plain http, which is not allowed for it. Have it answer by https, set registry.insecure if it is your own registry, or give the image by its digest, for which it is not asked.", q.host())
}

func (q query) network(err error) *Error {
	var dns *net.DNSError
	var operation *net.OpError
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return temporary("The host name %s is not known. Check the name of %s and the cluster's DNS.", hostName(dns.Name), FullName(q.ref))
	case errors.As(err, &dns):
		return temporary("The host name %s cannot be looked up. Check the cluster's DNS.", hostName(dns.Name))
	case errors.As(err, &timeout) && timeout.Timeout():
		return temporary("%s cannot be reached: it takes too long to connect. Check that the cluster reaches it.", q.where(err))
	case errors.Is(err, syscall.ECONNREFUSED):
		return temporary("%s refuses the connection. Check the host and port in %s, and that the registry runs.", q.where(err), FullName(q.ref))
	case errors.As(err, &operation), isCutOff(err):
		return temporary("The connection to %s broke off. Check that the registry runs and that the cluster reaches it.", q.where(err))
	}
	return nil
}

// where is the server that failed, which may be the one for tokens.
func (q query) where(err error) string {
	var request *url.Error
	if errors.As(err, &request) {
		if at, parseErr := url.Parse(request.URL); parseErr == nil && at.Host != "" {
			return hostName(at.Host)
		}
	}
	return q.host()
}
