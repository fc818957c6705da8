package environment

import (
	"fmt"
	"path"
)

const (
	requirementsName = "requirements.txt"
	dockerfileName   = "Dockerfile"

	fallbackFail = "fail"
	fallbackAuto = "auto"
)

// choice is a step of the chain that has found something.
type choice struct {
	source Source
	path   string
	why    string
	// named is set where the user names the file, so that nothing else was looked for.
	named bool
}

// Detect decides on the environment of a notebook. An error is always an *Error.
func Detect(files Files, options Options) (Environment, error) {
	found, err := choose(files, options)
	if err != nil {
		return Environment{}, err
	}
	switch found.source {
	case Dockerfile:
		return ownDockerfile(files, options, found)
	case BaseImage:
		return bareBase(files, options)
	default:
		return fromRequirements(files, options, found)
	}
}

// decision is the choice that was made, and what is to be said where there was another one.
type decision struct {
	choice
	conflict string
}

// choose walks the chain to its first hit.
func choose(files Files, options Options) (decision, error) {
	var requirements *choice
	if options.AutoGenerateRequirements {
		found, err := chooseRequirements(files, options)
		if err != nil {
			return decision{}, err
		}
		requirements = found
	}
	own, err := chooseDockerfile(files, options)
	switch {
	case requirements != nil && (own == nil || !options.PreferDockerfile):
		if err != nil && options.PreferDockerfile {
			return decision{}, err
		}
		return decision{*requirements, conflict(requirements, own, false)}, nil
	case err != nil:
		return decision{}, err
	case own != nil:
		return decision{*own, conflict(requirements, own, true)}, nil
	}
	return decision{choice: choice{source: BaseImage}}, nil
}

// conflict says that there is a requirements file and a Dockerfile, and which one is used.
func conflict(requirements, own *choice, preferred bool) string {
	switch {
	case requirements == nil || own == nil:
		return ""
	case preferred:
		return fmt.Sprintf("There is a requirements file, %s, and a Dockerfile, %s, for this notebook. The Dockerfile is built, because "+
			"preferDockerfile is true, and the requirements file is not read.", shown(requirements.path), shown(own.path))
	}
	return fmt.Sprintf("There is a requirements file, %s, and a Dockerfile, %s, for this notebook. The requirements file is installed, "+
		"and the Dockerfile is not read. Set preferDockerfile: true to build the Dockerfile instead, or remove one of the two.",
		shown(requirements.path), shown(own.path))
}

// chooseRequirements is the part of the chain that looks for a requirements file; nil means that none was found.
func chooseRequirements(files Files, options Options) (*choice, error) {
	if options.RequirementsFile != "" {
		return namedRequirements(files, options.RequirementsFile)
	}
	for i, source := range options.RequirementsSources {
		file, ok := inRepository(source)
		if !ok {
			return nil, invalid("requirementsSources[%d] is %s, which is not a path inside the repository. "+
				"Write it relative to the root of the repository.", i, quoted(source))
		}
		if files.Exists(file) {
			why := shown(file) + " is the first file of requirementsSources that the repository has."
			return &choice{RequirementsSources, file, why, true}, nil
		}
	}
	for _, place := range places(options.NotebookPath) {
		if file := path.Join(place.dir, requirementsName); files.Exists(file) {
			return &choice{place.source, file, fmt.Sprintf("%s lies %s.", shown(file), place.told), false}, nil
		}
	}
	return nil, nil
}

func namedRequirements(files Files, name string) (*choice, error) {
	file, ok := inRepository(name)
	if !ok {
		return nil, invalid("requirementsFile is %s, which is not a path inside the repository. "+
			"Write it relative to the root of the repository.", quoted(name))
	}
	if !files.Exists(file) {
		return nil, &Error{RequirementsNotFound, fmt.Sprintf("requirementsFile names %s, which the repository does not have "+
			"at this commit. Correct the path or commit the file.", quoted(name))}
	}
	return &choice{RequirementsFile, file, fmt.Sprintf("requirementsFile names %s.", shown(file)), true}, nil
}

