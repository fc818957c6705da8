package environment

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxAside bounds how many files are named that are not read.
const maxAside = 5

var (
	// requirementsLike are files for pip under a name that is not looked for.
	requirementsLike = regexp.MustCompile(`(?is)^requirements?[-_.].*\.(txt|in)$|^requirements?\.in$|^.*[-_.]requirements?\.(txt|in)$`)
	// otherTools are files that other tools install packages from.
	otherTools = regexp.MustCompile(`^(environment\.ya?ml|Pipfile|Pipfile\.lock|poetry\.lock|uv\.lock|pdm\.lock|pixi\.toml|pixi\.lock)$`)
	// namesPackages finds out whether a file that can be about other things names packages.
	namesPackages = map[string]*regexp.Regexp{
		"pyproject.toml": regexp.MustCompile(`(?m)^\s*(\[[^\]\n]*dependenc[^\]\n]*\]|["']?([A-Za-z0-9_-]+\.)*(optional-)?dependencies["']?\s*=)`),
		"setup.py":       regexp.MustCompile(`\binstall_requires\b`),
		"setup.cfg":      regexp.MustCompile(`(?m)^\s*install_requires\s*=`),
	}
)

// leftAside says which files on the notebook's way name packages and are not read. Where something was found by
// searching, those that lie nearer to the notebook count: the user may have meant them.
func leftAside(files Files, options Options, found choice, included closure) string {
	if found.named || found.source == Dockerfile && !options.AutoGenerateRequirements {
		return ""
	}
	aside := search{files: files, places: places(options.NotebookPath), included: included, generate: options.AutoGenerateRequirements}
	limit := len(aside.places)
	if found.source != BaseImage {
		limit = distance(aside.places, path.Dir(found.path))
	}
	names := aside.nearerThan(limit)
	switch {
	case len(names) == 0:
		return ""
	case !options.AutoGenerateRequirements:
		return fmt.Sprintf("Not read, because autoGenerateRequirements is false: %s.", listed(names))
	}
	return fmt.Sprintf("Not read, because only %s is looked for: %s. Name the requirements file to install in requirementsFile; what a "+
		"file of another tool asks for has to be written into a requirements file.", requirementsName, listed(names))
}

// search looks for files that name packages.
type search struct {
	files    Files
	places   []place
	included closure
	generate bool
}

// nearerThan returns what lies nearer to the notebook than a distance, the nearest first.
func (s search) nearerThan(limit int) []string {
	type hit struct {
		distance int
		name     string
	}
	var hits []hit
	for _, name := range s.files.Paths() {
		if at, ok := s.at(name); ok && at < limit && s.counts(name) {
			hits = append(hits, hit{at, name})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.distance, b.distance) })
	var names []string
	for _, h := range hits {
		names = append(names, h.name)
	}
	return names
}

// at is the distance of a file whose name says that it names packages, or that it may.
func (s search) at(name string) (int, bool) {
	dir, base := path.Split(name)
	dir = path.Clean(dir)
	if path.Base(dir) == "requirements" && path.Ext(base) == ".txt" {
		at := distance(s.places, path.Dir(dir))
		return at, at < len(s.places)
	}
	_, possible := namesPackages[base]
	possible = possible || requirementsLike.MatchString(base) || otherTools.MatchString(base) || !s.generate && base == requirementsName
	if !possible {
		return 0, false
	}
	at := distance(s.places, dir)
	return at, at < len(s.places)
}

// counts tells whether a file names packages that are not installed some other way.
func (s search) counts(name string) bool {
	pattern, check := namesPackages[path.Base(name)]
	if !check {
		return !slices.Contains(s.included.files, name)
	}
	if slices.Contains(s.included.packages, path.Dir(name)) {
		return false
	}
	content, err := s.files.Read(name)
	return err != nil || pattern.Match(content)
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
