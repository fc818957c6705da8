package environment

import (
	"regexp"
	"slices"
	"strings"
)

// maxLineText bounds the text of a line that is shown.
const maxLineText = 200

// pinLine is a requirement line that does not name one version by itself.
type pinLine struct{ where, text, project string }

// pins are the requirement lines of a closure, the projects that some line of it fixes to one version, and those that are
// installed because a line names them.
type pins struct {
	lines    []pinLine
	versions map[string]bool
	named    map[string]bool
}

// add notes a line. A constraint that can hold in a build fixes its project for every line that names it, and so does a
// requirement that holds everywhere: pip installs one version of a project.
func (p *pins) add(s statement, where string, constraint bool) {
	project, pinned := namesOneVersion(s)
	_, marker := withoutMarker(s.value)
	if pinned && project != "" && (marker == "" || constraint && canHold(marker)) {
		p.versions[project] = true
	}
	if project != "" && marker == "" && !constraint {
		p.named[project] = true
	}
	if !pinned && !constraint {
		p.lines = append(p.lines, pinLine{where, s.text, project})
	}
}

// without leaves out the projects that a line names: a pip before 20.3 takes no project twice.
func (p *pins) without(projects []string) []string {
	return slices.DeleteFunc(slices.Clone(projects), func(project string) bool { return p.named[project] })
}

// unpinned are the lines that stay free in the end, as file:line: text.
func (p *pins) unpinned() []string {
	var found []string
	for _, line := range p.lines {
		if line.project == "" || !p.versions[line.project] {
			found = append(found, line.where+": "+lineText(line.text))
		}
	}
	return found
}

var (
	projectName = regexp.MustCompile(`^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*`)
	separators  = regexp.MustCompile(`[-_.]+`)
	oneVersion  = regexp.MustCompile(`^(?:===\s*[^\s$]+|==\s*v?[0-9][A-Za-z0-9.!+_-]*)$`)
	control     = regexp.MustCompile(`(?i)^(?:git|hg|svn|bzr)\+`)
	commit      = regexp.MustCompile(`(?i)@(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
	urlHash     = regexp.MustCompile(`(?i)[#&](?:md5|sha1|sha224|sha256|sha384|sha512)=[0-9a-f]+`)
	egg         = regexp.MustCompile(`[#&]egg=([^&\[]+)`)
)

// namesOneVersion tells whether a requirement is the same thing at every build, and which project it names.
func namesOneVersion(s statement) (project string, pinned bool) {
	value, _ := withoutMarker(s.value)
	name, rest := "", value
	if match := projectName.FindStringSubmatchIndex(value); match != nil {
		name, rest = normal(value[match[2]:match[3]]), value[match[1]:]
	}
	_, isLocal := localPathOf(s)
	switch address, byAddress := strings.CutPrefix(rest, "@"); {
	case byAddress:
		return name, s.hashed || isLocal || fixedAddress(strings.TrimSpace(address))
	case isLocal, strings.HasPrefix(value, "/"):
		return "", true
	case scheme.MatchString(value):
		return eggOf(value), s.hashed || fixedAddress(value)
	}
	for clause := range strings.SplitSeq(strings.Trim(rest, "() "), ",") {
		pinned = pinned || oneVersion.MatchString(strings.TrimSpace(clause))
	}
	return name, name != "" && (pinned || s.hashed)
}

// withoutMarker cuts off the environment marker. An address may have a semicolon of its own.
func withoutMarker(value string) (bare, marker string) {
	separator := ";"
	if strings.Contains(value, "://") {
		separator = "; "
		value = strings.Replace(value, " ;", "; ", 1)
	}
	bare, marker, _ = strings.Cut(value, separator)
	return strings.TrimSpace(bare), strings.TrimSpace(marker)
}

// fixedAddress tells whether an address always gives the same: a commit, an archive with its hash, or a file of the image.
func fixedAddress(address string) bool {
	if strings.HasPrefix(address, "file:") {
		return true
	}
	if control.MatchString(address) {
		address, _, _ = strings.Cut(address, "#")
		return commit.MatchString(address)
	}
	return urlHash.MatchString(address)
}

func eggOf(address string) string {
	if match := egg.FindStringSubmatch(address); match != nil {
		return normal(match[1])
	}
	return ""
}

// normal is the form in which the names of a project are compared.
func normal(name string) string {
	return strings.ToLower(separators.ReplaceAllString(name, "-"))
}

var (
	userInfo = regexp.MustCompile(`(://)[^/\s]*@`)
	query    = regexp.MustCompile(`(://[^\s?#]*\?)[^\s#]*`)
)

// lineText is the text of a line that can be shown: without credentials of its addresses, on one line, and bounded.
func lineText(text string) string {
	text = userInfo.ReplaceAllStringFunc(text, func(found string) string {
		if found == "://git@" { // the user of every such server, and no secret
			return found
		}
		return "://***@"
	})
	return shortened(query.ReplaceAllString(text, "${1}***"))
}
