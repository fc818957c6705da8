package environment

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxAside bounds how many files are named that are not read.
const maxAside = 5

var (
	// requirementsLike are files for pip; one of the name that is looked for is among them.
	requirementsLike = regexp.MustCompile(`(?is)^(.*[-_.])?requirements?([-_.].*)?\.(txt|in|lock)$`)
	// requirementsPart are the files of a folder requirements.
	requirementsPart = regexp.MustCompile(`(?i)\.(txt|in)$`)
	// dockerfileLike are files that builders know by their name; one of the name that is looked for is among them.
	dockerfileLike = regexp.MustCompile(`(?i)^(dockerfile|containerfile)$`)
	// otherTools are files that other tools install packages from.
	otherTools = regexp.MustCompile(`^(environment\.ya?ml|Pipfile|Pipfile\.lock|poetry\.lock|uv\.lock|pdm\.lock|pixi\.toml|pixi\.lock)$`)
)

// namesPackages finds out whether a file that can be about other things names packages.
var namesPackages = []struct{ name, content *regexp.Regexp }{
	{regexp.MustCompile(`^pyproject\.toml$`),
		regexp.MustCompile(`(?m)^\s*(\[[^\]\n]*dependenc[^\]\n]*\]|["']?([A-Za-z0-9_-]+\.)*(optional-)?dependencies["']?\s*=)`)},
	{regexp.MustCompile(`^setup\.py$`), regexp.MustCompile(`\binstall_requires\b`)},
	{regexp.MustCompile(`^setup\.cfg$`), regexp.MustCompile(`(?m)^\s*install_requires\s*=`)},
	{regexp.MustCompile(`(?is)^(environment[-_.].*|(conda|env)([-_.].*)?)\.ya?ml$`), regexp.MustCompile(`(?m)^["']?dependencies["']?\s*:`)},
}

// remarks are what the user may have meant and does not get.
func remarks(files Files, options Options, found choice, included closure) string {
	return sentences(absentSources(files, options), leftAside(files, options, found, included), notBuilt(files, options, found))
}

// absentSources says which files of the user's own chain are not there, which a slip of the pen looks like.
func absentSources(files Files, options Options) string {
	if !options.AutoGenerateRequirements || options.RequirementsFile != "" {
		return ""
	}
	var absent []string
	for _, source := range options.RequirementsSources {
		if file, ok := inRepository(source); ok && !files.Exists(file) {
			absent = append(absent, file)
		}
	}
	if len(absent) == 0 {
		return ""
	}
	return fmt.Sprintf("Of requirementsSources the repository does not have %s at this commit. Correct the path or commit the file, if "+
		"it is meant to be there.", listed(absent))
}

// leftAside says which files on the notebook's way name packages and are not read.
func leftAside(files Files, options Options, found choice, included closure) string {
	if found.named || found.source == Dockerfile && !options.AutoGenerateRequirements {
		return ""
	}
	s := search{files: files, places: places(options.NotebookPath), included: included, generate: options.AutoGenerateRequirements}
	names := s.nearerThan(found, s.at)
	names = slices.DeleteFunc(names, func(name string) bool { return !s.counts(name) })
	switch {
	case len(names) == 0:
		return ""
	case !options.AutoGenerateRequirements:
		return fmt.Sprintf("Not read, because autoGenerateRequirements is false: %s.", listed(names))
	}
	return fmt.Sprintf("Not read, because only %s is looked for, in the notebook's directory, its tier directory and the root: %s. Name "+
		"the requirements file to install in requirementsFile; what a file of another tool asks for has to be written into a "+
		"requirements file.", requirementsName, listed(names))
}

// notBuilt says which files on the notebook's way are like a Dockerfile and have another name.
func notBuilt(files Files, options Options, found choice) string {
	if found.named || options.Dockerfile != "" {
		return ""
	}
	s := search{files: files, places: places(options.NotebookPath)}
	names := s.nearerThan(found, s.likeDockerfile)
	if len(names) == 0 {
		return ""
	}
	also := ""
	if found.source != BaseImage && found.source != Dockerfile {
		also = ", and set preferDockerfile: true"
	}
	return fmt.Sprintf("Not built, because only %s is looked for: %s. Name the one to build in buildConfig.dockerfile%s.",
		dockerfileName, listed(names), also)
}

// listed writes out the first few names.
func listed(names []string) string {
	var said []string
	for _, name := range names[:min(maxAside, len(names))] {
		said = append(said, shown(name))
	}
	text := strings.Join(said, ", ")
	if more := len(names) - maxAside; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
