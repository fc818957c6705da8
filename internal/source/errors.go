package source

import "fmt"

// Reason says in one word why the source could not be used.
type Reason string

const (
	// InvalidSource is set when the URL, the ref or the tree cannot be used.
	InvalidSource Reason = "InvalidSource"
	// RefNotFound is set when the repository has no such branch, tag or commit, or more than one.
	RefNotFound Reason = "RefNotFound"
	// AuthenticationFailed is set when the Git server refuses the credentials, or wants some.
	AuthenticationFailed Reason = "AuthenticationFailed"
	// CredentialsInvalid is set when the Secret is missing or lacks the keys that the URL needs.
	CredentialsInvalid Reason = "CredentialsInvalid"
	// HostKeyUnverified is set when the Secret has no known_hosts entry for the ssh server.
	HostKeyUnverified Reason = "HostKeyUnverified"
	// HostKeyMismatch is set when the ssh server shows another key than known_hosts says.
	HostKeyMismatch Reason = "HostKeyMismatch"
	// CertificateUntrusted is set when the server's certificate is not signed by a known authority.
	CertificateUntrusted Reason = "CertificateUntrusted"
	// SourceUnreachable is set when the Git server does not answer; it is tried again.
	SourceUnreachable Reason = "SourceUnreachable"
	// RepositoryNotFound is set when the server has no such repository, or hides it.
	RepositoryNotFound Reason = "RepositoryNotFound"
	// RepositoryTooLarge is set when a bound on bytes, files or depth is passed.
	RepositoryTooLarge Reason = "RepositoryTooLarge"
	// NotebookNotFound is set when the commit has no such notebook.
	NotebookNotFound Reason = "NotebookNotFound"
	// SourceUnavailable is set when the files could not be written in the pod.
	SourceUnavailable Reason = "SourceUnavailable"
)

// Error is why a source could not be used.
type Error struct {
	Reason Reason
	// Message is a sentence for the user that says what to do next.
	Message string
	// Temporary says that the same request may succeed later.
	Temporary bool
	// Err is the cause, where a caller may want to know it: the end of a context, a missing file.
	Err error
}

// Error returns the sentence for the user.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func problem(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

func temporary(format string, args ...any) *Error {
	return &Error{Reason: SourceUnreachable, Message: fmt.Sprintf(format, args...), Temporary: true}
}
