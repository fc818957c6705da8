package environment

import (
	"fmt"
	"path"
	"strings"
)

const (
	requirementsName = "requirements.txt"
	dockerfileName   = "Dockerfile"
)

// choice is a step of the chain that has found something.
type choice struct {
	source Source
	path   string
	why    string
}

// Detect decides on the environment of a notebook. An error is always an *Error.
func Detect(files Files, options Options) (Environment, error) {
	found, err := choose(files, options)
	if err != nil {
		return Environment{}, err
	}
	switch found.source {
	case Dockerfile:
		return ownDockerfile(files, found)
	case BaseImage:
		return generate(options, found, closure{})
	default:
		included, err := resolve(files, found.path)
		if err != nil {
			return Environment{}, err
		}
		return generate(options, found, included)
	}
}

// choose walks the chain to its first hit.
func choose(files Files, options Options) (choice, error) {
	if options.AutoGenerateRequirements {
		found, err := chooseRequirements(files, options)
		if err != nil || found != nil {
			return valueOf(found), err
		}
	}
	found, err := chooseDockerfile(files, options)
	if err != nil || found != nil {
		return valueOf(found), err
	}
	return choice{source: BaseImage, why: "The repository has " + nothingFound(options) +
		", so the environment is the base image with what the notebook runner needs."}, nil
}

func valueOf(found *choice) choice {
	if found == nil {
		return choice{}
	}
	return *found
}

func nothingFound(options Options) string {
	if options.AutoGenerateRequirements {
		return "neither a requirements file nor a Dockerfile"
	}
	return "no Dockerfile, and autoGenerateRequirements is false"
}

// chooseRequirements is the part of the chain that looks for a requirements file; nil means that none was found.
func chooseRequirements(files Files, options Options) (*choice, error) {
	if options.RequirementsFile != "" {
		return namedRequirements(files, options.RequirementsFile)
	}
	for i, source := range options.RequirementsSources {
		file, ok := inRepository(source)
		if !ok {
			return nil, invalid("requirementsSources[%d] is %q, which is not a path inside the repository. "+
				"Write it relative to the root of the repository.", i, source)
		}
		if files.Exists(file) {
			return &choice{RequirementsSources, file,
				fmt.Sprintf("%s is the first file of requirementsSources that the repository has.", file)}, nil
		}
	}
	return usualRequirements(files, options.NotebookPath), nil
}

func namedRequirements(files Files, name string) (*choice, error) {
	file, ok := inRepository(name)
	if !ok {
		return nil, invalid("requirementsFile is %q, which is not a path inside the repository. "+
			"Write it relative to the root of the repository.", name)
	}
	if !files.Exists(file) {
		return nil, &Error{RequirementsNotFound, fmt.Sprintf("requirementsFile names %q, which the repository does not have "+
			"at this commit. Correct the path or commit the file.", name)}
	}
	return &choice{RequirementsFile, file, fmt.Sprintf("requirementsFile names %s.", file)}, nil
}

// usualRequirements looks where people put a requirements.txt, the nearest to the notebook first.
func usualRequirements(files Files, notebook string) *choice {
	notebook = path.Clean(notebook)
	tier, _, nested := strings.Cut(notebook, "/")
	if !nested {
		tier = "."
	}
	places := []struct {
		source   Source
		dir, why string
	}{
		{NotebookDirectory, path.Dir(notebook), "%s lies in the notebook's directory."},
		{TierDirectory, tier, "%s lies in the notebook's tier directory, the first of its path."},
		{RepositoryRoot, ".", "%s lies at the root of the repository."},
	}
	for _, place := range places {
		if file := path.Join(place.dir, requirementsName); files.Exists(file) {
			return &choice{place.source, file, fmt.Sprintf(place.why, file)}
		}
	}
	return nil
}

// chooseDockerfile looks for a Dockerfile of the repository; nil means that none was found.
func chooseDockerfile(files Files, options Options) (*choice, error) {
	reason := "The repository has no requirements file"
	if !options.AutoGenerateRequirements {
		reason = "autoGenerateRequirements is false"
	}
	candidates := []string{path.Join(path.Dir(path.Clean(options.NotebookPath)), dockerfileName), dockerfileName}
	if options.Dockerfile != "" {
		named, ok := inRepository(options.Dockerfile)
		if !ok || !files.Exists(named) {
			return nil, &Error{DockerfileNotFound, fmt.Sprintf("dockerfile names %q, which the repository does not have at "+
				"this commit. Correct the path or commit the file.", options.Dockerfile)}
		}
		candidates = []string{named}
	}
	for _, file := range candidates {
		if files.Exists(file) {
			return &choice{Dockerfile, file, fmt.Sprintf("%s, so the repository's %s is built as it is.", reason, file)}, nil
		}
	}
	return nil, nil
}

func ownDockerfile(files Files, found choice) (Environment, error) {
	text, err := files.Read(found.path)
	if err != nil {
		return Environment{}, &Error{DockerfileInvalid, fmt.Sprintf("%s cannot be read: %v.", found.path, err)}
	}
	return Environment{Source: Dockerfile, Path: found.path, Why: found.why, Dockerfile: string(text)}, nil
}

// inRepository cleans a user's path; ok is false when it is absolute, empty or leads out of the repository.
func inRepository(name string) (clean string, ok bool) {
	clean = path.Clean(name)
	outside := clean == "." || path.IsAbs(clean) || escapes(clean)
	return clean, !outside
}

// escapes tells whether a clean relative path leads out of the directory it starts from.
func escapes(clean string) bool {
	return clean == ".." || strings.HasPrefix(clean, "../")
}

func invalid(format string, args ...any) *Error {
	return &Error{RequirementsInvalid, fmt.Sprintf(format, args...)}
}
