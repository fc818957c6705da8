package registry

// Access says how a registry may be reached.
type Access struct {
	// DockerConfig is the content of a .dockerconfigjson with credentials; empty for none.
	DockerConfig []byte
	// Insecure are registries, as host or host:port, that may speak plain http or show unknown certificates.
	Insecure []string
}

// Trouble says in one word why a registry gave no answer that can be used.
type Trouble string

const (
	// ReferenceInvalid is set when the reference is not one of an image.
	ReferenceInvalid Trouble = "ReferenceInvalid"
	// NotFound is set when the registry has no such image, or hides it.
	NotFound Trouble = "NotFound"
	// Unauthorized is set when the registry refuses the credentials, or wants some.
	Unauthorized Trouble = "Unauthorized"
	// CredentialsInvalid is set when the .dockerconfigjson cannot be read.
	CredentialsInvalid Trouble = "CredentialsInvalid"
	// CertificateUntrusted is set when the registry's certificate is not signed by a known authority, or it speaks plain http.
	CertificateUntrusted Trouble = "CertificateUntrusted"
	// Unreachable is set when the registry does not answer or is in trouble.
	Unreachable Trouble = "Unreachable"
)

// Error is why a registry gave no answer that can be used.
type Error struct {
	Reason Trouble
	// Message is a sentence for the user that says what to do.
	Message string
	// Temporary is set for trouble that may pass by itself.
	Temporary bool
	// Err is the cause.
	Err error
}

// Error returns the sentence for the user.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
