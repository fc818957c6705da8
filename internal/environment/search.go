package environment

import (
	"cmp"
	"path"
	"regexp"
	"slices"
)

// search looks for files that the user may have meant, by their names.
type search struct {
	files    Files
	places   []place
	included closure
	generate bool
}

// nearerThan returns what lies nearer to the notebook than what was found by searching, the nearest first; at tells how
// far a file is away, if it is one that is looked for.
func (s search) nearerThan(found choice, at func(name string) (int, bool)) []string {
	limit := len(s.places)
	if found.source != BaseImage {
		limit = distance(s.places, path.Dir(found.path))
	}
	type hit struct {
		distance int
		name     string
	}
	var hits []hit
	for _, name := range s.files.Paths() {
		if away, ok := at(name); ok && away < limit {
			hits = append(hits, hit{away, name})
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
	if away := distance(s.places, dir); away < len(s.places) && s.like(base) {
		return away, true
	}
	if !s.belongsAbove(path.Base(dir), base) {
		return 0, false
	}
	away := distance(s.places, path.Dir(dir))
	return away, away < len(s.places)
}

// like tells whether a file's name is one that names packages; one that is looked for counts where it was not.
func (s search) like(base string) bool {
	if base == requirementsName {
		return !s.generate
	}
	return requirementsLike.MatchString(base) || otherTools.MatchString(base) || contentOf(base) != nil
}

// belongsAbove tells whether a file of a folder is about the folder that this one lies in: it is a part of requirements, or
// Binder reads it.
func (s search) belongsAbove(folder, base string) bool {
	switch folder {
	case "requirements":
		return requirementsPart.MatchString(base)
	case "binder", ".binder":
		return base == requirementsName || s.like(base)
	}
	return false
}

// likeDockerfile is the distance of a file that is like a Dockerfile.
func (s search) likeDockerfile(name string) (int, bool) {
	dir, base := path.Split(name)
	away := distance(s.places, path.Clean(dir))
	return away, away < len(s.places) && base != dockerfileName && dockerfileLike.MatchString(base)
}

// counts tells whether a file names packages that are not installed some other way.
func (s search) counts(name string) bool {
	content := contentOf(path.Base(name))
	if content == nil {
		return !slices.Contains(s.included.files, name)
	}
	if slices.Contains(s.included.packages, path.Dir(name)) {
		return false
	}
	text, err := s.files.Read(name)
	return err != nil || content.Match(text)
}

// contentOf is what a file of that name has where it names packages; nil where its name says enough.
func contentOf(base string) *regexp.Regexp {
	for _, file := range namesPackages {
		if file.name.MatchString(base) {
			return file.content
		}
	}
	return nil
}