// chooseDockerfile looks for a Dockerfile of the repository; nil means that none was found.
func chooseDockerfile(files Files, options Options) (*choice, error) {
	if options.Dockerfile != "" {
		named, ok := inRepository(options.Dockerfile)
		if !ok || !files.Exists(named) {
			return nil, &Error{DockerfileNotFound, fmt.Sprintf("dockerfile names %s, which the repository does not have at "+
				"this commit. Correct the path or commit the file.", quoted(options.Dockerfile))}
		}
		return &choice{Dockerfile, named, whyDockerfile(options, named), true}, nil
	}
	for _, file := range []string{path.Join(path.Dir(path.Clean(options.NotebookPath)), dockerfileName), dockerfileName} {
		if files.Exists(file) {
			return &choice{Dockerfile, file, whyDockerfile(options, file), false}, nil
		}
	}
	return nil, nil
}

func whyDockerfile(options Options, file string) string {
	reason := "No requirements file was found"
	switch {
	case !options.AutoGenerateRequirements:
		reason = "autoGenerateRequirements is false"
	case options.PreferDockerfile:
		reason = "preferDockerfile is true"
	}
	return fmt.Sprintf("%s, so the repository's %s is built as it is.", reason, shown(file))
}

func fromRequirements(files Files, options Options, found decision) (Environment, error) {
	base, err := fullName(options.BaseImage)
	if err != nil {
		return Environment{}, err
	}
	included, err := resolve(files, found.path)
	if err != nil {
		return Environment{}, err
	}
	why := sentences(found.why, included.told(), remarks(files, options, found.choice, included))
	return Environment{
		Source: found.source, Path: found.path, Why: why, Conflict: found.conflict, BaseImage: base, ContextDir: ".",
		Unpinned: included.unpinned, files: files, included: included, asked: base,
	}, nil
}

// ownDockerfile is a Dockerfile of the repository, with the directory that it copies from.
func ownDockerfile(files Files, options Options, found decision) (Environment, error) {
	text, err := files.Read(found.path)
	if err != nil {
		return Environment{}, &Error{DockerfileInvalid, fmt.Sprintf("%s cannot be read: %v.", shown(found.path), err)}
	}
	dir, err := contextDir(files, found.choice, text)
	if err != nil {
		return Environment{}, err
	}
	if problem := linkOutOf(files, found.path, dir); problem != nil {
		return Environment{}, problem
	}
	return Environment{
		Source: Dockerfile, Path: found.path, Why: sentences(found.why, remarks(files, options, found.choice, closure{})),
		Conflict: found.conflict, Dockerfile: string(text), ContextDir: dir, files: files,
	}, nil
}

// bareBase is the base image as it is, where that is allowed.
func bareBase(files Files, options Options) (Environment, error) {
	nothing := "There is neither a requirements file nor a Dockerfile for this notebook"
	if !options.AutoGenerateRequirements {
		nothing = "There is no Dockerfile for this notebook, and autoGenerateRequirements is false"
	}
	aside := remarks(files, options, choice{source: BaseImage}, closure{})
	if options.FallbackStrategy == fallbackFail {
		return Environment{}, &Error{RequirementsNotFound, sentences(nothing+", and fallbackStrategy is fail.",
			"Add a requirements.txt in the notebook's directory, in its tier directory or at the root of the repository, name another "+
				"file in requirementsFile, or set fallbackStrategy: warn to run in the base image.", aside)}
	}
	base, err := fullName(options.BaseImage)
	if err != nil {
		return Environment{}, err
	}
	why := sentences(nothing+", so the environment is the base image with what the notebook runner needs.", aside)
	return Environment{
		Source: BaseImage, Why: why, Warn: options.FallbackStrategy != fallbackAuto, BaseImage: base, ContextDir: ".",
		files: files, asked: base,
	}, nil
}

func invalid(format string, args ...any) *Error {
	return &Error{RequirementsInvalid, fmt.Sprintf(format, args...)}
}
