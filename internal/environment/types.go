package environment

// Files is the repository at one commit. Paths are clean, slash-separated and relative to its root.
type Files interface {
	// Exists tells whether the repository has a file or a directory at path.
	Exists(path string) bool
	// Read returns the content of a file; it fails for a file that is absent or too large.
	Read(path string) ([]byte, error)
}

// Options is what a build asks of its environment.
type Options struct {
	// NotebookPath is the notebook, relative to the root of the repository.
	NotebookPath string
	// BaseImage is the image that a generated Dockerfile starts from.
	BaseImage string
	// Dockerfile names the repository's own Dockerfile; empty looks for one by its usual name.
	Dockerfile string
	// AutoGenerateRequirements false goes straight to the Dockerfile.
	AutoGenerateRequirements bool
	// RequirementsFile names the one requirements file to use.
	RequirementsFile string
	// RequirementsSources names requirements files to look for, in this order, before the usual places.
	RequirementsSources []string
	// SourceURL is written to the image's org.opencontainers.image.source label; empty leaves the label out.
	SourceURL string
	// Revision is written to the image's org.opencontainers.image.revision label; empty leaves the label out.
	Revision string
}

// Source is the place that an environment was found in.
type Source string

const (
	// RequirementsFile is a requirements file that the user named.
	RequirementsFile Source = "RequirementsFile"
	// RequirementsSources is a requirements file of the user's own chain.
	RequirementsSources Source = "RequirementsSources"
	// NotebookDirectory is the requirements.txt beside the notebook.
	NotebookDirectory Source = "NotebookDirectory"
	// TierDirectory is the requirements.txt in the first directory of the notebook's path.
	TierDirectory Source = "TierDirectory"
	// RepositoryRoot is the requirements.txt at the root of the repository.
	RepositoryRoot Source = "RepositoryRoot"
	// Dockerfile is a Dockerfile of the repository, built as it is.
	Dockerfile Source = "Dockerfile"
	// BaseImage is the base image with nothing but what the runner needs.
	BaseImage Source = "BaseImage"
)

// Environment is what was found and how it is built.
type Environment struct {
	// Source is the place that the environment was found in.
	Source Source
	// Path is the file that was found; empty for a bare base image.
	Path string
	// Why says in one sentence why this source was chosen.
	Why string
	// BaseImage is the full name of the image that Dockerfile starts from; empty for a Dockerfile of the repository.
	BaseImage string
	// Dockerfile is the text to build: generated, or the repository's own.
	Dockerfile string
	// CopiedFiles are the repository's files that a generated Dockerfile copies; "." stands for all of them.
	CopiedFiles []string
}

// Reason says in one word why no environment could be decided on.
type Reason string

const (
	// RequirementsNotFound is set when the repository lacks the file that requirementsFile names, or one that it includes.
	RequirementsNotFound Reason = "RequirementsNotFound"
	// RequirementsInvalid is set when a requirements file, or a file it includes, cannot be used.
	RequirementsInvalid Reason = "RequirementsInvalid"
	// DockerfileNotFound is set when the repository lacks the file that dockerfile names.
	DockerfileNotFound Reason = "DockerfileNotFound"
	// DockerfileInvalid is set when the repository's Dockerfile cannot be read.
	DockerfileInvalid Reason = "DockerfileInvalid"
	// BaseImageInvalid is set when baseImage is not an image reference.
	BaseImageInvalid Reason = "BaseImageInvalid"
)

// Error is a mistake in the build's options or in the repository; only the user can correct it.
type Error struct {
	Reason  Reason
	Message string
}

// Error returns the sentence for the user.
func (e *Error) Error() string { return e.Message }
