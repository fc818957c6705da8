package v1alpha1

// GitSource names one tree of files: a repository and the ref to take from it.
type GitSource struct {
	// url of the Git repository: https, http, ssh or git, or the short form user@host:path.
	// Passwords do not belong here; they are read from credentialsSecret.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^(https?|ssh|git)://[^/]') || self.matches('^[A-Za-z0-9._][A-Za-z0-9._-]*@[A-Za-z0-9.-]+:[^:]')",message="git url must begin with https://, http://, ssh:// or git://, or have the form user@host:path"
	// +kubebuilder:validation:XValidation:rule="!self.matches('[\\\\x00-\\\\x20\\\\x7f]')",message="git url must not contain spaces or control characters"
	// +kubebuilder:validation:XValidation:rule="!self.matches('^[a-z]+://[^/@]*:[^/@]*@')",message="git url must not contain a password; put it into a Secret and name that in credentialsSecret"
	URL string `json:"url"`

	// ref to validate: a branch, a tag, a full commit SHA or its first 7 or more digits. It is resolved to a commit
	// once for each run, and everything after that uses the commit. Default: HEAD, the repository's default branch.
	// +optional
	// +default="HEAD"
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('-') && !self.contains('..') && !self.matches('[\\\\x00-\\\\x20\\\\x7f~^:?*\\\\[]')",message="git ref must be a branch, a tag or a commit SHA: it must not begin with '-', nor contain '..', spaces, control characters or any of ~^:?*["
	Ref string `json:"ref,omitempty"`

	// credentialsSecret is the name of a Secret in the same namespace with the keys username and password, or token,
	// or ssh-privatekey and known_hosts; ca.crt adds certificate authorities for https. Default: none.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	CredentialsSecret string `json:"credentialsSecret,omitempty"`

	// insecureIgnoreHostKey accepts any ssh host key where the Secret has no known_hosts. Anyone between the cluster
	// and the Git server can then hand out another repository. Default: false.
	// +optional
	InsecureIgnoreHostKey bool `json:"insecureIgnoreHostKey,omitempty"`
}
